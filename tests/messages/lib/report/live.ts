import * as messages from "../../../../lib/report/live/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  boardsLabel: [[[3]], [[3, 0, 1, 2]], [[0, 2]], [[]]],
  boardWaits: [["cooling", 41.5]],
  attemptWaits: [["[12/48] batch=8", 2, 4]],
  moreBoards: [[9, { busy: 6, out: 1 }], [8, { busy: 0, out: 0 }]],
  poolLine: [[{ done: 12, total: 48, running: 5 }, " ETA 41m 00s"], [{ done: 0, total: 48, running: 8 }, ""]],
  poolBeat: [
    [
      { done: 12, total: 48 },
      { measured: 1, waiting: 2, other: 2, boards: 8, idle: 2, out: 1 },
      2460,
      "about",
    ],
    [
      { done: 0, total: 48 },
      { measured: 0, waiting: 0, other: 1, boards: 8, idle: 0, out: 0 },
      null,
      "about",
    ],
  ],
  stillRunning: [
    ["[2/6] n_threads=4", "measure", "3/8 requests 1.5 requests/s", 63, 240],
    ["[2/6] n_threads=4", "measure", null, 63, 240, "up to"],
    ["[2/6] n_threads=4", null, null, 63, null],
  ],
  stillWaiting: [["gap before the next run", 42]],
  runningNowInFull: [[
    "[2/6] n_threads=4 measure 63s",
    3,
    "results/threads_2026-01-02/runs/0002_x/worker.log",
  ]],
  nothingRunning: [[]],
  stopText: [
    ["SIGINT", "first", 1, 30],
    ["SIGINT", "again", 1, 30],
    ["SIGINT", "first", 8, 30],
    ["SIGINT", "again", 8, 30],
    ["SIGTERM", "first", 0, 30],
  ],
  drainText: [[1], [8], [0]],
});

export default SAMPLES;
