import assert from "node:assert/strict";
import { compareStudies, USUAL_OPTIONS } from "../../../lib/results/compare/compare.ts";
import type { CompareOptions, StudyComparison } from "../../../lib/results/compare/study_comparison.ts";
import { JOULES_A, JOULES_B, JOULES_C, JOULES_D, near } from "../../statistics/worked.ts";
import { sized } from "../../support/sampled.ts";
import { tableOf } from "../../support/tables.ts";
import { Random } from "../../support/random.ts";

function options(change: Partial<CompareOptions> = {}): CompareOptions {
  return { ...USUAL_OPTIONS, metrics: [{ name: "score", better: "less" }], ...change };
}

function score(...rows: readonly (readonly (number | null)[])[]): ReturnType<typeof tableOf> {
  const names = ["A", "B", "C", "D"];
  return tableOf(
    Object.fromEntries(rows.map((values, index) => [names[index] ?? "", { values: { score: values } }])),
  );
}

function only({ rows: [row, ...others] }: StudyComparison): StudyComparison["rows"][number] {
  assert.ok(row !== undefined && others.length === 0);
  return row;
}

function nearAll(found: readonly number[] | null, expected: readonly number[]): void {
  assert.equal(found?.length, expected.length);
  expected.forEach((value, index) => near(found?.[index], value));
}

// The worked numbers are those of scipy 1.17.1.

Deno.test("compareStudies() pairs the cycles of one study: E1", () => {
  const row = only(compareStudies([score(JOULES_A, JOULES_B)], options()));
  near(row.ratio, 0.9679034531);
  nearAll(row.ci95, [0.9624521124, 0.9733856703]);
  nearAll(row.ci90, [0.9637149897, 0.9721101203]);
  near(row.p, 8.841306e-5, 1e-6);
  assert.deepEqual([row.verdict, row.n, row.variance], ["better", [5, 5], "own"]);
});

Deno.test("E1 within a margin of 5 % is the same, and significant: both are told", () => {
  const row = only(compareStudies([score(JOULES_A, JOULES_B)], options({ margins: { score: 0.05 } })));
  assert.deepEqual([row.verdict, row.significant, row.equivalent], ["same", true, true]);
});

Deno.test("a row is the same from the margin on within which its 90 % interval lies, and not before: E1", () => {
  const verdict = (margin: number): string =>
    only(compareStudies([score(JOULES_A, JOULES_B)], options({ margins: { score: margin } }))).verdict;
  const limit = 1 / 0.9637149897 - 1;
  assert.deepEqual([verdict(limit - 1e-6), verdict(limit + 1e-6)], ["small", "same"]);
});

Deno.test("compareStudies() takes two studies by Welch: E1", () => {
  const base = tableOf({ A: { values: { score: JOULES_A } } }, { dir: "base" });
  const other = tableOf({ A: { values: { score: JOULES_B } } }, { dir: "new" });
  const found = compareStudies([base, other], options());
  const row = only(found);
  near(row.ratio, 0.9679034531);
  nearAll(row.ci95, [0.9590693356, 0.9768189429]);
  near(row.degrees, 7.7494005593, 1e-9);
  near(row.p, 4.203465e-5, 1e-6);
  assert.deepEqual([found.design, found.baseline.study_dir, row.study_dir], ["unpaired", "base", "new"]);
});

Deno.test("drift that both rows share does not hide a difference, and is told: E2", () => {
  const found = compareStudies(
    [score([100, 103, 106, 109, 112], [98.2, 100.7, 104.1, 106.6, 110.0])],
    options(),
  );
  const row = only(found);
  near(row.ratio, 0.9803717616);
  nearAll(row.ci95, [0.9774825058, 0.9832695574]);
  assert.ok((found.order?.p ?? 1) < 0.01);
  assert.match(found.notes.join(), /drifts .* interleaved: each setting comes a slot after/);
});

Deno.test("the rows of a study share one variance: E3", () => {
  const found = compareStudies([score(JOULES_A, JOULES_B, JOULES_C, JOULES_D)], options());
  assert.deepEqual(found.pooled_df, { score: 12 });
  const [b, , d] = found.rows;
  nearAll(b?.ci95 ?? null, [0.9625867484, 0.9732495238]);
  near(d?.ratio, 0.9955970023);
  nearAll(d?.ci95 ?? null, [0.9901281766, 1.0010960342]);
  near(d?.p, 0.1064245433, 1e-8);
  assert.deepEqual(found.rows.map(({ verdict, variance }) => [verdict, variance]), [
    ["better", "pooled"],
    ["better", "pooled"],
    ["same", "pooled"],
  ]);
});

Deno.test("a row that lacks a cycle has the variance of its own pairs, and of the cycles that both have", () => {
  const found = compareStudies(
    [score(JOULES_A, JOULES_B, JOULES_C, [...JOULES_D.slice(0, 4), null])],
    options(),
  );
  const d = found.rows[2];
  assert.deepEqual([d?.n, d?.variance, d?.degrees], [[4, 4], "own", 3]);
  assert.deepEqual(found.pooled_df, { score: 8 });
});

Deno.test("what is undecided is told with the cycles that would decide it: E4", () => {
  const found = compareStudies([score([100, 104, 97, 101], [101, 106, 103, 99])], options());
  const row = only(found);
  near(row.ratio, 1.0174036767);
  nearAll(row.ci95, [0.9653095346, 1.0723091446]);
  assert.equal(row.verdict, "undecided");
  assert.ok((row.n_needed ?? 0) > 4, String(row.n_needed));
  // Two rows of 10 s each are a cycle.
  assert.equal(row.needed_s, 20 * ((row.n_needed ?? 0) - 4));
});

