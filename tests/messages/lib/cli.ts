import * as messages from "../../../lib/cli/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  newestIsTaken: [["results/s", "results", 3], ["results/s", "results", 1]],
  noStudies: [["results", "llem show", true], ["results", "llem compare", false]],
  studyList: [["results", ["results/b", "results/a b"], "llem show"]],
  folderNotStudy: [["results\n  llem compare results/b\n"]],
  namedTwice: [["results/a", "results/b/../a"]],
  tableNeedsOneStudy: [[]],
  noFailedRun: [["results/s"]],
  resumeAfterSaveError: [["results/s"]],
  defectFound: [["TypeError: x is not a function", "/tmp/llem-defect.txt"], [
    "TypeError: x is not a function",
    null,
  ]],
  readerBehind: [[67_108_864]],
  stdoutFailed: [["No space left on device (os error 28)"]],
  outputIsFolder: [["results", "report.html"]],
  pageNeedsFile: [[]],
  pageWritten: [["results/x_2026/report.html", 40_123], ["report.html", 1_234_567]],
  reportNotWritten: [["results/s", "Permission denied (os error 13)"]],
  stdoutFailedInStudy: [["No space left on device (os error 28)", "results/s"]],
  variableNotUtf8: [["LC_NAME"]],
  workingFolderUnusable: [["No such file or directory (os error 2)"]],
  invalidStudy: [[1], [3]],
  moreErrors: [[1], [20]],
  moreWarnings: [[1], [20]],
  downloadingNow: [["owner/name: 1.2 of 4.8 GB"]],
  noMeter: [["no GPU, and RAPL is not readable"]],
  meterWarning: [["GPU 1 does not answer", "Run: nvidia-smi"], ["GPU 1 does not answer", null]],
  meterEnded: [[]],
  noSuchProgram: [["sleeep"]],
  newestToResume: [["results/s"]],
});

export default SAMPLES;
