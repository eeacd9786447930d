import assert from "node:assert/strict";
import { compareStudies, USUAL_OPTIONS } from "../../../lib/results/compare/compare.ts";
import type { StudyComparison } from "../../../lib/results/compare/study_comparison.ts";
import type { Circumstances, StudyTable } from "../../../lib/results/study_table.ts";
import { near } from "../../statistics/worked.ts";
import { tableOf } from "../../support/tables.ts";

/** What a run on a board of a machine tells of where it was made. */
function on(board: string, more: Circumstances = { parallel: "staged" }, machine = "node1"): Circumstances {
  return { machine, GPU: board, ...more };
}

/** A study of two settings, with the places of its cycles; b is 2 % above a, and boards differ by what is given. */
function study(
  places: readonly Circumstances[],
  { dir = "study", gain = {}, own = {} }: {
    readonly dir?: string;
    readonly gain?: Readonly<Record<string, number>>;
    /** Where b was made in a cycle, if not where a was. */
    readonly own?: Readonly<Record<number, Circumstances>>;
  } = {},
): StudyTable {
  const gainOf = ({ GPU }: Circumstances): number => gain[GPU ?? ""] ?? 1;
  const noise = [1, 1.001, 0.999, 1.002, 0.998, 1.001];
  const placesOfB = places.map((place, cycle) => own[cycle + 1] ?? place);
  const values = (of: readonly Circumstances[], factor: number, shift: number): number[] =>
    of.map((place, cycle) => 100 * factor * gainOf(place) * (noise[(cycle + shift) % noise.length] ?? 1));
  const table = tableOf({
    a: { values: { score: values(places, 1, 0) } },
    b: { values: { score: values(placesOfB, 1.02, 2) } },
  }, { dir });
  const [first] = table.experiments;
  return {
    ...table,
    runs: table.runs.map((run) => ({
      ...run,
      circumstances: (run.config_hash === first?.config_hash ? places : placesOfB)[run.cycle - 1] ?? {},
    })),
  };
}

const compare = (...tables: readonly [StudyTable, ...StudyTable[]]): StudyComparison =>
  compareStudies(tables, { ...USUAL_OPTIONS, metrics: [{ name: "score", better: "less" }] });

const FOUR = ["A", "B", "A", "B"].map((board) => on(board));

Deno.test("pairs of a study are of one cycle on one set of boards: what boards differ by is in none of them", () => {
  const found = compare(study(FOUR, { gain: { A: 1, B: 1.2 } }));
  near(found.rows[0]?.ratio, 1.02, 2e-3);
  assert.deepEqual(found.rows[0]?.n, [4, 4]);
  assert.ok((found.rows[0]?.ci?.[1] ?? 9) < 1.03);
});

Deno.test("a chain that was split pairs only within its parts", () => {
  const found = compare(study(FOUR, { gain: { A: 1, B: 1.2 }, own: { 3: on("B") } }));
  assert.deepEqual(found.rows[0]?.n, [3, 3], "cycle 3 was made on A and on B");
  near(found.rows[0]?.ratio, 1.02, 3e-3);
});

Deno.test("a chain that went from one machine to another pairs only within its parts, also where runs are made one at a time", () => {
  const nodes = ["A", "B", "A", "B"].map((board) => OFF(board, board === "A" ? "node1" : "node2"));
  const found = compare(study(nodes, { gain: { A: 1, B: 1.2 }, own: { 3: OFF("B", "node2") } }));
  assert.deepEqual(found.rows[0]?.n, [3, 3], "cycle 3 was made on two machines");
  near(found.rows[0]?.ratio, 1.02, 3e-3);
  const whole = compare(study(nodes, { gain: { A: 1, B: 1.2 } }));
  assert.deepEqual(whole.rows[0]?.n, [4, 4]);
});

Deno.test("settings that need more boards are still paired by their cycle", () => {
  const wide = Object.fromEntries([1, 2, 3, 4].map((cycle) => [cycle, on("A, B")]));
  assert.deepEqual(compare(study(FOUR, { own: wide })).rows[0]?.n, [4, 4]);
});

