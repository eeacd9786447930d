import * as messages from "../../../lib/archive/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  cannotLookForStudies: [["results", "Permission denied (os error 13)"]],
  studyMissing: [["results/s"]],
  nothingHasRun: [["results/s"]],
  notAStudy: [["results/s"]],
  folderOfStudies: [["results", 3, "results/a b"], ["results", 1, "results/s"]],
});

export default SAMPLES;
