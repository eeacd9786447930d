import * as messages from "../../../lib/report/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const COUNTS = { total: 6, completed: 6, failed: 0, interrupted: 0, pending: 0 };

const SAMPLES: SampledMessages = samplesOf(messages, {
  gapBegins: [["experiment", "machine", 60], ["cycle", "given", 300]],
  gapTitle: [["experiment"], ["cycle"]],
  runsPlanned: [
    ["threads", { left: 6, total: 6 }, "about 3 min (from an earlier study)", "results/threads_2026-01-02"],
    ["threads", { left: 2, total: 6 }, null, "results/threads_2026-01-02"],
  ],
  studyEnded: [
    [{ kind: "finished", reason: null }, COUNTS, 93],
    [
      { kind: "finished", reason: "study time limit" },
      { ...COUNTS, completed: 3, failed: 1, pending: 2 },
      93,
    ],
    [{ kind: "interrupted", reason: "SIGINT" }, { ...COUNTS, completed: 3, interrupted: 1, pending: 2 }, 93],
  ],
  resumeWith: [["results/threads_2026-01-02"]],
  joinWith: [["results/threads_2026-01-02"]],
  runStarted: [["n_threads=4 cycle 1"]],
  nextAttempt: [[2, 4.4]],
  runCompleted: [
    ["completed", 12.3, ["68.1 tok/s", "0.42 J/token +-3 % (resolved)"], " [contended]"],
    ["completed", 12.3, [], ""],
  ],
  runNotCompleted: [
    ["crashed", 2, " [leaked]", "The worker exited with code 3. It printed nothing.", true],
    ["crashed", 2, "", "The worker exited with code 3. It printed nothing.", false],
  ],
  tokenRate: [[68.1]],
  runEnergyText: [
    [{ joules: 0.42, per: "token", relative: 0.031 }, "resolved", ""],
    [{ joules: 420, per: "run", relative: null }, "marginal", "the window of 2 s is short"],
    [null, "unattributable", "another process used the board"],
  ],
  runWarning: [["[3/10]", "The library was unpacked for this run only"]],
  warningLine: [["manifest.json could not be written"]],
  studyState: [
    ["threads", "completed", COUNTS],
    ["threads", "running (pid 4711)", { ...COUNTS, completed: 2, failed: 1, interrupted: 1, pending: 2 }],
  ],
  runningAs: [[4711, null], [4711, "node7"]],
  anotherMachine: [[]],
  stoppedUnexpectedly: [["results/threads_2026-01-02"]],
  runningNow: [
    ["run 3 n_threads=4 cycle 1", 65, null],
    ["run 3 n_threads=4 cycle 1", null, null],
    ["run 3 n_threads=4 cycle 1", 65, "GPU 3"],
  ],
  runOfStatus: [[3, "n_threads=4", 1]],
  failureOfStatus: [
    ["crashed", "run 3 n_threads=4 cycle 1", "The worker exited with code 3"],
    ["crashed", "run 3 n_threads=4 cycle 1", null],
  ],
  failuresExplained: [["results/study_x"]],
  moreFailures: [[10]],
  failedRunHead: [
    ["[3/6] n_threads=4", { kind: "crashed", attempt: 1, seconds: 2, flags: [], message: "exit code 3" }],
    ["[3/6] n_threads=4", {
      kind: "lost",
      attempt: 2,
      seconds: null,
      flags: ["leaked"],
      message: "exit code 3",
    }],
  ],
  causeLine: [["The GPU's memory was full."]],
  remedyLine: [["Lower pytorch.batch_size."]],
  logHead: [["results/threads_2026-01-02/runs/0003_x/worker.log"], [null]],
  emptyLog: [[]],
  keyExplained: [
    ["llamacpp.n_threads", ["2 from study.yaml:7:7 (sweep)", "4 from study.yaml:7:10 (sweep)"], 0, null],
    ["pytorch.num_beams", ["1 (default)"], 8, "no run uses pytorch"],
  ],
  valueOrigin: [
    ["4", "study.yaml:7:10", { preset: null, block: "sweep", skipped: true }],
    ["0.7", "study.yaml:3:9", { preset: "sampling", block: null, skipped: false }],
    ["0", "/home/me/.config/llem.yaml:2:4", { preset: null, block: "user", skipped: false }],
    ["1", null, { preset: null, block: null, skipped: false }],
  ],
  planCounts: [[3, 5, 15, 0], [1, 1, 1, 2]],
  planShared: [
    [["backend llamacpp", "model tiny-random"], "shuffled", 42, "0123456789abcdef"],
    [[], "sequential", null, "0123456789abcdef"],
  ],
  moreRuns: [[50]],
  pointsSkipped: [[1], [9]],
  skippedPoints: [
    [1, "pytorch, fp16", "fp16 needs a GPU"],
    [8, "pytorch, fp16; pytorch, bf16; ...", "load_in_4bit needs a GPU"],
  ],
  moreReasons: [[4950]],
  timeFromEarlier: [[180, 1], [180, 3]],
  timeAtLeast: [[240, ["measured windows", "gaps"]]],
  timeUnknown: [[]],
  timeLimit: [[3600, "runs"], [3600, "runs and retries"], [3600, "study"]],
  planTime: [
    ["about 3 min (from an earlier study)", "at most 1h by the time limits of runs", "no gaps", false],
    ["about 3 min (from an earlier study)", "at most 1h by the time limits of runs", "no gaps", true],
  ],
  gapsPlanned: [[0, "given"], [300, "given"], [300, "machine"]],
  checksCounted: [
    [{ warning: 1, missing: 0, unavailable: 8, unsupported: 0, broken: 0 }],
    [{ warning: 0, missing: 2, unavailable: 8, unsupported: 1, broken: 1 }],
  ],
  downloadProgress: [
    [{ done_bytes: 1.2e9, total_bytes: 3.4e9 }, 45.3e6, 48],
    [{ done_bytes: 0, total_bytes: 3.4e9 }, 0, null],
    [{ done_bytes: 0, total_bytes: 0 }, null, null],
  ],
  studiesCanRun: [[]],
  studiesCanRunElsewhere: [[]],
  noStudiesCanRun: [[]],
  someStudiesCanRun: [[["llamacpp", "command"], ["pytorch"]]],
});

export default SAMPLES;
