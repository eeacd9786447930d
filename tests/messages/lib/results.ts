import * as messages from "../../../lib/results/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  serverFactsDiffer: [["/v1/models", "data[0].max_model_len", "4096", "8192"]],
  moreFactsDiffer: [[12]],
  auditBegins: [
    ["batch=8", { arm: "alone", beside: 0, done: 0, total: 24 }],
    ["batch=8", { arm: "beside", beside: 7, done: 1, total: 24 }],
    ["batch=8", { arm: "beside", beside: 1, done: 2, total: 24 }],
  ],
  auditResult: [
    [{ answer: "within_tolerance", numbers: 8 }, 0.01],
    [
      { answer: "differs", worst: { metric: "j_per_output_token", difference: 0.0312, ci: [0.025, 0.0371] } },
      0.01,
    ],
    [{ answer: "not_resolvable", widest: 0.0231 }, 0.01],
    [{ answer: "not_resolvable", widest: null }, 0.01],
  ],
});

export default SAMPLES;
