import * as messages from "../../../lib/cli/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  newestIsTaken: [["results/s", "results", 3], ["results/s", "results", 1]],
  noStudies: [["results", "llem show"]],
  studyList: [["results", ["results/b", "results/a b"], "llem show"]],
  tableNeedsOneStudy: [[]],
  missingResult: [[4, "results/s/runs/0004_m/result.json"]],
  rerunMissing: [["results/a b", 1], ["results/s", 2]],
  noFailedRun: [["results/s"]],
  resumeAfterSaveError: [["results/s"]],
  defectFound: [["TypeError: x is not a function", "/tmp/llem-defect.txt"], [
    "TypeError: x is not a function",
    null,
  ]],
  readerBehind: [[67_108_864]],
  stdoutFailed: [["No space left on device (os error 28)"]],
  reportNotWritten: [["results/s", "Permission denied (os error 13)"]],
  stdoutFailedInStudy: [["No space left on device (os error 28)", "results/s"]],
  variableNotUtf8: [["LC_NAME"]],
  workingFolderUnusable: [["No such file or directory (os error 2)"]],
  invalidStudy: [[1], [3]],
  moreErrors: [[1], [20]],
  moreWarnings: [[1], [20]],
  moreMissingResults: [[2]],
  downloadingNow: [["owner/name: 1.2 of 4.8 GB"]],
  noMeter: [["no GPU, and RAPL is not readable"]],
  meterWarning: [["GPU 1 does not answer", "Run: nvidia-smi"], ["GPU 1 does not answer", null]],
  meterEnded: [[]],
  noSuchProgram: [["sleeep"]],
  newestToResume: [["results/s"]],
});

export default SAMPLES;
