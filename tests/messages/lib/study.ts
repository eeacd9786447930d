import * as messages from "../../../lib/study/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  countsDiffer: [[{ own: "4", n: "2", place: "-n" }]],
  datasetHasOwnCount: [[]],
  writeCount: [[20]],
  sweepReplaced: [["llamacpp.n_threads"]],
  listIsSwept: [[3]],
});

export default SAMPLES;
