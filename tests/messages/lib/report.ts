import * as messages from "../../../lib/report/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const PLUS_MINUS = { plusMinus: "+-", dash: "-" };
const COUNTS = { total: 6, completed: 6, failed: 0, interrupted: 0, pending: 0 };
const LOAD = { prompts: 8, input_tokens: 128, output_tokens: 64, concurrency: 4, batches: null };

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
  timeFromEarlier: [[180, 1], [180, 3]],
  timeAtLeast: [[240, ["windows 3 min", "gaps 1 min"]]],
  timeUnknown: [[]],
  timeLimit: [[3600, "runs"], [3600, "runs and retries"], [3600, "study"]],
  planTime: [["about 3 min (from an earlier study)", "at most 1h by the time limits of runs", "no gaps"]],
  gapsPlanned: [[0, "given"], [300, "given"], [300, "machine"]],
  stillRunning: [
    ["[2/6] n_threads=4", "measure", "3/8 requests 1.5 requests/s", 63, 240],
    ["[2/6] n_threads=4", null, null, 63, null],
  ],
  stillWaiting: [["gap before the next run", 42]],
  stopText: [
    ["SIGINT", "first", true, 30],
    ["SIGINT", "again", true, 30],
    ["SIGTERM", "first", false, 30],
  ],
  drainText: [[true], [false]],
  meterHeadings: [[]],
  legendInterval: [[PLUS_MINUS]],
  legendRange: [[PLUS_MINUS]],
  legendNoisy: [["~", PLUS_MINUS]],
  legendLatency: [[["TTFT", "TPOT", "ITL", "E2E"]], [["TTFT"]], [["ITL"]]],
  legendRates: [[]],
  legendRatio: [[]],
  legendStaticBatch: [[]],
  legendBest: [["*", "output tok/s", 0], ["*", "output tok/s", 1], ["*", "output tok/s", 2]],
  legendHidden: [[1], [4]],
  outlierNote: [
    ["!", {
      cycle: 3,
      row: "n_threads=4",
      value: "61.2",
      head: "output tok/s",
      facts: ["attempt 2", "contended"],
    }],
    ["!", { cycle: 3, row: "", value: "61.2", head: "output tok/s", facts: [] }],
  ],
  retriedFact: [[2]],
  loadText: [
    [LOAD],
    [{ ...LOAD, batches: "static" }],
    [{ ...LOAD, concurrency: 1 }],
    [{ ...LOAD, input_tokens: null, concurrency: null }],
    [{ prompts: null, input_tokens: null, output_tokens: null, concurrency: null, batches: null }],
  ],
  parametersText: [[7_615_616_512], [135_000_000], [512]],
  studiesCanRun: [[]],
  studiesCanRunElsewhere: [[]],
  noStudiesCanRun: [[]],
  someStudiesCanRun: [[["llamacpp", "command"], ["pytorch"]]],
});

export default SAMPLES;
