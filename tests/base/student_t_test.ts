import assert from "node:assert/strict";
import { tQuantile, tTwoSided, tUpper } from "../../lib/base/student_t.ts";

function near(found: number, expected: number, error = 1e-11): void {
  assert.ok(Math.abs(found / expected - 1) < error, `${found} is not ${expected}`);
}

Deno.test("tQuantile() is that of mpmath to eleven digits, at any real degrees of freedom", () => {
  near(tQuantile(0.975, 1), 12.706204736175);
  near(tQuantile(0.975, 4), 2.7764451051978);
  near(tQuantile(0.95, 4), 2.1318467863267);
  near(tQuantile(0.975, 7.7494005583), 2.319048997407);
  near(tQuantile(0.975, 12), 2.1788128296672);
  near(tQuantile(0.995, 2), 9.9248432009183);
  near(tQuantile(0.8, 2), 1.0606601717798);
  near(tQuantile(0.9995, 40.32), 3.5487564015427);
  near(tQuantile(0.975, 1000), 1.9623390808264);
});

Deno.test("tTwoSided() keeps its digits far out, where the chance is next to nothing", () => {
  near(tTwoSided(16.03669834, 4), 8.8413059873348e-5);
  near(tTwoSided(2.5, 7.7494), 0.037850417128773);
  near(tTwoSided(12, 12), 4.8359284866457e-8);
  near(tTwoSided(100, 3), 2.2045219231849e-6);
  near(tTwoSided(0.01, 12), 0.9921856149885);
  near(tTwoSided(3, 40.3), 0.0046138210011715);
  near(tTwoSided(40, 60), 5.7554804866274e-45);
  assert.deepEqual([tTwoSided(Infinity, 3), tTwoSided(0, 3)], [0, 1]);
});

Deno.test("tUpper() is the chance above, on either side of 0; without end of degrees t is normal", () => {
  near(tUpper(2, 5), tTwoSided(2, 5) / 2);
  near(tUpper(-2, 5), 1 - tTwoSided(2, 5) / 2);
  near(tQuantile(0.975, Infinity), 1.959963984540054, 2e-7);
  near(tTwoSided(1.959963984540054, Infinity), 0.05, 1e-6);
  near(tQuantile(0.025, 4), -tQuantile(0.975, 4));
  assert.equal(tQuantile(0.5, 4), 0);
});
