import * as messages from "../../../lib/archive/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const OWNER = { pid: "12", host: "node7", since: "2026-01-01T00:00:00Z" };

const SAMPLES: SampledMessages = samplesOf(messages, {
  cannotLookForStudies: [["results", "Permission denied (os error 13)"], [
    "results",
    "Permission denied (os error 13)",
    false,
  ]],
  folderMissing: [["results"]],
  notAFolder: [["study.yaml"]],
  studyMissing: [["results/s"]],
  notBegun: [["results/s"]],
  nothingHasRun: [["results/s"]],
  notAStudy: [["results/s"]],
  folderOfStudies: [["results", 3, "results/a b"], ["results", 1, "results/s"]],
  cannotRead: [["results/s/journal.jsonl", "Permission denied (os error 13)"]],
  notPermitted: [["results/s/plan.json", "Permission denied (os error 13)"]],
  planOfOtherVersion: [["results/s/plan.json", "llem.plan/2", "1.4.0"]],
  planDamaged: [["results/s/plan.json"]],
  fileNotStudy: [["study.yaml"]],
  requestsLeftOut: [[]],
  requestsGone: [[]],
  requestsUnreadable: [[null], ["Permission denied (os error 13)"]],
  summaryNotWritten: [["No space left on device (os error 28)"]],
  runsFolderInvalid: [["results/s/runs", true], ["results/s/runs", false]],
  unknownOwner: [[]],
  lockOwner: [[{ ...OWNER, study_dir: null }], [{ ...OWNER, study_dir: "results/s" }]],
  studyBusy: [["results/s", "process 12 on node7 since 2026-01-01T00:00:00Z"]],
  deviceBusy: [["0", "process 12 on node7 since 2026-01-01T00:00:00Z for results/s"]],
  folderBusy: [["results"]],
  deviceQuarantined: [["0", { pid: 12, run_id: "0003_m", study_dir: "results/s" }]],
  lockRefused: [[
    "results/s/lock",
    "permission denied (EACCES)",
    "Resume as the user who started the study.",
  ]],
  continuingUnlocked: [["results/s/lock", "its file system (nfs) does not support flock (ENOLCK)"]],
  noFlock: [["nfs", "ENOLCK"], [null, "ENOSYS"]],
  otherLockError: [[75]],
  lockRemedyText: [
    ["create_folder", "devices"],
    ["remove", "devices"],
    ["permission", "devices"],
    ["permission", "resumed_study"],
    ["space", "devices"],
    ["space", "new_study"],
    ["space", "resumed_study"],
    ["read_only", "new_study"],
    ["no_flock", "new_study"],
    ["no_flock", "resumed_study"],
    ["other", "devices"],
  ],
  tooFewBytes: [["3.0 MiB", 1, "4.0 MiB"], ["3.0 MiB", 3, "4.1 MiB"]],
  tooFewFiles: [[12, 3, 31]],
  mebibytes: [[4_194_304]],
});

export default SAMPLES;
