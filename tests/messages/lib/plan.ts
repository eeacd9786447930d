import * as messages from "../../../lib/plan/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  sweptCountsDiffer: [[{ n: 3, own: 5 }]],
  shortWindow: [
    [{ short: 1, all: 1 }, { kind: "tokens", count: 64 }],
    [{ short: 2, all: 6 }, { kind: "time", seconds: 3 }],
  ],
  shortWindowHint: [[]],
  rampSearched: [["openai.load.rate"]],
  searchEndsBadly: [[{ at: "openai.load.concurrency", message: "is 1, but openai.concurrency is 64" }]],
  tooManyRuns: [
    [{ experiments: 4, cycles: 1_000_000, most: 1_000_000, setting: "n_cycles" }],
    [{ experiments: 1, cycles: 1e9, most: 1_000_000, setting: "max_cycles" }],
  ],
  nothingToRun: [
    [1, ["n must be a whole number >= 1, found 0"]],
    [4, ["n must be a whole number >= 1, found 0", "n must be a whole number >= 1, found -1"]],
  ],
  mostPointsSkipped: [[{ skipped: 3, all: 4, reason: "n must be a whole number >= 1, found 0" }]],
  shardOfMore: [[4, 3], [2, 1]],
  shardOfSearch: [["search"], ["execution.until"]],
  equalExperiments: [[1, 3], [2, 3]],
  cyclesChanged: [[3, 5]],
  repeatsChanged: [["n_cycles"], ["until"]],
  experimentAdded: [["0123456789abcdef", '{"model":"m","n":3}']],
  experimentChanged: [["0123456789abcdef", "fedcba9876543210", ["n was 3, is 5", 'model was "a", is "b"']]],
  experimentRemoved: [["0123456789abcdef", '{"model":"m","n":3}']],
  settingChanged: [["n", "3", "5"]],
  andMore: [[4]],
  settingKept: [["execution.retries", "0", "2"]],
  secretKept: [["command.env.API_KEY"]],
  countedReasons: [[[["lost", 1], ["interrupted", 2], ["retry", 1], ["failed", 3], ["pending", 4]]]],
});

export default SAMPLES;
