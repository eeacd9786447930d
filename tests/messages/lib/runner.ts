import * as messages from "../../../lib/runner/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  workerSurvivedKill: [[]],
  workerKilledBy: [
    ["SIGSEGV", { has_result: false, oom: null }],
    ["SIGSEGV", { has_result: true, oom: null }],
    ["SIGKILL", { has_result: false, oom: "worker" }],
  ],
  workerExitedWith: [
    [3, { has_result: false, oom: null }],
    [1, { has_result: false, oom: "child" }],
  ],
  noResultFrame: [[]],
  runStopped: [["SIGINT"]],
  runLostDevice: [["GPU-5a0c cannot be opened any more: the GPU is lost"]],
  runPaused: [[3.04]],
  runTimedOut: [["total", 7200], ["startup", 600], ["silence", 900], ["study", 28_800]],
  stoppedBySignal: [["SIGTERM"]],
  stoppedAfterCurrentRun: [[]],
  deviceLost: [["GPU-5a0c cannot be opened any more: the GPU is lost"]],
  studyTimedOut: [[28_800]],
  devicesQuarantined: [[]],
  tooManyFailures: [[2, 2], [1, 1]],
  givingUp: [[{ group: "pytorch gpt2", after: 3, way: "crashed (SIGSEGV)", left: 9 }]],
  runsSkipped: [[9, 3], [1, 3]],
  runDiscarded: [[4, 10]],
  spawnRefused: [[1], [3]],
  cageNotMade: [["cgroup", "no space left on device"], ["pidns", "operation not permitted"]],
  logNotWritten: [["no space left on device"]],
  processesSurvived: [[[71]], [[71, 72]]],
  processesUnclaimed: [[[71]], [[71, 72]]],
  closedByForce: [
    [{ kind: "stop", signal: "SIGINT" }],
    [{ kind: "device_lost", text: "GPU-5a0c cannot be opened any more: the GPU is lost" }],
    [{ kind: "limit", close_s: 30 }],
  ],
  serverGone: [[]],
  phaseMarksIgnored: [[1], [2]],
  requestsLeftOut: [[1], [1200]],
  moreWarnings: [[1], [50]],
  frameCutOff: [[]],
  frameUnknown: [["telemetry"]],
  secondResult: [[]],
  frameTooLarge: [[99_999_999, 64]],
  frameTooComplex: [[70_000, "is nested deeper than the limit of 64 levels"]],
  fieldOfFrame: [["metrics.loss", "result", "NaN"], ["devices", "hello", null]],
  fieldsClipped: [[["devices of a hello frame"], 0]],
  fieldsNotNumbers: [[["metrics.loss of a result frame (NaN)"], 3]],
  timeOfOtherClock: [[1_764_460_800_000_000_000n, 1_764_000_000_000]],
});

export default SAMPLES;
