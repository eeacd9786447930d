import assert from "node:assert/strict";
import { readStudy } from "../../lib/archive/read_study.ts";
import { compareStudies } from "../../lib/results/compare/compare.ts";
import "../support/libc.ts";
import { syntheticStudy } from "../support/synthetic_study.ts";
import { TempFolder } from "../support/temp_folder.ts";

Deno.test("the ratios of a table are those of llem compare", () => {
  using folder = new TempFolder();
  for (const experiments of [2, 6]) {
    const table = readStudy(syntheticStudy(folder.path, { name: `s${experiments}`, experiments, cycles: 4 }));
    const { rows, pooled_df } = compareStudies([table]);
    assert.equal(Object.keys(pooled_df).length > 0, experiments > 2);
    let compared = 0;
    for (const { config_hash, vs_first } of table.summary.rows) {
      for (const [metric, { ratio, low95, high95 }] of Object.entries(vs_first)) {
        const found = rows.find((row) => row.config_hash === config_hash && row.metric === metric);
        if (found === undefined || (found.common_error ?? 0) > 0) continue;
        const [low, high] = found.ci95 ?? [NaN, NaN];
        const pairs = [[ratio, found.ratio], [low95, low], [high95, high]];
        for (const [one, other] of pairs) assert.ok(Math.abs((one ?? NaN) / (other ?? NaN) - 1) < 1e-12);
        compared += 1;
      }
    }
    assert.ok(compared >= experiments - 1, `${compared} of ${experiments}`);
  }
});
