import assert from "node:assert/strict";
import { signsOf } from "../../lib/report/summary/signs.ts";
import { summaryTable } from "../../lib/report/summary/summary_table.ts";
import type { MemoryUse } from "../../lib/results/memory_use.ts";
import { type RunSummary, summarise, type Summary } from "../../lib/results/summary.ts";
import type { ExperimentConfig } from "../../lib/experiment/config.ts";
import { summaryCsv } from "../support/summary_csv.ts";
import { configOf } from "../support/plans.ts";

function summaryOf(configs: readonly ExperimentConfig[], runs: readonly Partial<RunSummary>[]): Summary {
  const experiments = configs.map((config, index) => ({ config_hash: String(index), config, n_runs: 3 }));
  const whole = runs.map((run): RunSummary => ({
    config_hash: "0",
    cycle: 1,
    status: "completed",
    duration_s: 1,
    metrics: {},
    energy: null,
    ...run,
  }));
  return summarise({ name: null, study_design_hash: "x", n_cycles: 3, experiments }, whole);
}

Deno.test("summaryTable() shows what varies, the runs and each known metric with its interval", () => {
  const configs = [configOf({ params: { batch: 1 } }), configOf({ params: { batch: 20 } })];
  const table = summaryTable(summaryOf(configs, [
    { metrics: { output_tokens_per_s: 100, ttft_ms: 5 } },
    { cycle: 2, metrics: { output_tokens_per_s: 110 } },
    { cycle: 3, status: "failed" },
    { config_hash: "1", metrics: { output_tokens_per_s: 1234.5678 } },
  ]));
  assert.equal(
    table,
    [
      "   batch            runs  output tok/s         vs first  TTFT p50 ms",
      "       1  2/3 (1 failed)       100-110                1            5",
      "*     20             1/3          1235  12.3x (1 cycle)            -",
      "",
      "* best output tok/s, but the difference to 1 other row is not resolved",
      "a-b: smallest and largest value; two runs are too few for an interval",
      "vs first: ratio to the first row, paired by cycle",
      "TTFT: p50 and p99 over the requests of a run",
      "",
    ].join("\n"),
  );
});

Deno.test("summaryTable() names the models where they differ or nothing else does", () => {
  const row = summaryTable(summaryOf([configOf({ model: "gpt2" })], []));
  assert.equal(row, "model  runs\ngpt2    0/3\n");
  const two = summaryTable(summaryOf([configOf({ model: "a" }), configOf({ model: "b", n: 5 })], []));
  assert.equal(two, "model    n  runs\na      100   0/3\nb        5   0/3\n");
});

Deno.test("summaryTable() shows a worker's own numbers where there are no token metrics, six at most", () => {
  const metrics = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`own_${index}`, index]));
  const [head = ""] = summaryTable(summaryOf([configOf()], [{ metrics }])).split("\n");
  assert.equal(head, "runs  own_0  own_1  own_2  own_3  own_4  own_5");
  const tokens = { ...metrics, output_tokens_per_s: 5 };
  const [other = ""] = summaryTable(summaryOf([configOf()], [{ metrics: tokens }])).split("\n");
  assert.equal(other, "runs  output tok/s");
  const counted = { input_tokens: 30, own: 1 };
  const [mixed = ""] = summaryTable(summaryOf([configOf()], [{ metrics: counted }])).split("\n");
  assert.equal(mixed, "runs  own  input_tokens", "what is compared comes first, and is never hidden");
});

Deno.test("summaryTable() says once why runs that a server did have no energy", () => {
  const absence = {
    energy_reason: "the server is elsewhere",
    energy_reason_code: "server_elsewhere",
  } as const;
  const configs = [configOf({ params: { batch: 1 } }), configOf({ params: { batch: 2 } })];
  const summary = summaryOf(configs, [absence, { ...absence, cycle: 2 }, { ...absence, config_hash: "1" }]);
  assert.equal(summary.rows[1]?.energy_reason_code, "server_elsewhere");
  assert.equal(
    summaryTable(summary).split("\n").filter((line) => line === "no energy: the server is elsewhere").length,
    1,
  );
});

