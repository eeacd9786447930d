import * as messages from "../../../../lib/session/submit/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const DIR = "results/study_2026-01-02T03-04-05_a2c4";
const STANDING = { total: 48, completed: 30, failed: 2, ended: 32, left: 16 };
const ROUND = {
  schema: "llem.round/1",
  round: 2,
  at: "2026-01-02T03:04:05.000Z",
  by_job: "13",
  agents: 4,
  ended_before: 12,
  jobs: ["14"],
  finish_job: "15",
} as const;

const SAMPLES: SampledMessages = samplesOf(messages, {
  damagedSubmission: [[`${DIR}/submission.json`]],
  growingStudyAlone: [[]],
  timeIsTooShort: [[120, 600, 690]],
  partitionIsShorter: [["short", 300, 3600]],
  notSubmitted: [[DIR]],
  queueIsAway: [[]],
  nothingLeft: [["s", { total: 48, completed: 48, failed: 0, ended: 48, left: 0 }], ["s", {
    total: 48,
    completed: 46,
    failed: 2,
    ended: 48,
    left: 0,
  }]],
  roundIsTaken: [[]],
  finished: [
    [DIR, { after: "complete", standing: { ...STANDING, completed: 48, failed: 0, left: 0 }, result: null }],
    [DIR, { after: "stopped", standing: STANDING, result: null }],
    [DIR, { after: "cancelled", standing: STANDING, result: null }],
    [DIR, { after: "not_begun", standing: null, result: null }],
    [DIR, { after: "no_progress", standing: STANDING, result: null }],
    [DIR, { after: "too_often", standing: STANDING, result: null }],
    [DIR, {
      after: "again",
      standing: STANDING,
      result: { kind: "submitted", round: ROUND, trouble: null, cancels_preempted: false },
    }],
    [DIR, {
      after: "again",
      standing: STANDING,
      result: { kind: "refused", text: "sbatch refuses the job: no" },
    }],
    [DIR, { after: "again", standing: STANDING, result: { kind: "taken" } }],
  ],
  requeued: [["12_3"]],
  requeueRefused: [["Requested operation is presently disabled"]],
  staysStopped: [[DIR]],
  goesOnAfterStop: [[]],
  keptOutOfQueue: [["nothing_left"], ["stopped"], ["no_progress"], ["too_often"]],
});
export default SAMPLES;
