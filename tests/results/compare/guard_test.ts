import assert from "node:assert/strict";
import { REFUSING } from "../../../lib/results/circumstances.ts";
import { compareStudies, USUAL_OPTIONS } from "../../../lib/results/compare/compare.ts";
import type { CompareOptions, StudyComparison } from "../../../lib/results/compare/study_comparison.ts";
import { compareExitCode } from "../../../lib/cli/commands/compare/exit_code.ts";
import { JOULES_A, JOULES_B, near } from "../../statistics/worked.ts";
import { type RowDraft, tableOf } from "../../support/tables.ts";

function options(change: Partial<CompareOptions> = {}): CompareOptions {
  return { ...USUAL_OPTIONS, ...change };
}

/** Two studies of one row by joules a token; what is given is the second one's. */
function against(
  base: Partial<RowDraft>,
  other: Partial<RowDraft>,
  asked: Partial<CompareOptions> = {},
): StudyComparison {
  const study = (
    dir: string,
    values: readonly number[],
    row: Partial<RowDraft>,
  ): ReturnType<typeof tableOf> =>
    tableOf({ A: { values: { j_per_output_token: values }, ...row } }, { dir });
  return compareStudies([study("base", JOULES_A, base), study("new", JOULES_B, other)], options(asked));
}

const exit = (found: StudyComparison, gate = true): number => compareExitCode(found, { gate, strict: false });

Deno.test("what nobody declared and changes the meaning of a number refuses a comparison, by name, unless it is allowed", () => {
  const all = ["driver", "power limit", "engine", "model content", "GPU", "device", "prompts"];
  assert.deepEqual([...REFUSING].sort(), [...all, "input_hash"].sort(), "what --allow takes");
  for (const what of all) {
    const sides = [{ circumstances: { [what]: "one" } }, { circumstances: { [what]: "two" } }] as const;
    const refused = against(...sides);
    assert.deepEqual(refused.differences.undeclared, [{ what, base: "one", other: "two", refuses: true }]);
    assert.deepEqual(
      refused.rows.map(({ verdict, ratio }) => [verdict, ratio]),
      [["not_comparable", null]],
      what,
    );
    assert.deepEqual(refused.rows[0]?.reasons.slice(0, 1), [`${what} differs: one against two`]);
    assert.equal(exit(refused, false), 3, what);
    const allowed = against(...sides, { allow: [what.replace(" ", "_").toUpperCase()] });
    // Other boards have other sensors, so that less is known.
    assert.equal(allowed.rows[0]?.verdict, what === "GPU" ? "undecided" : "better", what);
    assert.equal(exit(allowed), 0);
  }
});

Deno.test("other circumstances are told and refuse nothing; what only one side tells is no difference", () => {
  const found = against({ circumstances: { kernel: "6.1", driver: "550" } }, {
    circumstances: { kernel: "6.8" },
  });
  assert.deepEqual(found.differences.undeclared, [{
    what: "kernel",
    base: "6.1",
    other: "6.8",
    refuses: false,
  }]);
  assert.equal(found.rows[0]?.verdict, "better");
});

Deno.test("another CPU refuses where no GPU computed, and is told where one did", () => {
  const cpu = against({ circumstances: { CPU: "EPYC" } }, { circumstances: { CPU: "Xeon" } });
  assert.equal(cpu.rows[0]?.verdict, "not_comparable");
  const gpu = against(
    { circumstances: { CPU: "EPYC", GPU: "GPU-1" } },
    { circumstances: { CPU: "Xeon", GPU: "GPU-1" } },
  );
  assert.equal(gpu.rows[0]?.verdict, "better");
});

Deno.test("other input tokens refuse, unless a setting asks for other prompts", () => {
  const found = against({ input_hash: "one" }, { input_hash: "two" });
  assert.equal(found.rows[0]?.verdict, "not_comparable");
  assert.equal(found.inputs_equal, false);
  const table = tableOf({
    short: { config: { n: 4 }, values: { score: [1, 2, 3] }, input_hash: "one" },
    long: { config: { n: 8 }, values: { score: [1, 2.1, 3] }, input_hash: "two" },
  });
  assert.deepEqual(compareStudies([table], options()).differences.undeclared, []);
});