Deno.test("summaryTable() lets no control character through", () => {
  const configs = [
    configOf({ params: { "a\x1b": "x\x1b[31m" } }),
    configOf({ params: { "a\x1b": "y\n" }, model: "m\x07" }),
  ];
  const table = summaryTable(summaryOf(configs, [{ metrics: { "own\x1b[2J": 1 } }]));
  assert.doesNotMatch(table.replaceAll("\n", ""), /\p{Cc}/u);
  assert.equal(table.split("\n").length, 4);
});

Deno.test("a study under load has its loads as rows, goodput with the verdict, and failed requests", () => {
  const load = (concurrency: number) =>
    configOf({ model: "m", backend: "openai", openai: { base_url: "http://h/v1", concurrency } });
  const configs = [load(1), load(4)];
  const slo = { ttft_ms: 500, tpot_ms: 50, itl_ms: null, e2e_ms: null, share: 0.99 };
  const run = (hash: string, cycle: number, goodput: number, failed: number, met: boolean): RunSummary => ({
    config_hash: hash,
    cycle,
    status: "completed",
    duration_s: 1,
    metrics: { output_tokens_per_s: 100, ttft_ms: 5, goodput_per_s: goodput, failed_requests: failed },
    energy: null,
    slo: { met, certified: false },
  });
  const experiments = configs.map((config, index) => ({ config_hash: String(index), config, n_runs: 2 }));
  const runs = [
    run("0", 1, 2, 0, true),
    run("0", 2, 2, 0, true),
    run("1", 1, 3, 5, true),
    run("1", 2, 3, 2, false),
  ];
  const study = { name: null, study_design_hash: "x", n_cycles: 2, experiments };
  const table = summaryTable(
    summarise({ ...study, slo }, [...runs, { ...run("1", 3, 1, 0, true), other_slo: true }]),
  );
  assert.deepEqual(table.split("\n").slice(0, 3).map((line) => line.trimEnd()), [
    "   load      runs  output tok/s          vs first  goodput req/s  failed requests  TTFT p50 ms",
    "*  closed 1   2/2           100                 1          2 met                0            5",
    "   closed 4   3/2           100  1.00x (2 cycles)     3~ met 2/3                7            5",
  ]);
  assert.match(table, /met: TTFT <= 500 ms and TPOT <= 50 ms for 99 % of the requests, failed ones included/);
  assert.match(table, /1 run was judged by another slo/);
  assert.doesNotMatch(summaryTable(summarise(study, [])), /goodput|failed requests/);
  const idle = { energy: energy("resolved", 0.5), metrics: { output_tokens: 10, idle_share: 0.25 } };
  assert.match(
    summaryTable(summarise(study, [{ ...run("0", 1, 2, 0, true), ...idle }])),
    /J\/token {2}idle share\n.* 0\.5 [^\n]*resolved +0\.25\n[^]*idle share: what the loaded model/,
  );
  assert.match(
    summaryCsv(summarise({ ...study, slo }, runs)),
    /,contended,slo_met,slo_certified\r\n.*,2,0\r\n.*,1,0\r\n$/,
  );
});

type Verdict = "resolved" | "marginal" | "unattributable";

/** Joules of ten tokens, known to 3 %. */
function energy(verdict: Verdict, j: number | null): RunSummary["energy"] {
  return {
    headline_j: j === null ? null : j * 10,
    uncertainty_j: j === null ? null : j * 0.3,
    j_per_output_token: j,
    method: "nvml_counter",
    verdict,
    verdict_reasons: [],
  };
}

function metered(verdict: Verdict, j: number | null, cycle = 1): Partial<RunSummary> {
  return {
    cycle,
    energy: energy(verdict, j),
    metrics: {
      output_tokens: 10,
      output_tokens_per_s: 5,
      j_per_output_token: j,
      energy_j: j === null ? null : j * 10,
    },
  };
}

