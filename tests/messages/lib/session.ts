import * as messages from "../../../lib/session/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const STUDY = "results/threads_2026-11-29T10-00-00_abcd";

const SAMPLES: SampledMessages = samplesOf(messages, {
  nothingLeft: [
    [STUDY, []],
    [STUDY, [{ index: 3, outcome: "timed_out", message: "longer than 600 s" }]],
  ],
  assumedSettings: [
    [{
      backend: { name: "llamacpp", model: "x.gguf" },
      synthetic: true,
      n: 8,
      input_len: 128,
      output_len: 64,
    }],
    [{ backend: null, synthetic: false, n: null, input_len: null, output_len: null }],
  ],
  refusedByRun: [["the model x.gguf does not exist"]],
  warnOfLoad: [["other processes use 1.6 of 2 CPUs"]],
});

export default SAMPLES;
