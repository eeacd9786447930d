import * as messages from "../../../lib/cli/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  emptyPath: [[]],
  newestIsTaken: [["results/s", "results", 3], ["results/s", "results", 1]],
  noStudies: [["results", "llem show"]],
  studyList: [["results", ["results/b", "results/a b"], "llem show"]],
  tableNeedsOneStudy: [[]],
  missingResult: [[4, "results/s/runs/0004_m/result.json"]],
  rerunMissing: [["results/a b", 1], ["results/s", 2]],
  noFailedRun: [["results/s"]],
  resumeAfterSaveError: [["results/s"]],
});

export default SAMPLES;
