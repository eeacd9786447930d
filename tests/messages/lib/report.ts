import * as messages from "../../../lib/report/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const SIGNS = { plusMinus: "+-", dash: "-" };
const STUDY = "results/threads_2026-11-29T10-00-00_abcd";

const SAMPLES: SampledMessages = samplesOf(messages, {
  gapBegins: [["experiment", "machine", 60], ["cycle", "given", 5]],
  gapTitle: [["experiment"], ["cycle"]],
  runsPlanned: [
    ["threads", { left: 10, total: 10 }, "at least 10s (measured windows)", STUDY],
    ["threads", { left: 3, total: 10 }, null, STUDY],
  ],
  studyEnded: [
    [
      { kind: "finished", reason: null },
      { total: 4, completed: 3, failed: 1, interrupted: 0, pending: 0 },
      14.2,
    ],
    [
      { kind: "interrupted", reason: "stopped by SIGINT" },
      { total: 4, completed: 1, failed: 0, interrupted: 1, pending: 2 },
      12,
    ],
  ],
  resumeWith: [[STUDY]],
  timeFromEarlier: [[130, 1], [130, 2]],
  timeAtLeast: [[65, ["measured windows", "gaps"]]],
  timeUnknown: [[]],
  timeLimit: [[12000, "runs"], [3600, "study"]],
  planTime: [["at least 10s (measured windows)", "at most 1h 40m by the time limits of runs", "no gaps"]],
  gapsPlanned: [[0, "machine"], [780, "machine"], [20, "given"]],
  stillRunning: [["[2/6] batch=1 cycle 2", "measure", "380/384 tokens", 65, 190], [
    "[2/6] batch=1 cycle 2",
    null,
    null,
    5,
    null,
  ]],
  stillWaiting: [["gap before the next run", 40]],
  stopText: [["SIGINT", "first", true, 2], ["SIGINT", "again", true, 2], ["SIGINT", "first", false, 2]],
  drainText: [[true], [false]],
  meterHeadings: [[]],
  studiesCanRun: [[]],
  studiesCanRunElsewhere: [[]],
  noStudiesCanRun: [[]],
  someStudiesCanRun: [[["command"], ["llamacpp"]]],
  legendInterval: [[SIGNS]],
  legendRange: [[SIGNS]],
  legendNoisy: [["~", SIGNS]],
  legendLatency: [[["TTFT", "ITL"]], [["ITL"]], [["TTFT"]]],
  legendRates: [[]],
  legendRatio: [[]],
  legendStaticBatch: [[]],
  legendBest: [["*", "output tok/s", 0], ["*", "output tok/s", 2]],
  legendHidden: [[7]],
  outlierNote: [[
    "!",
    { cycle: 3, row: "n_threads=2", value: "76.1", head: "output tok/s", facts: ["contended"] },
  ]],
  retriedFact: [[2]],
  loadText: [
    [{ prompts: 4, input_tokens: 32, output_tokens: 32, concurrency: 4, batches: "static" }],
    [{ prompts: null, input_tokens: null, output_tokens: null, concurrency: null, batches: null }],
  ],
  parametersText: [[135_000_000]],
});

export default SAMPLES;