Deno.test("summaryTable() puts the worst verdict of the cycles beside joules", () => {
  const of = metered;
  const cell = (...runs: Partial<RunSummary>[]): string | undefined =>
    summaryTable(summaryOf([configOf()], runs)).split("\n")[1]?.split(/ {2,}/).at(-1);
  assert.equal(cell(of("resolved", 2)), "2 +-3 % resolved");
  assert.match(cell(of("resolved", 2), of("marginal", 2, 2)) ?? "", /^2 \+-3 % marginal$/);
  assert.equal(cell(of("unattributable", null)), "- unattributable");
  const tokenless = { energy: energy("resolved", 2), metrics: { score: 1, energy_j: 20 } };
  assert.match(summaryTable(summaryOf([configOf()], [tokenless])), /^runs {2}score +J\n/);
  assert.equal(cell(tokenless), "20 +-3 % resolved");
});

const speeds = (config_hash: string, values: readonly number[]): Partial<RunSummary>[] =>
  values.map((value, index) => ({ config_hash, cycle: index + 1, metrics: { output_tokens_per_s: value } }));
const three = [1, 2, 3].map((batch) => configOf({ params: { batch } }));
const utf8 = signsOf({ LANG: "en_GB.UTF-8" });

Deno.test("summaryTable() shows a factor, and where the interval is too wide the median and the range instead", () => {
  const summary = summaryOf(three, [
    ...speeds("0", [100, 102, 98, 100, 101]),
    ...speeds("1", [120, 123, 117, 121, 122]),
    ...speeds("2", [105, 88, 76, 19, 6.5]),
  ]);
  const lines = summaryTable(summary).split("\n");
  const rows = lines.slice(1, 4).map((line) => line.trim().replaceAll(/ {2,}/g, "  "));
  assert.deepEqual(rows, [
    "1  5/3  100 +-1.9 %  1",
    "*  2  5/3  121 +-2.4 %  1.20x [1.20, 1.21]",
    "3  5/3  76 (6.5-105)~  0.39x too noisy to compare",
  ]);
  const legend = lines.slice(4).join("\n");
  assert.match(legend, /^\* best output tok\/s, but the difference to 1 other row is not resolved$/m);
  assert.match(legend, /^~ too noisy to compare \(95 % interval wider than \+-30 %\): median/m);
  assert.doesNotMatch(legend, /a-b:/);
  const shown = summaryTable(summary, { signs: utf8 });
  assert.match(shown, /76 \(6\.5\u2013105\)~/);
  assert.match(shown, /121 \u00b12\.4 %/);
});

Deno.test("summaryTable() says above the rows what ran on what, and below them what is not obvious", () => {
  const about = {
    model: "smollm",
    weights: "Q8_0",
    parameters: 361_821_120,
    devices: ["CPU: AMD EPYC"],
    engine: "llamacpp (llama_cpp v0.5.0)",
    llem_version: "0.1.0",
    load: { prompts: 4, input_tokens: 64, output_tokens: 32, concurrency: 4, batches: "static" as const },
  };
  const runs = speeds("0", [10, 10, 10]).map((run) => ({
    ...run,
    metrics: { ...run.metrics, ttft_ms: 5, ttft_p99_ms: 9, itl_ms: 1 },
  }));
  const lines = summaryTable(summaryOf(three.slice(0, 1), runs.map((run) => ({ ...run, about })))).split(
    "\n",
  );
  assert.deepEqual(lines, [
    "smollm (Q8_0, 362M parameters); CPU: AMD EPYC; llamacpp (llama_cpp v0.5.0); llem 0.1.0",
    "load: 4 prompts; 64 input tokens, 32 output tokens; 4 at a time; static batches",
    "",
    "runs  output tok/s  TTFT p50 ms  TTFT p99 ms  ITL p50 ms",
    " 3/3            10            5            9           1",
    "",
    "TTFT: p50 and p99 over the requests of a run; ITL over the gaps between tokens",
    "static batches: the prompts of a batch start together, so TTFT includes the prefill of the whole batch",
    "",
  ]);
  // The Python worker and that of llama.cpp name the same CPU in their own ways.
  const other = { ...about, model: "other", devices: ["cpu: AMD EPYC"] };
  const two = [about, { ...other, load: { ...about.load, concurrency: 1 } }];
  const mixed = summaryTable(summaryOf(three, [
    ...two.map((each, index) => ({ config_hash: String(index), about: each })),
  ])).split("\n");
  assert.match(
    mixed[0] ?? "",
    /^smollm \(Q8_0, 362M parameters\) and other \(Q8_0, 362M parameters\); CPU: AMD EPYC; llamacpp/,
  );
  assert.equal(mixed[1], "load: 4 prompts; 64 input tokens, 32 output tokens");
});