Deno.test("a setting that chooses the engine makes its versions declared", () => {
  const row = (backend: string, engine: string): RowDraft => ({
    config: backend === "command" ? {} : { backend, model: "org/m" },
    values: { output_tokens_per_s: [1, 2, 3] },
    circumstances: { engine },
  });
  const table = tableOf({ one: row("pytorch", "torch 2"), two: row("vllm", "vllm 1") });
  const found = compareStudies([table], options());
  assert.deepEqual(found.differences.undeclared, []);
  assert.ok(found.differences.declared.some(({ what }) => what === "backend"));
});

Deno.test("a driver that changed between two cycles, for all rows alike, is told and cancels in pairs", () => {
  const table = tableOf({ A: { values: { score: JOULES_A } }, B: { values: { score: JOULES_B } } });
  const changed = (drivers: (index: number) => string): ReturnType<typeof tableOf> => ({
    ...table,
    runs: table.runs.map((run) => ({ ...run, circumstances: { driver: drivers(run.index) } })),
  });
  const alike = compareStudies([changed((index) => index > 4 ? "560" : "550")], options());
  assert.equal(alike.rows[0]?.verdict, "different");
  assert.match(alike.notes.join(), /driver changed during the study \(550, then 560\)/);
  const apart = compareStudies([changed((index) => index > 5 ? "560" : "550")], options());
  assert.equal(apart.rows[0]?.verdict, "not_comparable");
});

Deno.test("greedy settings that give other outputs are said to; sampled ones are not", () => {
  const greedy = { decoder: { temperature: 0 } };
  const row = (n: number, output_hash: string, config: object): RowDraft => ({
    config: { params: { n }, ...config },
    values: { score: JOULES_A },
    output_hash,
  });
  const answers = (config: object, other: string): readonly (boolean | null)[] => {
    const found = compareStudies([tableOf({ a: row(1, "x", config), b: row(2, other, config) })], options());
    return [found.outputs_equal, found.rows[0]?.other_answers ?? null];
  };
  assert.deepEqual(answers(greedy, "y"), [false, true]);
  assert.deepEqual(answers(greedy, "x"), [true, false]);
  assert.deepEqual(answers({}, "y"), [false, false]);
});

Deno.test("on one board a common error cancels; across boards the gain of both sensors counts (GUM 5.2.2)", () => {
  const one = { GPU: "GPU-1" };
  const same = against(
    { energy: { headline_j: 1000, common_uncertainty_j: 20 }, circumstances: one },
    { energy: { headline_j: 950, common_uncertainty_j: 18 }, circumstances: one },
  );
  near(same.rows[0]?.common_error, Math.abs(10 / 1000 - 9 / 950), 1e-9);
  near(same.rows[0]?.common_error, 0.0005263158, 1e-7);
  const boards = [{ circumstances: one, energy: {} }, {
    circumstances: { GPU: "GPU-2" },
    energy: {},
  }] as const;
  assert.equal(against(...boards).rows[0]?.verdict, "not_comparable");
  const across = against(...boards, { across_boards: true });
  near(across.rows[0]?.common_error, 0.04082482905);
  assert.equal(across.rows[0]?.verdict, "undecided");
  assert.equal(across.rows[0]?.n_needed, null, "no repeats resolve less than the sensors");
  assert.match(across.rows[0]?.reasons.join() ?? "", /other boards/);
  const speed = { values: { output_tokens_per_s: JOULES_A } };
  const rates = against({ ...speed, ...boards[0] }, { ...speed, ...boards[1] }, { across_boards: true });
  assert.equal(rates.rows[0]?.common_error, null, "no energy has no gain");
});

Deno.test("a common error widens the interval by the degrees of Welch and Satterthwaite", () => {
  const row = (values: readonly number[], common_uncertainty_j: number): RowDraft => ({
    values: { j_per_output_token: values },
    energy: { common_uncertainty_j },
    circumstances: { GPU: "GPU-1" },
  });
  const table = tableOf({ A: row(JOULES_A, 0), B: row(JOULES_B, 6) });
  const found = compareStudies([table], options()).rows[0];
  near(found?.common_error, 0.003, 1e-12);
  near(found?.degrees, 40.32, 1e-3);
  near(Math.log((found?.ci95?.[1] ?? 0) / (found?.ratio ?? 1)), 0.00732393, 1e-6);
});

