import * as messages from "../../../../lib/engines/vllm/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  slowPrecision: [["bf16"]],
  shareOfMachine: [[0.9]],
  compilesOnCpu: [[]],
});

export default SAMPLES;