Deno.test("the variance between boards and machines is told in words, where a study has several", () => {
  const told = (places: readonly Circumstances[], gain = {}): string[] =>
    compare(study(places, { gain })).notes.filter((note) => note.includes("differs by"));
  const [note, ...more] = told(FOUR, { A: 1, B: 1.2 });
  assert.match(
    note ?? "",
    /^score differs by 13 % between the 2 boards .*; cycles on one board by 0\.05 %\)\.$/,
  );
  assert.deepEqual(more, []);
  assert.match(
    told([on("A"), on("B"), on("C")])[0] ?? "",
    /3 boards .*each had one cycle, so differences between cycles are included/,
  );
  const nodes = [on("A"), on("B", {}, "node2"), on("A"), on("B", {}, "node2")];
  assert.match(told(nodes)[0] ?? "", /between the 2 machines/);
  assert.deepEqual(told([on("A"), on("A"), on("A")]), []);
});

const OFF = (board: string, machine = "node1"): Circumstances => on(board, {}, machine);

Deno.test("between studies runs are held against runs on the same machine and boards", () => {
  const gain = { A: 1, B: 1.2, C: 0.9 };
  const off = study([OFF("A"), OFF("A"), OFF("A")], { dir: "off", gain });
  const staged = study(["A", "B", "C", "A", "B", "A"].map((board) => on(board)), { dir: "staged", gain });
  const found = compare(off, staged);
  near(found.rows[0]?.ratio, 1, 3e-3);
  assert.deepEqual(found.rows[0]?.n, [3, 3]);
  assert.match(
    found.notes.join(" "),
    /Compared on the one board that both studies used\. 6 runs on boards that only one/,
  );
  const again = study(["B", "A", "C", "B", "A", "D"].map((board) => on(board)), { dir: "again", gain });
  const blocked = compare(staged, again);
  near(blocked.rows[0]?.ratio, 1, 3e-3);
  assert.deepEqual(blocked.rows[0]?.n, [6, 5], "D is in one study only");
  assert.ok((blocked.rows[0]?.ci?.[1] ?? 9) < 1.01, "boards are taken out of the interval");
  assert.match(blocked.notes.join(" "), /board by board, on the 3 boards .* 2 runs/);
});

Deno.test("studies that have no board in common are refused as ever", () => {
  const found = compare(
    study([OFF("A"), OFF("A"), OFF("A")]),
    study([OFF("Z"), OFF("Z"), OFF("Z")], { dir: "z" }),
  );
  assert.equal(found.rows[0]?.verdict, "not_comparable");
  assert.match(found.rows[0]?.reasons.join() ?? "", /GPU differs/);
});

Deno.test("mode is named: staged against off is a note, shared without an audit is guarded", () => {
  const off = study([OFF("A"), OFF("A"), OFF("A")]);
  const against = (parallel: string): StudyComparison =>
    compare(off, study([1, 2, 3].map(() => on("A", { parallel, slot: "0" })), { dir: "other" }));
  const mode = (found: StudyComparison) =>
    found.differences.undeclared.find(({ what }) => what === "parallel");
  assert.deepEqual(mode(against("staged")), {
    what: "parallel",
    base: "off",
    other: "staged",
    refuses: false,
  });
  assert.notEqual(against("staged").rows[0]?.verdict, "not_comparable");
  assert.equal(mode(against("shared, audited"))?.refuses, false);
  const unaudited = against("shared, unaudited");
  assert.equal(mode(unaudited)?.refuses, true);
  assert.equal(unaudited.rows[0]?.verdict, "not_comparable");
  assert.match(unaudited.rows[0]?.reasons.join() ?? "", /parallel differs: off against shared, unaudited/);
  const table = study([1, 2, 3].map(() => on("A", { parallel: "shared, unaudited" })), { dir: "other" });
  const allowed = compareStudies([off, table], { ...USUAL_OPTIONS, allow: ["parallel"] });
  assert.notEqual(allowed.rows[0]?.verdict, "not_comparable");
});

Deno.test("what a machine is like comes from itself, where a study was made on several", () => {
  const machines = { node1: { driver: "550" }, node2: { driver: "560" } };
  const places = [on("A"), on("B", { parallel: "staged" }, "node2"), on("A")];
  const cluster = { ...study(places), environment: { host: "node1", nvidia_driver: "550" }, machines };
  const alone = {
    ...study([OFF("B"), OFF("B"), OFF("B")].map((place) => ({ ...place, machine: "node2" })), {
      dir: "alone",
    }),
    environment: { host: "node2", nvidia_driver: "560" },
  };
  const found = compare(alone, { ...cluster, dir: "cluster" });
  assert.deepEqual(found.differences.undeclared.filter(({ what }) => what === "driver"), []);
  const { machines: _, ...untold } = cluster;
  const blamed = compare(alone, { ...untold, dir: "cluster" }).differences.undeclared;
  assert.ok(blamed.some(({ what }) => what === "driver"), "the first machine's driver is not the second's");
});