Deno.test("summaryTable() leaves out what matters less where the terminal is narrow, and says so", () => {
  const metrics = {
    output_tokens_per_s: 10,
    ttft_ms: 5,
    ttft_p99_ms: 9,
    tpot_ms: 1,
    itl_ms: 1,
    itl_p99_ms: 2,
  };
  const summary = summaryOf(three.slice(0, 2), [{ metrics }, { config_hash: "1", metrics }]);
  const of = (width: number): string[] => summaryTable(summary, { width }).split("\n");
  const narrow = of(60);
  assert.match(narrow[0] ?? "", /batch +runs +output tok\/s +vs first +TTFT p50 ms$/);
  assert.ok(narrow.slice(0, 3).every((line) => line.length <= 60));
  assert.ok(narrow.includes("4 columns hidden: use a wider terminal or llem show --csv"));
  // The lines below the table fit as well, and say the same.
  assert.ok(narrow.every((line) => line.length <= 60), narrow.join("\n"));
  const text = narrow.slice(4).join(" ").replaceAll(/ +/g, " ");
  assert.ok(text.includes("* best output tok/s, but the difference to 1 other row is not resolved"), text);
  assert.match(of(10)[0] ?? "", /batch +runs +output tok\/s$/);
  assert.match(of(200)[0] ?? "", /ITL p99 ms$/);
});

Deno.test("summaryTable() marks the cell of an outlier and says what else is known of its run", () => {
  const runs = speeds("1", [100, 101, 20, 99]).map((run) => ({
    ...run,
    ...run.cycle === 3 ? { marks: { attempt: 2, flags: ["contended"], warnings: [] } } : {},
  }));
  const table = summaryTable(summaryOf(three.slice(0, 2), [...speeds("0", [50, 50, 50, 50]), ...runs]));
  assert.match(table, /^\*? +2 +4\/3 \(1 contended\) +99\.5 \(20-101\)~!/m);
  assert.match(
    table,
    /^! outlier: cycle 3 of batch=2, 20 output tok\/s \(attempt 2, contended\); included in all numbers$/m,
  );
});

Deno.test("summaryTable() counts the runs whose client was a limit", () => {
  const runs = speeds("1", [100, 101, 99]).map((run) => ({
    ...run,
    ...run.cycle === 3 ? { marks: { attempt: 1, flags: ["client_limited"], warnings: [] } } : {},
  }));
  assert.match(
    summaryTable(summaryOf(three.slice(0, 2), [...speeds("0", [50, 50, 50]), ...runs])),
    /3\/3 \(1 client-limited\)/,
  );
});

Deno.test("summaryTable() has the verdict of the runs whose joules it shows, and how many these are", () => {
  const energyOf = (...runs: Partial<RunSummary>[]): string | undefined =>
    summaryTable(summaryOf([configOf()], runs)).split("\n")[1]?.split(/ {2,}/).at(-1);
  const lost = metered("unattributable", null, 3);
  const two = [metered("resolved", 1.2), metered("marginal", 1.203, 2)];
  // Two runs that agree better than the meter measures: its uncertainty, not their range.
  assert.equal(energyOf(...two, lost), "1.2 +-3 % marginal (2 of 3 runs)");
  assert.equal(energyOf(metered("resolved", 1.2), lost), "1.2 +-3 % resolved (1 of 2 runs)");
  assert.equal(energyOf(...two), "1.2 +-3 % marginal");
  const unknown = two.map(({ energy, ...run }) => ({
    ...run,
    energy: energy === undefined || energy === null ? null : { ...energy, uncertainty_j: null },
  }));
  // By the spread of two runs alone.
  assert.equal(energyOf(...unknown), "1.2 +-1.6 % marginal");
});

