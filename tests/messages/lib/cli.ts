import * as messages from "../../../lib/cli/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const STUDY = "results/threads_2026-11-29T10-00-00_abcd";

const SAMPLES: SampledMessages = samplesOf(messages, {
  emptyPath: [[]],
  newestIsTaken: [[STUDY, "results", 1], [STUDY, "results", 4]],
  noStudies: [["results", "llem show"]],
  studyList: [["results", [STUDY], "llem show"], ["results", [STUDY, "results/my study"], "llem show"]],
  tableNeedsOneStudy: [[]],
  missingResult: [[3, `${STUDY}/runs/0003_x/result.json`]],
  rerunMissing: [[STUDY, 1]],
  noFailedRun: [[STUDY]],
  resumeAfterSaveError: [[STUDY]],
});

export default SAMPLES;
