import assert from "node:assert/strict";
import { compareStudies, USUAL_OPTIONS } from "../../../lib/results/compare/compare.ts";
import { nullAlarms } from "../../../lib/results/compare/null_alarms.ts";
import type { CompareOptions, StudyComparison } from "../../../lib/results/compare/study_comparison.ts";
import { JOULES_A, JOULES_B } from "../../statistics/worked.ts";
import { type RowDraft, tableOf } from "../../support/tables.ts";

function options(change: Partial<CompareOptions> = {}): CompareOptions {
  return { ...USUAL_OPTIONS, ...change };
}

const GRID = tableOf(Object.fromEntries(
  [1, 2].flatMap((batch) => [4, 8].map((threads) => [batch, threads] as const)).map(([batch, threads]) => [
    `${batch}/${threads}`,
    { config: { params: { batch, threads } }, values: { score: JOULES_A } },
  ]),
));

/** What is compared with what: by batch and threads. */
function pairs(found: StudyComparison): string[] {
  const name = (varied: Readonly<Record<string, unknown>>): string =>
    `${varied["params.batch"]}/${varied["params.threads"]}`;
  return found.rows.map(({ varied, base_varied }) => `${name(varied)} over ${name(base_varied)}`);
}

Deno.test("rows are compared with the first one, or with the one that is named", () => {
  const over = (asked: Partial<CompareOptions>): string[] => pairs(compareStudies([GRID], options(asked)));
  assert.deepEqual(over({}), ["1/8 over 1/4", "2/4 over 1/4", "2/8 over 1/4"]);
  const { config_hash } = GRID.experiments[3] ?? { config_hash: "" };
  assert.deepEqual(over({ baseline: config_hash.slice(0, 8) }), [
    "1/4 over 2/8",
    "1/8 over 2/8",
    "2/4 over 2/8",
  ]);
});

Deno.test("where several things vary --by compares rows that differ in one of them; a value that several rows have means the same", () => {
  const over = (asked: Partial<CompareOptions>): string[] => pairs(compareStudies([GRID], options(asked)));
  assert.deepEqual(over({ by: "batch" }), ["2/4 over 1/4", "2/8 over 1/8"]);
  assert.deepEqual(over({ by: "params.threads" }), ["1/8 over 1/4", "2/8 over 2/4"]);
  assert.deepEqual(over({ baseline: "batch=2" }), ["1/4 over 2/4", "1/8 over 2/8"]);
  assert.deepEqual(over({ baseline: "8" }), ["1/4 over 1/8", "2/4 over 2/8"]);
  const found = compareStudies([GRID], options({ baseline: "8" }));
  assert.deepEqual([found.by, found.baseline.varied], ["params.threads", { "params.threads": 8 }]);
});

Deno.test("a baseline or path that is not there is an error that names those there are", () => {
  const over = (asked: Partial<CompareOptions>): () => StudyComparison => () =>
    compareStudies([GRID], options(asked));
  assert.throws(over({ baseline: "batch=3" }), /there are: params.batch=1, 2\./);
  assert.throws(over({ baseline: "7" }), /params.batch=1, 2; params.threads=4, 8/);
  assert.throws(over({ by: "size" }), /these do: params.batch, params.threads/);
});

/** A study of rows by a parameter, with join hashes where given. */
function study(
  dir: string,
  rows: readonly (readonly [batch: number, join_hash?: string])[],
  values = JOULES_A,
): ReturnType<typeof tableOf> {
  return tableOf(
    Object.fromEntries(rows.map(([batch, join_hash], index): [string, RowDraft] => [
      String(index),
      {
        config: { params: { batch } },
        values: { score: values },
        ...join_hash === undefined ? {} : { join_hash },
      },
    ])),
    { dir },
  );
}

