import assert from "node:assert/strict";
import { LLEM_VERSION } from "../../lib/base/version.ts";
import { aboutOf } from "../../lib/results/about.ts";
import { compareByCycle } from "../../lib/results/comparison.ts";
import { HEADLINE_METRICS } from "../../lib/results/headline.ts";
import { companyOf } from "../../lib/results/run_company.ts";
import { type RunSummary, summarise, type Summary } from "../../lib/results/summary.ts";
import { summaryCsv } from "../support/summary_csv.ts";
import { configOf } from "../support/plans.ts";
import { recordOf } from "../support/records.ts";

const experiments = [
  {
    config_hash: "aaaaaaaaaaaaaaaa",
    config: configOf({ params: { batch: 1, text: 'a "b", c' } }),
    n_runs: 3,
  },
  { config_hash: "bbbbbbbbbbbbbbbb", config: configOf({ params: { batch: 2, text: "plain" } }), n_runs: 3 },
];
const study = { name: "s", study_design_hash: "0123456789abcdef", n_cycles: 3, experiments };

function run(which: 0 | 1, cycle: number, change: Partial<RunSummary> = {}): RunSummary {
  const config_hash = experiments[which]?.config_hash ?? "";
  return { config_hash, cycle, status: "completed", duration_s: 1, metrics: {}, energy: null, ...change };
}

Deno.test("summarise() gives one row per experiment, in plan order, whose counts add up to its cycles", () => {
  const summary = summarise(study, [
    run(1, 1),
    run(0, 1, { status: "failed" }),
    run(1, 2, { status: "interrupted" }),
    run(1, 3),
  ]);
  assert.equal(summary.schema, "llem.summary/1");
  assert.equal(summary.llem_version, LLEM_VERSION);
  assert.deepEqual(
    summary.rows.map(({ config_hash, completed, failed, interrupted, pending }) => ({
      config_hash,
      counts: [completed, failed, interrupted, pending],
    })),
    [
      { config_hash: "aaaaaaaaaaaaaaaa", counts: [0, 1, 0, 2] },
      { config_hash: "bbbbbbbbbbbbbbbb", counts: [2, 0, 1, 0] },
    ],
  );
  assert.deepEqual(summary.rows[0]?.varied, { "params.batch": 1, "params.text": 'a "b", c' });
  assert.deepEqual([summary.rows[0]?.model, summary.rows[0]?.backend], ["none", "command"]);
});

Deno.test("summarise() tells whether several engines were given the same tokens", () => {
  const engines = (["pytorch", "vllm"] as const).map((backend, index) => ({
    config_hash: experiments[index]?.config_hash ?? "",
    config: configOf({ backend, model: "m", dataset: { n: 2, input_len: 4, output_len: 4 }, params: null }),
    n_runs: 1,
  }));
  const inputs = (first: string | null, second: string | null, made = engines) =>
    summarise({ ...study, experiments: made }, [
      run(0, 1, first === null ? {} : { input_hash: first }),
      run(1, 1, second === null ? {} : { input_hash: second }),
    ]).inputs;
  assert.equal(inputs("a", "a"), "same");
  assert.equal(inputs("a", "b"), "different");
  assert.equal(inputs("a", null), undefined);
  const [one, other] = engines;
  if (one === undefined || other === undefined) throw new Error("two engines");
  assert.equal(inputs("a", "b", [one, { ...other, config: { ...other.config, n: 3 } }]), undefined);
  assert.equal(inputs("a", "b", [one, { ...one, config_hash: other.config_hash }]), undefined);
});

Deno.test("summarise() takes metrics from completed runs only, each over the runs that gave it", () => {
  const metrics = (value: number | null): RunSummary["metrics"] => ({ ttft_ms: value, own: value });
  const { rows: [row] } = summarise(study, [
    run(0, 1, { metrics: metrics(1) }),
    run(0, 2, { metrics: { ttft_ms: 3 } }),
    run(0, 3, { status: "failed", metrics: metrics(1000) }),
  ]);
  assert.equal(row?.metrics["ttft_ms"]?.mean, 2);
  assert.equal(row?.metrics["ttft_ms"]?.n, 2);
  assert.equal(row?.metrics["own"]?.n, 1);
  assert.equal(row?.metrics["energy_j"], null);
});