/** The lines below the table. */
function legendOf(summary: Summary, width: number | null = null): string[] {
  return (summaryTable(summary, { width }).split("\n\n").at(-1) ?? "").trimEnd().split("\n");
}

Deno.test("summaryTable() explains the error of joules apart, and only what is in a cell", () => {
  const meter =
    "J/token +-: 95 % interval over the runs, with the error of the meter that all of them share; " +
    "of one run, the meter's uncertainty";
  const repeats = "+-: 95 % interval of the mean over the runs of a row, in per cent of the mean";
  const ratio = "vs first: ratio to the first row, paired by cycle";
  const one = [1, 2].map((cycle) => metered("resolved", 2, cycle));
  assert.deepEqual(legendOf(summaryOf(three.slice(0, 1), one)), [meter]);
  const scattered = [1, 2, 3].map((cycle) => {
    const run = metered("resolved", 2, cycle);
    return { ...run, metrics: { ...run.metrics, output_tokens_per_s: 5 + cycle / 20 } };
  });
  assert.deepEqual(legendOf(summaryOf(three.slice(0, 1), scattered)), [repeats, meter]);
  const rows = [...speeds("0", [5, 5.1, 5]), ...speeds("1", [6])];
  assert.ok(legendOf(summaryOf(three.slice(0, 2), rows)).includes(ratio));
  const more = [...speeds("0", [5, 5.1, 5]), ...speeds("1", [6, 6.2, 6])];
  assert.ok(legendOf(summaryOf(three.slice(0, 2), more)).includes(`${ratio}, with its 95 % interval`));
});

Deno.test("summaryTable() says where an interval is that of the arithmetic mean, as a run has no positive value", () => {
  const of = (...values: number[]): string[] =>
    legendOf(
      summaryOf([configOf()], values.map((drift, index) => ({ cycle: index + 1, metrics: { drift } }))),
    );
  const plain = "+- where a run has 0 or less: 95 % interval of the arithmetic mean, in per cent of it";
  assert.deepEqual(of(-10, -10.1, -9.9), [plain]);
  assert.ok(!of(10, 10.1, 9.9).includes(plain));
});

Deno.test("summaryTable() names a range only where one is shown", () => {
  const noisy = (range: string): string =>
    `~ too noisy to compare (95 % interval wider than +-30 %): median${range}`;
  const runs = (steady: number[]): Partial<RunSummary>[] =>
    [10, 20, 90].map((value, index) => ({
      cycle: index + 1,
      metrics: { output_tokens_per_s: steady[index] ?? value, ttft_ms: value },
    }));
  const of = (steady: number[]): string[] => legendOf(summaryOf(three.slice(0, 1), runs(steady)));
  assert.equal(of([10, 10, 10])[0], noisy(""));
  assert.equal(of([])[0], noisy(" (range where there is room)"));
  assert.equal(legendOf(summaryOf(three.slice(0, 1), speeds("0", [10, 20, 90])))[0], noisy(" (range)"));
  // Two runs, but of equal values.
  assert.deepEqual(legendOf(summaryOf(three.slice(0, 1), speeds("0", [10, 10]))), [
    "runs  output tok/s",
    " 2/3            10",
  ]);
});

Deno.test("summaryTable() shows equal values as equal", () => {
  const summary = summaryOf(three.slice(0, 2), [...speeds("0", [5, 6, 7]), ...speeds("1", [5, 6, 7])]);
  assert.match(summaryTable(summary), / 1\.00x$/m);
});