Deno.test("rows of studies are joined by their content, else by their configuration; those without a partner are named", () => {
  const joined = (base: ReturnType<typeof tableOf>, other: ReturnType<typeof tableOf>): string[] =>
    compareStudies([base, other], options()).rows.map(({ varied, base_varied }) =>
      `${JSON.stringify(varied)} ${JSON.stringify(base_varied)}`
    );
  const one = '{"params.batch":1}';
  assert.deepEqual(joined(study("a", [[1], [2]]), study("b", [[1], [3]])), [`${one} ${one}`]);
  assert.deepEqual(joined(study("a", [[1, "x"], [2, "y"]]), study("b", [[5, "y"], [6, "z"]])), [
    '{"params.batch":5} {"params.batch":2}',
  ]);
  const found = compareStudies([study("a", [[1], [2]]), study("b", [[1], [3]])], options());
  assert.deepEqual(found.unmatched.map(({ side, varied }) => [side, varied]), [
    ["base", { "params.batch": 2 }],
    ["other", { "params.batch": 3 }],
  ]);
});

Deno.test("two studies of one row each are compared whatever they are, and what was set differently is told", () => {
  const found = compareStudies([study("a", [[1]]), study("b", [[2]], JOULES_B)], options());
  assert.equal(found.rows.length, 1);
  assert.deepEqual(found.differences.declared, [{ what: "params.batch", base: 1, other: 2 }]);
});

Deno.test("--match joins by paths, which must tell rows apart", () => {
  const row = (batch: number, size: number): RowDraft => ({
    config: { params: { batch, size } },
    values: { score: JOULES_A },
  });
  const base = tableOf({ a: row(1, 10), b: row(2, 10) }, { dir: "a" });
  const other = tableOf({ a: row(1, 20), b: row(2, 20) }, { dir: "b" });
  assert.deepEqual(compareStudies([base, other], options()).rows, []);
  const found = compareStudies([base, other], options({ match: ["params.batch"] }));
  assert.equal(found.rows.length, 2);
  assert.deepEqual(found.differences.declared, [{ what: "params.size", base: 10, other: 20 }]);
  assert.throws(
    () => compareStudies([base, other], options({ match: ["params.size"] })),
    /Several rows of a have params.size=10/,
  );
  assert.equal(compareStudies([base, other], options({ match: ["batch"] })).rows.length, 2);
  assert.throws(
    () => compareStudies([base, other], options({ match: ["sise"] })),
    /--match sise: no configuration/,
  );
});

Deno.test("nullAlarms() splits cycles of one study, and tells how often the gate fires where nothing changed", () => {
  const ten = [100, 101, 99, 100.5, 99.5, 100.2, 99.8, 100.1, 100.4, 99.6];
  const asked = options({ metrics: [{ name: "score", better: "less" }] });
  const quiet = nullAlarms([tableOf({ A: { values: { score: ten } } })], asked);
  assert.deepEqual([quiet.unit, quiet.comparisons, quiet.alarms, quiet.rate], ["cycles", 252, 0, 0]);
  // The machine slowed down by a tenth half way.
  const stepped = ten.map((value, cycle) => cycle < 5 ? value : value * 1.1);
  const loud = nullAlarms([tableOf({ A: { values: { score: stepped } } })], asked);
  assert.ok(loud.alarms > 0 && loud.alarms < 40, String(loud.alarms));
  assert.equal(loud.metrics[0]?.alarms, loud.alarms);
  assert.equal(nullAlarms([tableOf({ A: { values: { score: ten.slice(0, 5) } } })], asked).comparisons, 0);
});

Deno.test("nullAlarms() compares studies of equal configurations with each other", () => {
  const asked = options({ metrics: [{ name: "score", better: "less" }] });
  const tables = [
    study("a", [[1]]),
    study("b", [[1]]),
    study("c", [[1]], JOULES_A.map((value) => value * 1.2)),
  ] as const;
  const found = nullAlarms([...tables], asked);
  assert.deepEqual([found.unit, found.comparisons, found.alarms], ["studies", 6, 2]);
});

Deno.test("a run that several studies have is left out of the one that is named", () => {
  const tables = [study("a", [[1]]), study("b", [[1]])] as const;
  const without = (run_id: string): StudyComparison =>
    compareStudies([...tables], options({ without: [{ run_id, reason: "backup" }] }));
  assert.deepEqual(without("b/0001_c1").rows[0]?.n, [5, 4]);
  assert.deepEqual(without("a/runs/0001_c1").rows[0]?.n, [4, 5]);
  assert.throws(
    () => without("0001_c1"),
    /Several studies have a run "0001_c1"; name it with its study, as a\/0001_c1/,
  );
});
