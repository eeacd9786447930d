import assert from "node:assert/strict";
import type { Quantiles } from "../../../lib/archive/report/run_details.ts";
import { pooledQuantiles } from "../../../lib/report/html/charts/runs/pooled_quantiles.ts";

function uniform(n: number, low: number, high: number): Quantiles {
  const shares = Array.from({ length: 11 }, (_, at) => at / 10);
  return { n, shares, values: shares.map((share) => low + share * (high - low)), source: "requests" };
}

Deno.test("pooledQuantiles() weights each run by its requests", () => {
  // Three quarters lie evenly from 0 to 10, a quarter from 10 to 20.
  const { n, shares, values } = pooledQuantiles([uniform(300, 0, 10), uniform(100, 10, 20)]);
  assert.equal(n, 400);
  assert.equal(shares.length, 11);
  const at = (share: number): number => values[shares.indexOf(share)] ?? NaN;
  assert.equal(at(0), 0);
  assert.ok(Math.abs(at(0.3) - 4) < 1e-9, String(at(0.3)));
  assert.ok(Math.abs(at(0.6) - 8) < 1e-9);
  assert.ok(Math.abs(at(0.8) - 12) < 1e-9);
  assert.equal(at(1), 20);
});

Deno.test("pooledQuantiles() of one run is that run, of equal values the value", () => {
  const one = uniform(50, 3, 4);
  const { values } = pooledQuantiles([one]);
  for (const [at, value] of values.entries()) assert.ok(Math.abs(value - (one.values[at] ?? NaN)) < 1e-9);
  assert.deepEqual(new Set(pooledQuantiles([uniform(5, 2, 2), uniform(7, 2, 2)]).values), new Set([2]));
});