Deno.test("the energy of a comparison is worth what the worse of both is", () => {
  const bad = against({}, { energy: { verdict: "unattributable" } });
  assert.deepEqual([bad.rows[0]?.ratio, bad.rows[0]?.verdict], [null, "not_comparable"]);
  const doubtful = against({ energy: { verdict: "marginal" } }, { energy: {} });
  assert.match(doubtful.rows[0]?.reasons.join() ?? "", /marginal/);
  assert.equal(doubtful.rows[0]?.verdict, "better");
});

Deno.test("a percentile of too few requests is a lower bound and has no verdict; by default the median stands for it", () => {
  const row = (requests: number): RowDraft => ({
    values: {
      ttft_ms: JOULES_A,
      ttft_p99_ms: JOULES_A,
      requests_per_s: Array(5).fill(requests),
      window_s: Array(5).fill(1),
    },
  });
  const of = (requests: number, metrics: CompareOptions["metrics"] = []): StudyComparison["rows"] =>
    compareStudies([tableOf({ A: row(requests), B: row(requests) })], options({ metrics })).rows;
  assert.deepEqual(of(368).map(({ metric, margin }) => [metric, margin]), [["ttft_p99_ms", 0.05]]);
  assert.deepEqual(of(367).map(({ metric }) => metric), ["ttft_ms"]);
  // A worker without measured windows tells no number of requests.
  const untold: RowDraft = { values: { ttft_ms: JOULES_A, ttft_p99_ms: JOULES_A } };
  const byDefault = compareStudies([tableOf({ A: untold, B: untold })], options());
  assert.deepEqual(byDefault.rows.map(({ metric }) => metric), ["ttft_ms"]);
  const [bound] = of(367, [{ name: "ttft_p99_ms", better: null }]);
  assert.deepEqual([bound?.lower_bound, bound?.verdict, bound?.ratio], [true, "not_comparable", null]);
  assert.match(bound?.reasons.join() ?? "", /368 or more/);
});

Deno.test("more boards are what a setting asks for, and the gain of the one that both used cancels in part", () => {
  const row = (tensor_parallel: number, GPU: string): RowDraft => ({
    config: { params: { tensor_parallel } },
    values: { j_per_output_token: JOULES_A },
    circumstances: { GPU },
    energy: {},
  });
  const found = compareStudies([tableOf({ one: row(1, "GPU-1"), two: row(2, "GPU-1, GPU-2") })], options());
  assert.deepEqual(found.differences.undeclared.map(({ what, refuses }) => [what, refuses]), [[
    "GPU",
    false,
  ]]);
  near(found.rows[0]?.common_error, 0.05 / Math.sqrt(3) / Math.sqrt(2), 1e-12);
});

Deno.test("equal identities have no declared difference, whatever an earlier version left out of its configuration", () => {
  const [base, other] = [
    tableOf({ A: { values: { score: JOULES_A } } }),
    tableOf({ A: { values: { score: JOULES_B } } }),
  ];
  const [only] = base.experiments;
  assert.ok(only !== undefined);
  const { dataset_order: _, ...config } = only.config;
  const old = { ...base, experiments: [{ ...only, config: config as typeof only.config }] };
  assert.deepEqual(compareStudies([old, other], options()).differences.declared, []);
});

Deno.test("what a server does to the independence of runs is told", () => {
  const row = (openai: object): RowDraft => ({
    config: { backend: "openai", model: "m", openai } as never,
    values: { output_tokens_per_s: JOULES_A },
  });
  const notes = (openai: object): string =>
    compareStudies([
      tableOf({ a: row({ ...openai, concurrency: 1 }), b: row({ ...openai, concurrency: 4 }) }),
    ], options()).notes.join(" ");
  assert.match(notes({ base_url: "http://127.0.0.1:1/v1" }), /The server was already running/);
  const server = { argv: ["serve", "{port}"], lifetime: "group" };
  assert.match(notes({ server }), /Runs of one cycle share a server/);
});
