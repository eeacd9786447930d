import assert from "node:assert/strict";
import { bestPassesPerRun, nestedSpread } from "../../lib/statistics/runs_or_window.ts";
import { near } from "./worked.ts";

Deno.test("nestedSpread() and bestPassesPerRun() weigh passes of a run against runs", () => {
  const found = nestedSpread([[10, 11, 9, 10], [12, 13, 12, 13], [8, 9, 8, 7]]);
  assert.ok(found !== null);
  near(found.between_mean_square, 20.3333, 5e-6);
  near(found.within_mean_square, 0.55556, 1e-5);
  near(found.between_variance, 4.94444, 1e-6);
  near(found.intraclass_correlation, 0.898990, 1e-6);
  near(found.design_effect, 3.696970, 1e-6);
  near(found.effective_passes, 3.24590, 1e-5);
  near(found.half_width, 5.600799, 1e-6);
  near(found.naive_half_width, 1.294583, 1e-6);
  near(bestPassesPerRun(found, { run_s: 40, pass_s: 2 }), 1.499, 1e-4);
});

Deno.test("nestedSpread() of runs that are all alike has no use for more of them", () => {
  const found = nestedSpread([[1, 3], [1, 3], [1, 3]]);
  assert.ok(found !== null);
  assert.equal(bestPassesPerRun(found, { run_s: 40, pass_s: 2 }), Infinity);
  assert.ok(found.between_variance < 0 && found.design_effect < 1);
  const same = nestedSpread([[2, 2], [2, 2]]);
  assert.deepEqual([same?.intraclass_correlation, same?.half_width, same?.effective_passes], [0, 0, 4]);
  for (const runs of [[], [[1, 2]], [[1], [2]], [[1, 2], [1, 2, 3]]]) assert.equal(nestedSpread(runs), null);
});