Deno.test("summarise() gives every headline metric, null where no run has it", () => {
  const { rows } = summarise(study, []);
  for (const row of rows) {
    assert.deepEqual(Object.keys(row.metrics), [...HEADLINE_METRICS]);
    assert.ok(Object.values(row.metrics).every((value) => value === null));
    assert.equal(row.pending, 3);
  }
});

/** A plain reader of RFC 4180. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted?.replaceAll('""', '"') ?? plain ?? "");
    if (end === ",") continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

Deno.test("summaryCsv() writes one line per experiment with every metric, quoted where needed", () => {
  const summary = summarise(study, [
    run(0, 1, { metrics: { ttft_ms: 1, 'own,"x"': 7.5, requests: 4 } }),
    run(0, 2, { metrics: { ttft_ms: 3, requests: 4 } }),
  ]);
  const text = summaryCsv(summary);
  assert.ok(text.endsWith("\r\n"));
  const [head = [], first = [], second = [], ...rest] = parseCsv(text);
  assert.deepEqual(rest, []);
  assert.deepEqual(head.slice(0, 9), [
    "config_hash",
    "model",
    "backend",
    "params.batch",
    "params.text",
    "completed",
    "failed",
    "interrupted",
    "pending",
  ]);
  for (const row of [first, second]) assert.equal(row.length, head.length);
  const at = (row: readonly string[], name: string): string | undefined => row[head.indexOf(name)];
  assert.equal(at(first, "params.text"), 'a "b", c');
  assert.equal(at(first, "ttft_ms"), "2");
  assert.equal(at(first, "ttft_ms_std"), "1.414214");
  assert.equal(at(first, "ttft_ms_median"), "2");
  assert.ok(Number(at(first, "ttft_ms_low95")) < 1 && Number(at(first, "ttft_ms_high95")) > 3);
  assert.equal(at(first, 'own,"x"'), "7.5");
  // A count that is the same in all runs has no spread to show.
  assert.deepEqual(head.filter((name) => name.startsWith("requests")), ["requests"]);
  // One value has no deviation, no value is no zero.
  assert.equal(at(first, 'own,"x"_std'), "");
  assert.equal(at(second, "ttft_ms"), "");
  assert.equal(at(second, 'own,"x"'), "");
  assert.deepEqual(second.slice(0, 9), [
    "bbbbbbbbbbbbbbbb",
    "none",
    "command",
    "2",
    "plain",
    "0",
    "0",
    "0",
    "3",
  ]);
});

Deno.test("summaryCsv() gives no two columns one name, whatever a worker calls its metrics", () => {
  const metrics = {
    config_hash: 4,
    "params.batch": 55,
    completed: 99,
    output_tokens_per_s_std: 5,
    score: 3.5,
    score_std: 77,
    "metrics.score_std": 78,
    energy_verdict: 3,
    contended: 6,
    harmless: 1,
  };
  const [head = [], first = []] = parseCsv(summaryCsv(summarise(study, [run(0, 1, { metrics })])));
  assert.deepEqual(head.filter((name, index) => head.indexOf(name) !== index), []);
  const cellOf = (name: string): string | undefined => first[head.indexOf(name)];
  assert.deepEqual(["config_hash", "params.batch", "completed", "energy_verdict"].map(cellOf), [
    "aaaaaaaaaaaaaaaa",
    "1",
    "1",
    "",
  ]);
  assert.deepEqual(["metrics.config_hash", "metrics.completed", "score", "harmless"].map(cellOf), [
    "4",
    "99",
    "3.5",
    "1",
  ]);
  assert.deepEqual(["metrics.score_std", "metrics.metrics.score_std"].map(cellOf), ["77", "78"]);
});

Deno.test("summaryCsv() does not repeat model and backend where they vary", () => {
  const two = [
    { config_hash: "a", config: configOf({ model: "one" }), n_runs: 3 },
    { config_hash: "b", config: configOf({ model: "two\nlines" }), n_runs: 3 },
  ];
  const summary: Summary = summarise({ ...study, experiments: two }, []);
  const [head = [], , second = []] = parseCsv(summaryCsv(summary));
  assert.equal(head.filter((name) => name === "model").length, 1);
  assert.equal(second[1], "two\nlines");
});

Deno.test("summarise() counts verdicts and joins the error of the meter with the spread of repeats", () => {
  const energy = (
    headline_j: number | null,
    verdict: "resolved" | "unattributable",
  ): RunSummary["energy"] => ({
    headline_j,
    uncertainty_j: headline_j === null ? null : 30,
    j_per_output_token: headline_j === null ? null : headline_j / 100,
    method: "nvml_counter",
    verdict,
    verdict_reasons: [],
  });
  const summary = summarise(study, [
    run(0, 1, { energy: energy(1000, "resolved"), metrics: { energy_j: 1000, j_per_output_token: 10 } }),
    run(0, 2, { energy: energy(1010, "resolved"), metrics: { energy_j: 1010, j_per_output_token: 10.1 } }),
    run(0, 3, { energy: energy(null, "unattributable") }),
  ]);
  const [row] = summary.rows;
  const found = row?.energy;
  assert.deepEqual(found?.verdicts, { resolved: 2, marginal: 0, unattributable: 1 });
  assert.equal(found?.verdict, "unattributable");
  assert.deepEqual(found?.methods, ["nvml_counter"]);
  const joules = found?.energy_j;
  assert.deepEqual([joules?.mean, joules?.n], [1005, 2]);
  assert.ok(Math.abs((joules?.budget ?? NaN) - 30) < 1e-9);
  // What is random in a run is in the spread of repeats already: the wider of both counts.
  assert.ok((joules?.repeat ?? 0) > 30);
  assert.equal(joules?.combined, joules?.repeat);
  assert.ok(Math.abs((joules?.relative ?? NaN) - (joules?.combined ?? NaN) / 1005) < 1e-12);
  const [head = [], first = [], second = []] = parseCsv(summaryCsv(summary));
  const at = (line: readonly string[], name: string): string | undefined => line[head.indexOf(name)];
  assert.deepEqual(
    ["energy_j", "energy_verdict", "energy_method"].map((name) => at(first, name)),
    ["1005", "unattributable", "nvml_counter"],
  );
  assert.equal(at(second, "energy_verdict"), "");
  assert.equal(summary.rows[1]?.energy, null);
});

Deno.test("summary.csv has the interval of energy, and of what is made of it, with the error that all runs share", () => {
  const joules = (headline_j: number): Partial<RunSummary> => ({
    energy: {
      headline_j,
      uncertainty_j: 0.04 * headline_j,
      random_uncertainty_j: 0,
      common_uncertainty_j: 0.04 * headline_j,
      j_per_output_token: headline_j / 100,
      method: "nvml_counter",
      verdict: "resolved",
      verdict_reasons: [],
    },
    metrics: {
      energy_j: headline_j,
      j_per_output_token: headline_j / 100,
      avg_power_w: headline_j / 10,
      own: headline_j,
    },
  });
  const values = [1000, 1010, 1005];
  const summary = summarise(study, values.map((value, index) => run(0, index + 1, joules(value))));
  const [head = [], line = []] = parseCsv(summaryCsv(summary));
  // Repeats: exp(+-t(.975, 2) s / sqrt 3), s of logarithms .00497517; in quadrature with 4 %.
  const width = (name: string): number =>
    Math.log(Number(line[head.indexOf(`${name}_high95`)]) / Number(line[head.indexOf(`${name}_low95`)])) / 2;
  for (const name of ["energy_j", "j_per_output_token", "avg_power_w"]) {
    assert.ok(Math.abs(width(name) - 0.0418658) < 2e-6, `${name}: ${width(name)}`);
  }
  assert.ok(Math.abs(width("own") - 0.0123590) < 2e-6, String(width("own")));
});

Deno.test("summarise() keeps a bounded number of a study's own metrics, the first ones", () => {
  const names = (run: number): Record<string, number> =>
    Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`m${run}_${index}`, index]));
  const configs = Array.from({ length: 8 }, (_, index) => configOf({ n: index + 1 }));
  const experiments = configs.map((config) => ({ config_hash: JSON.stringify(config.n), config, n_runs: 1 }));
  const runs = experiments.map(({ config_hash }, index) => ({
    config_hash,
    cycle: 1,
    status: "completed" as const,
    duration_s: 1,
    metrics: names(index),
    energy: null,
  }));
  const { rows } = summarise({ name: null, study_design_hash: "x", n_cycles: 1, experiments }, runs);
  const own = rows.map(({ metrics }) => Object.keys(metrics).filter((name) => name.startsWith("m")).length);
  assert.deepEqual(own, [100, 100, 100, 100, 100, 0, 0, 0]);
});

Deno.test("summarise() counts what all windows of a board share beside the spread of repeats", () => {
  const energy = (headline_j: number): RunSummary["energy"] => ({
    headline_j,
    uncertainty_j: 50,
    random_uncertainty_j: 30,
    common_uncertainty_j: 40,
    j_per_output_token: null,
    method: "nvml_counter",
    verdict: "resolved",
    verdict_reasons: [],
  });
  const joules = (...values: number[]) =>
    summarise(study, values.map((value, index) => run(0, index + 1, { energy: energy(value) }))).rows[0]
      ?.energy?.energy_j;
  const scattered = joules(1000, 1100, 1040);
  const onLogs = (share: number | null | undefined): number =>
    Math.log1p((share ?? NaN) / 1046.6666666666667);
  const quadrature = Math.hypot(onLogs(scattered?.repeat), scattered?.common_relative ?? NaN);
  assert.ok(Math.abs(onLogs(scattered?.combined) - quadrature) < 1e-12);
  assert.ok(Math.abs((scattered?.common_relative ?? NaN) - 40 / 1046) < 1e-4);
  // Runs that agree better than one of them is known: what is random in a run stands, of as many, and is not counted twice.
  const agreeing = joules(1000, 1001, 1000);
  assert.ok(Math.abs((agreeing?.combined ?? NaN) - Math.hypot(30 / Math.sqrt(3), 40)) < 1);
  assert.equal(joules(1000)?.combined, 50);
});

Deno.test("summarise() gives each metric's values by cycle, the difference to the first row, and the best", () => {
  const speeds = (which: 0 | 1, values: readonly number[]): RunSummary[] =>
    values.map((value, index) => run(which, index + 1, { metrics: { output_tokens_per_s: value } }));
  const { rows: [first, second] } = summarise(study, [
    ...speeds(1, [110, 121, 132]).toReversed(),
    ...speeds(0, [100, 110, 120]),
  ]);
  assert.deepEqual(second?.cycles, [1, 2, 3]);
  assert.deepEqual(second?.values, { output_tokens_per_s: [110, 121, 132] });
  assert.deepEqual([first?.vs_first, first?.best, second?.best, first?.ties_best], [{}, false, true, false]);
  const ratio = second?.vs_first["output_tokens_per_s"];
  // The cycles scatter by 20 per cent, the ratio within a cycle by nothing.
  assert.ok(Math.abs((ratio?.ratio ?? NaN) - 1.1) < 1e-9 && (ratio?.low95 ?? NaN) > 1.099);
  assert.deepEqual([ratio?.n, ratio?.verdict], [3, "resolved"]);
  const missing = summarise(study, [
    ...speeds(0, [100, 110, 120]),
    run(1, 2, { metrics: { output_tokens_per_s: 110 } }),
    run(1, 3, { status: "failed" }),
  ]).rows[1];
  assert.deepEqual(missing?.vs_first["output_tokens_per_s"], {
    ratio: 1,
    low95: null,
    high95: null,
    n: 1,
    verdict: "too_few",
  });
});

Deno.test("aboutOf() names a build alike, whichever spelling its record has", () => {
  const engineOf = (llama_cpp: string): string => {
    const worker = { backend: "llamacpp", versions: { llama_cpp }, devices: [], pid: 7 };
    return aboutOf(recordOf({ worker })).engine;
  };
  assert.equal(engineOf("0.5.0-dev"), engineOf("v0.5.0"));
  assert.notEqual(engineOf("0.5.1-dev"), engineOf("v0.5.0"));
});

Deno.test("summarise() has a best row only where two rows or more have a speed", () => {
  const speed = (which: 0 | 1, value: number): RunSummary[] =>
    [1, 2, 3].map((cycle) => run(which, cycle, { metrics: { output_tokens_per_s: value } }));
  const bestOf = (...runs: RunSummary[]): boolean[][] =>
    summarise(study, runs).rows.map(({ best, ties_best }) => [best, ties_best]);
  assert.deepEqual(bestOf(...speed(0, 5)), [[false, false], [false, false]]);
  assert.deepEqual(bestOf(...speed(0, 5), ...speed(1, 6)), [[false, false], [true, false]]);
  // Equal rates are resolved as equal, and none of the two is better.
  assert.deepEqual(bestOf(...speed(0, 5), ...speed(1, 5)), [[true, false], [false, true]]);
});

Deno.test("compareByCycle() tells settings that differ from those that may not", () => {
  const of = (values: readonly number[]) => ({ cycles: values.map((_, index) => index + 1), values });
  const cases = [
    [[100, 104, 97, 101], [101, 106, 103, 99], "undecided"],
    [[0.2310, 0.2302, 0.2335, 0.2318, 0.2327], [0.2231, 0.2240, 0.2262, 0.2229, 0.2258], "resolved"],
    [[100, 20, 90], [50, 90, 70], "too_noisy"],
    [[100, 90, 110], [1, 0.3, 2], "resolved"],
    [[100, 90], [50, 45], "too_few"],
    [[100, 90, 110], [100, 90, 110], "resolved"],
    [[100, 90], [100, 90], "too_few"],
  ] as const;
  for (const [base, other, verdict] of cases) {
    assert.equal(compareByCycle(of(base), of(other))?.verdict, verdict, String(other));
  }
  assert.equal(compareByCycle(of([1, 0]), of([1, 2])), null);
  assert.equal(compareByCycle(of([1]), { cycles: [2], values: [5] }), null);
  for (const n of [1, 2]) {
    assert.equal(compareByCycle(of(Array(n).fill(1e-200)), of(Array(n).fill(1e200))), null);
  }
});

Deno.test("summarise() names the run that lies apart, and what else is known of it, and counts it", () => {
  const marks = { attempt: 2, flags: ["contended"], warnings: ["gpu_busy"] };
  const { rows: [row] } = summarise(
    study,
    [100, 101, 20, 99].map((value, index) =>
      run(0, index + 1, {
        metrics: { output_tokens_per_s: value },
        ...value === 20 ? { marks } : {},
      })
    ),
  );
  assert.deepEqual(row?.outliers, [{ metric: "output_tokens_per_s", cycle: 3, value: 20 }]);
  assert.deepEqual(row?.marks, [{ cycle: 3, ...marks }]);
  assert.deepEqual([row?.contended, row?.metrics["output_tokens_per_s"]?.n], [1, 4]);
});

Deno.test("summarise() takes less than 2 % for noise, and looks for outliers in a worker's own metrics too", () => {
  const outliersOf = (metric: string, ...values: number[]): (readonly [string, number])[] | undefined =>
    summarise(study, values.map((value, index) => run(0, index + 1, { metrics: { [metric]: value } })))
      .rows[0]?.outliers.map(({ metric, cycle }) => [metric, cycle] as const);
  const rate = "output_tokens_per_s";
  assert.deepEqual(outliersOf(rate, 100, 100, 100, 100.001), []);
  assert.deepEqual(outliersOf(rate, 100, 100.1, 100, 101.9), []);
  assert.deepEqual(outliersOf(rate, 100, 100.1, 100, 102.1), [[rate, 4]]);
  assert.deepEqual(outliersOf("score", 97, 100.1, 100, 100), [["score", 1]]);
});

Deno.test("summarise() and its CSV tell how runs shared the machine, and nothing where they were made one at a time", () => {
  const parallel = { mode: "staged", slot: 2, devices: ["2"], beside: 7, measured_beside: 0 } as const;
  const summary = summarise(study, [
    run(0, 1, { parallel }),
    run(0, 2, { parallel: { ...parallel, slot: 10, beside: 3 } }),
    run(0, 3, { status: "failed", parallel }),
    run(1, 1),
  ]);
  assert.deepEqual(summary.rows.map((row) => row.parallel?.map(({ cycle, slot }) => [cycle, slot])), [
    [[1, 2], [2, 10]],
    undefined,
  ]);
  const [header = "", first = "", second = ""] = summaryCsv(summary).split("\r\n");
  assert.match(header, /,contended,parallel\.mode,slot,beside$/);
  assert.match(first, /,0,staged,2 10,7$/);
  assert.match(second, /,0,,,$/);
  assert.match(summaryCsv(summarise(study, [run(0, 1)])).split("\r\n")[0] ?? "", /,contended$/);
});

Deno.test("summarise() pairs the runs of a cycle that were made on the same boards, and no others", () => {
  const rate = (value: number): Pick<RunSummary, "metrics"> => ({ metrics: { output_tokens_per_s: value } });
  const on = (board: string): Pick<RunSummary, "parallel"> => ({
    parallel: { mode: "staged", slot: 0, devices: [board], beside: 1, measured_beside: 0 },
  });
  const noise = [1, 1.01, 0.99, 1.005];
  // Board B is 30 % faster; the second setting ran on A alone, as what has nothing beside it may.
  const runs = noise.flatMap((factor, index) => [
    run(0, index + 1, { ...rate((index < 3 ? 100 : 130) * factor), ...on(index < 3 ? "A" : "B") }),
    run(1, index + 1, { ...rate(102 * factor), ...on("A") }),
  ]);
  const found = summarise(study, runs).rows[1]?.vs_first["output_tokens_per_s"];
  assert.equal(found?.n, 3);
  assert.ok(Math.abs((found?.ratio ?? NaN) / 1.02 - 1) < 1e-9);
  const apart = runs.map((one) => one.config_hash === runs[0]?.config_hash ? { ...one, ...on("B") } : one);
  assert.equal(summarise(study, apart).rows[1]?.vs_first["output_tokens_per_s"], undefined);
});

Deno.test("aboutOf() and companyOf() tell how a run shared its machine", () => {
  const alone = recordOf();
  const neighbour = { run_id: "r", devices: ["1"], overlap_s: 3, measure_overlap_s: 0 };
  const beside = [neighbour, { ...neighbour, measure_overlap_s: 2 }];
  const parallel = { mode: "shared", slot: 1, cpus: null, numa: null, beside, other_boards_w: null } as const;
  const shared = { ...alone, run: { ...alone.run, parallel } };
  assert.deepEqual([aboutOf(alone).parallel, aboutOf(shared).parallel], [undefined, "shared"]);
  const { devices } = alone.run;
  assert.deepEqual(companyOf(shared), { mode: "shared", slot: 1, devices, beside: 2, measured_beside: 1 });
  assert.equal(companyOf(alone), null);
});
