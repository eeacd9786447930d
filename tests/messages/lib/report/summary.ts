import * as messages from "../../../../lib/report/summary/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const PLUS_MINUS = { plusMinus: "+-", dash: "-" };
const LOAD = { prompts: 8, input_tokens: 128, output_tokens: 64, concurrency: 4, batches: null };
const MEMORY = {
  weights_bytes: 538_060_416,
  kv_cache_bytes: 1_073_741_824,
  kv_cache_tokens: 23_296,
  activations_bytes: null,
  graphs_bytes: null,
  peak_of: "processes",
} as const;
const ALL_PARTS = { activations_bytes: 1_400_000_000, graphs_bytes: 510_000_000, peak_of: "gpus" } as const;

const SAMPLES: SampledMessages = samplesOf(messages, {
  ratioHeading: [["headline"], ["energy"]],
  runCounts: [
    [{ completed: 5, total: 5, failed: 0, contended: 0, client_limited: 0 }],
    [{ completed: 3, total: 5, failed: 2, contended: 1, client_limited: 2 }],
  ],
  ratioWithVerdict: [
    ["1.13x", " [1.04, 1.22]", { verdict: "resolved", n: 5 }],
    ["1.13x", " [0.96, 1.30]", { verdict: "undecided", n: 5 }],
    ["1.13x", " [0.20, 6.40]", { verdict: "too_noisy", n: 5 }],
    ["1.13x", "", { verdict: "too_few", n: 1 }],
    ["1.13x", "", { verdict: "too_few", n: 2 }],
  ],
  energyWithVerdict: [
    ["1.2 +-6.8 %", "marginal", { n: 3, total: 3 }],
    ["1.2 +-6.8 %", "marginal", { n: 2, total: 3 }],
    [null, "unattributable", { n: 0, total: 3 }],
  ],
  severalOf: [[3, "models"], [3, "llem versions"]],
  parallelText: [["staged"], ["shared"]],
  legendInterval: [[PLUS_MINUS]],
  legendPlainInterval: [[PLUS_MINUS]],
  legendEnergyInterval: [["J/token", PLUS_MINUS]],
  legendRange: [[PLUS_MINUS]],
  legendNoisy: [["~", PLUS_MINUS, "all"], ["~", PLUS_MINUS, "some"], ["~", PLUS_MINUS, "none"]],
  legendLatency: [[["TTFT", "TPOT", "ITL", "E2E"]], [["TTFT"]], [["ITL"]]],
  legendRates: [[]],
  legendRatio: [[true], [false]],
  legendStaticBatch: [[]],
  inputsNote: [["same"], ["different"]],
  memoryLine: [
    [{ of: null, memory: MEMORY, peak: { least: 2_600_000_000, most: 2_600_000_000 } }],
    [{ of: "backend=vllm", memory: { ...MEMORY, kv_cache_tokens: null }, peak: null }],
    [{ of: 4, memory: { ...MEMORY, ...ALL_PARTS }, peak: { least: 71_000_000_000, most: 72_400_000_000 } }],
  ],
  moreMemory: [[1], [3]],
  noItlNote: [["some chunks hold several tokens", false], ["some chunks hold several tokens", true]],
  noPhasesNote: [["steps had both in them", false], ["steps had both in them", true]],
  noEnergyNote: [["the server at gpu7.example runs on another machine"]],
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
    [{ ...LOAD, turns: 4, served: "closed 2", concurrency: null }],
    [{ prompts: null, input_tokens: null, output_tokens: null, concurrency: null, batches: null }],
  ],
  parametersText: [[7_615_616_512], [135_000_000], [512]],
});

export default SAMPLES;