Deno.test("the runs that would decide have a chance of 80 % to, by the design and the strictest level of all rows", () => {
  const needed = (...tables: Parameters<typeof compareStudies>[0]): (number | null)[] =>
    compareStudies(tables, options()).rows.map(({ n_needed }) => n_needed);
  const [a, b, c] = [[100, 104, 97, 101], [101, 106, 103, 99], [99, 106, 98, 104]];
  assert.deepEqual(needed(score(a, b)), [31], "pairs");
  assert.deepEqual(needed(score(a), score(b)), [46], "two studies");
  assert.deepEqual(needed(score(a, b, c)), [35, 69], "one variance for the grid, at 2.5 %");
});

Deno.test("p-values are adjusted over rows and metrics: by Holm, by Benjamini and Hochberg, or not", () => {
  const table = score(JOULES_A, JOULES_B, JOULES_C, JOULES_D);
  const ps = (adjust: CompareOptions["adjust"]): (number | null)[] =>
    compareStudies([table], options({ adjust })).rows.map(({ p_adjusted }) => p_adjusted);
  const [b, c, d] = ps("none");
  assert.deepEqual(ps("holm"), [2 * (b ?? 0), 3 * (c ?? 0), d]);
  assert.deepEqual(ps("bh"), [1.5 * (b ?? 0), 3 * (c ?? 0), d]);
});

Deno.test("a row is worse, small, different or the same by direction, significance and margin", () => {
  const steady = [100, 100.1, 99.9, 100, 100.05];
  const by = (factor: number): number[] => steady.map((value, index) => value * factor * (1 + index * 1e-4));
  const verdict = (factor: number, better: "less" | "more" | null): string =>
    only(compareStudies([score(steady, by(factor))], options({ metrics: [{ name: "score", better }] })))
      .verdict;
  assert.equal(verdict(1.1, "less"), "worse");
  assert.equal(verdict(1.1, "more"), "better");
  assert.equal(verdict(0.9, "more"), "worse");
  assert.equal(verdict(1.1, null), "different");
  assert.equal(verdict(1.0001, "less"), "same");
  assert.equal(verdict(1.0195, "less"), "same");
  // Significantly more than nothing, but neither beyond 2 % nor surely within.
  const noisy = steady.map((value, index) => value * 1.0195 * (1 + (index - 2) * 0.0024));
  assert.equal(only(compareStudies([score(steady, noisy)], options())).verdict, "small");
});

Deno.test("equal values on both sides are the same; a ratio without any spread is certain", () => {
  assert.equal(only(compareStudies([score([5, 5, 5], [5, 5, 5])], options())).verdict, "same");
  const row = only(compareStudies([score([5, 5, 5], [10, 10, 10])], options()));
  assert.deepEqual([row.verdict, row.p], ["worse", 0]);
});

Deno.test("fewer than three runs on a side conclude nothing, whatever they look like", () => {
  const row = only(compareStudies([score([1, 1.01], [2, 2.01])], options()));
  assert.deepEqual([row.verdict, row.p_adjusted], ["not_comparable", null]);
  assert.match(row.reasons.join(), /2 and 2 runs have it; 3 of each are needed/);
  assert.ok((row.ratio ?? 0) > 1.9);
});

Deno.test("values of 0 or less have a difference and no ratio", () => {
  const row = only(compareStudies([score([-1, 0, 1, 0], [1, 2, 3, 2.2])], options()));
  assert.deepEqual([row.ratio, row.verdict], [null, "not_comparable"]);
  near(row.difference?.value, 2.05, 1e-12);
  assert.ok((row.difference?.ci[0] ?? 0) > 1.8);
});

Deno.test("a true +10 % in one of ten rows is found with 5 cycles, and nothing else is", () => {
  const random = new Random(11);
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  const rows = Object.fromEntries(Array.from({ length: 10 }, (_, row) => [
    `row${row}`,
    {
      values: { score: Array.from({ length: 5 }, () => (row === 6 ? 110 : 100) * Math.exp(0.02 * normal())) },
    },
  ]));
  const found = compareStudies([tableOf(rows)], options());
  const worse = found.rows.filter(({ verdict }) => verdict === "worse");
  assert.deepEqual(worse.map(({ varied }) => varied), [{ "params.setting": "row6" }]);
  assert.ok(!found.rows.some(({ verdict }) => verdict === "better"));
});

Deno.test("a run that is left out by name is told, and the result with it is there, too", () => {
  const table = score(JOULES_A, [...JOULES_B.slice(0, 4), 0.9]);
  const without = [{ run_id: "0010_c5", reason: "a backup ran" }];
  const found = compareStudies([table], options({ without }));
  assert.deepEqual(only(found).n, [4, 4]);
  assert.equal(found.rows_with_excluded?.[0]?.n[0], 5);
  assert.deepEqual(found.excluded, without);
  assert.throws(
    () => compareStudies([table], options({ without: [{ run_id: "9", reason: "x" }] })),
    /called "9"/,
  );
});

Deno.test("a metric that no run has is an error that names those there are", () => {
  const table = score(JOULES_A, JOULES_B);
  assert.throws(
    () => compareStudies([table], options({ metrics: [{ name: "scroe", better: "less" }] })),
    /No run has the metric "scroe"; there are: score/,
  );
});

Deno.test("thousands of rows are compared in a few seconds", () => {
  const size = sized(20_000, 5_000);
  const random = new Random(3);
  const rows = Object.fromEntries(Array.from({ length: size }, (_, row) => [
    `row${row}`,
    { values: { score: Array.from({ length: 5 }, () => 100 + random.next()) } },
  ]));
  const table = tableOf(rows);
  const begin = performance.now();
  const found = compareStudies([table], options());
  assert.equal(found.rows.length, size - 1);
  assert.ok(performance.now() - begin < 30_000);
});
