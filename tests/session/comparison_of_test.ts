import assert from "node:assert/strict";
import { join } from "node:path";
import { openStudy } from "../../lib/archive/open_study.ts";
import { readStudy } from "../../lib/archive/read_study.ts";
import { SummaryBuilder } from "../../lib/archive/summary_builder.ts";
import { compareStudies } from "../../lib/results/compare/compare.ts";
import { comparisonOf } from "../../lib/session/comparison_of.ts";
import { realDisk } from "../../lib/storage/disk.ts";
import "../support/libc.ts";
import { syntheticStudy } from "../support/synthetic_study.ts";
import { TempFolder } from "../support/temp_folder.ts";

Deno.test("comparisonOf() is what llem compare finds in the directory, and reads no result again", () => {
  using folder = new TempFolder();
  const dir = syntheticStudy(folder.path, { cycles: 4, failed: (index) => index === 3 });
  const expected = compareStudies([readStudy(dir)]);
  const { plan, state } = openStudy(dir);
  const results = new SummaryBuilder(realDisk, dir, plan, state);
  Deno.removeSync(join(dir, "runs"), { recursive: true });
  const found = comparisonOf({ dir, plan, state, results });
  assert.deepEqual(found, expected);
  assert.ok(expected.rows.some(({ ratio }) => ratio !== null));
});

Deno.test("summary() of a SummaryBuilder is made once, and anew where something has come", () => {
  using folder = new TempFolder();
  const dir = syntheticStudy(folder.path, { experiments: 2 });
  const { plan, state } = openStudy(dir);
  const builder = new SummaryBuilder(realDisk, dir, plan, state);
  const first = builder.summary();
  assert.equal(builder.summary(), first);
  builder.grow(plan.runs.slice(0, 1).map((run) => ({ ...run, cycle: 4, index: 7 })));
  assert.notEqual(builder.summary(), first);
  assert.deepEqual(builder.summary().rows.map(({ pending }) => pending), [1, 0]);
});