Deno.test("summaryTable() names the command that explains failed runs, on one line", () => {
  const study_dir = "results/a study";
  const of = (...runs: Partial<RunSummary>[]): string =>
    summaryTable(summaryOf([configOf()], runs), { width: 20, study_dir });
  const command = /^causes and log ends of failed runs: llem show 'results\/a study' --failed$/m;
  assert.match(of(...speeds("0", [5]), { cycle: 2, status: "failed" }), command);
  assert.match(of({ status: "failed" }), command);
  assert.doesNotMatch(of(...speeds("0", [5]), { cycle: 2, status: "interrupted" }), /--failed/);
});

const MEMORY: MemoryUse = {
  weights_bytes: 538_060_416,
  kv_cache_bytes: 1_073_741_824,
  kv_cache_tokens: 23_296,
  activations_bytes: null,
  graphs_bytes: null,
  peak_bytes: 2_600_000_000,
  peak_of: "processes",
};

function linesOf(runs: readonly Partial<RunSummary>[]): string[] {
  const configs = [1, 2, 3].map((batch) => configOf({ params: { batch } }));
  return summaryTable(summaryOf(configs, runs)).split("\n");
}

Deno.test("summaryTable() has a line of memory for rows whose parts are the same, with the highest peaks", () => {
  const lines = linesOf([
    { memory: MEMORY },
    { memory: { ...MEMORY, peak_bytes: 2_700_000_000 }, cycle: 2 },
    { config_hash: "1", memory: { ...MEMORY, peak_bytes: 2_600_000_000 } },
  ]).filter((line) => line.startsWith("memory"));
  assert.deepEqual(lines, [
    "memory: weights 538.1 MB, KV cache 1.1 GB (23296 tokens); peak of the processes 2.6 GB to 2.7 GB",
  ]);
  const other = { ...MEMORY, kv_cache_bytes: null, kv_cache_tokens: null, peak_of: "gpus" } as const;
  const differing = linesOf([{ memory: MEMORY }, { config_hash: "1", memory: other }, {
    config_hash: "2",
    memory: other,
  }]);
  assert.deepEqual(differing.filter((line) => line.startsWith("memory")), [
    "memory of batch=1: weights 538.1 MB, KV cache 1.1 GB (23296 tokens); peak of the processes 2.6 GB",
    "memory of 2 rows: weights 538.1 MB; peak of the GPUs 2.6 GB",
  ]);
  assert.ok(linesOf([{}]).every((line) => !line.startsWith("memory")));
});

Deno.test("summaryTable() says once why rows have no rates of prefill and decode", () => {
  const reason = "steps had prefill and decode in them";
  const lines = linesOf([1, 2].map((seqs) => ({
    config_hash: String(seqs),
    metrics: { ttft_ms: 5 },
    phases_reason: `${reason} (max_num_seqs ${seqs})`,
  })));
  assert.deepEqual(lines.filter((line) => line.includes(reason)), [
    `no prefill and decode rates: ${reason} (see metrics.phases_reason of result.json)`,
  ]);
  const some = linesOf([{ phases_reason: reason }, {
    config_hash: "1",
    metrics: { decode_tokens_per_s: 9 },
  }]);
  assert.ok(some.some((line) => line.startsWith(`rows without prefill and decode rates: ${reason}`)));
});

Deno.test("summaryTable() says why there is no ITL, or of which requests there is none", () => {
  const itl_reason = "some chunks hold several tokens";
  const none = linesOf([{ metrics: { ttft_ms: 5, itl_ms: null }, itl_reason }]);
  assert.ok(none.some((line) => line.startsWith("no ITL: some chunks hold several tokens")));
  assert.ok(!none.join("\n").includes("ITL p50"));
  const some = linesOf([{ metrics: { ttft_ms: 5, itl_ms: 2 }, itl_reason }]);
  assert.ok(some.some((line) => line.startsWith("ITL leaves out requests without times of single tokens: ")));
});
