import * as messages from "../../../lib/archive/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  cannotLookForStudies: [["results", "permission denied"]],
  studyMissing: [["results/x"]],
  nothingHasRun: [["results/x"]],
  notAStudy: [["results/x"]],
  folderOfStudies: [["results", 1, "results/x_abcd"], ["results", 4, "results/x_abcd"]],
});

export default SAMPLES;
