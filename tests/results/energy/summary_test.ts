import assert from "node:assert/strict";
import type { RunEnergy } from "../../../lib/results/energy/run_energy.ts";
import { summariseEnergy } from "../../../lib/results/energy/summary.ts";

/** Joules per token of five cycles (the reference's E1, first setting). */
const E1 = [0.2310, 0.2302, 0.2335, 0.2318, 0.2327];

/** A run of 1,000 tokens; errors are shares of its joules. */
function run(jPerToken: number, change: Partial<RunEnergy> = {}): RunEnergy {
  return {
    headline_j: jPerToken * 1000,
    uncertainty_j: null,
    random_uncertainty_j: null,
    common_uncertainty_j: null,
    gain_uncertainty_j: jPerToken * 1000 * 2 * 0.05 / Math.sqrt(3),
    boards: ["GPU-a"],
    j_per_output_token: jPerToken,
    method: "nvml_counter",
    verdict: "resolved",
    verdict_reasons: [],
    ...change,
  };
}

function near(found: number | null | undefined, expected: number): void {
  assert.ok(Math.abs((found ?? NaN) / expected - 1) < 5e-9, `${found} is not ${expected}`);
}

Deno.test("summariseEnergy() joins the spread of repeats, on logarithms, with what all runs share", () => {
  const common = (share: number): RunEnergy[] =>
    E1.map((value) => run(value, { common_uncertainty_j: 2 * share * value * 1000 }));
  // Expected by scipy: t s / sqrt n of the logarithms, and twice 0.3 %, in quadrature.
  const found = summariseEnergy(common(0.003));
  const perToken = found?.j_per_output_token;
  near(perToken?.geomean, 0.2318370274718578);
  near(perToken?.random_relative, 0.0070544764474400525);
  near(perToken?.common_relative, 0.006);
  near(perToken?.relative, 0.009284962511794196);
  near(perToken?.low95, 0.22970423228627926);
  near(perToken?.high95, 0.2339896255807798);
  assert.equal(perToken?.interval, "log");
  const mean = 231.84;
  near(found?.random_j, 0.0070544764474400525 * mean);
  near(found?.common_j, 0.006 * mean);
  assert.equal(found?.gain_j, null);
  near(summariseEnergy(common(0))?.j_per_output_token?.relative, 0.0070544764474400525);
});

Deno.test("summariseEnergy() shows what cycles differ by, however well a run says it is known", () => {
  const runs = [1, 1.07, 1.03].map((value) =>
    run(value, { uncertainty_j: 8 * value, random_uncertainty_j: 8 * value, common_uncertainty_j: null })
  );
  const relative = summariseEnergy(runs)?.energy_j?.relative ?? NaN;
  assert.ok(relative > 0.08, `${relative}`);
  assert.equal(summariseEnergy(runs.slice(0, 1))?.energy_j?.relative, 0.008);
});

Deno.test("summariseEnergy() counts the gain of a sensor where the runs are of several boards", () => {
  const on = (...boards: string[]): ReturnType<typeof summariseEnergy> =>
    summariseEnergy(boards.map((board) => run(1, { boards: [board] })));
  const one = on("GPU-a", "GPU-a");
  assert.deepEqual([one?.boards, one?.gain_j, one?.energy_j?.relative], [1, null, 0]);
  const two = on("GPU-a", "GPU-b");
  assert.equal(two?.boards, 2);
  // 5 % / sqrt 3 each, of two boards, k = 2.
  near(two?.energy_j?.gain_relative, 0.0408248290463863);
  near(two?.energy_j?.relative, Math.expm1(0.0408248290463863));
});

Deno.test("summariseEnergy() keeps a plain interval where joules are not positive, and says so", () => {
  const found = summariseEnergy([-3, 2, 4].map((value) => run(value)))?.energy_j;
  assert.deepEqual([found?.interval, found?.geomean, found?.mean], ["plain", null, 1000]);
  assert.ok((found?.low95 ?? NaN) < -3000 && (found?.high95 ?? NaN) > 4000);
  const nothing = summariseEnergy([0, 0, 0].map((value) => run(value)))?.energy_j;
  assert.deepEqual([nothing?.mean, nothing?.relative, nothing?.interval], [0, 0, "plain"]);
});
