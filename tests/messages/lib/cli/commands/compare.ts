import * as messages from "../../../../../lib/cli/commands/compare/messages.ts";
import { type SampledMessages, samplesOf } from "../../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  notAMetric: [["score:up"]],
  notAMargin: [["2"]],
  notAConfidence: [["0.95"]],
  notAnExclusion: [["0003_m_llamacpp_01234567_c1"]],
  marginsNotRead: [["margins.yaml", "it is a folder"]],
  marginsAreNoMapping: [[]],
  oneStudyOnly: [["--by"]],
  severalStudiesOnly: [["--match"]],
  nothingToAllow: [["weather", ["GPU", "driver"]]],
});
export default SAMPLES;
