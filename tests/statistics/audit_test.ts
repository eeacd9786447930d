import assert from "node:assert/strict";
import { tQuantile } from "../../lib/base/student_t.ts";
import { type AuditAnswer, auditAnswer, auditFindings } from "../../lib/statistics/audit.ts";
import { Random } from "../support/random.ts";
import { logDeviation, logNormal, near, pairs } from "./worked.ts";

/** Pairs whose differences of logarithms have exactly this mean and, were they measured, exactly this spread of a run. */
function exact(shift: number, variation: number, count: number): (readonly [number, number])[] {
  const side = Math.SQRT2 * logDeviation(variation);
  const raw = Array.from({ length: count }, (_, place) => place - (count - 1) / 2);
  const scale = side / Math.sqrt(raw.reduce((sum, value) => sum + value ** 2, 0) / (count - 1));
  return raw.map((value) => [100, 100 * Math.exp(shift + value * scale)]);
}

function halfWidth(variation: number, count: number): number | null | undefined {
  return auditFindings([{ pairs: exact(0, variation, count) }], 0.01)[0]?.half_width;
}

Deno.test("auditFindings() has the half-widths that pairs of runs of known spread have", () => {
  // Run CV, pairs, half-width of the 95 % interval: t(0.975, n - 1) * sqrt(2) * CV / sqrt(n).
  const worked = [
    [0.003, 6, 0.0045],
    [0.005, 6, 0.0074],
    [0.005, 12, 0.0045],
    [0.01, 12, 0.0090],
    [0.02, 20, 0.013],
  ] as const;
  for (const [variation, count, width] of worked) {
    const found = halfWidth(variation, count);
    near(found, width, 0.03);
    near(
      Math.log1p(found ?? NaN),
      tQuantile(0.975, count - 1) * logDeviation(variation) * Math.sqrt(2 / count),
      1e-9,
    );
  }
});

Deno.test("auditFindings() says within, differs or not resolvable", () => {
  const answer = (shift: number, variation: number, count: number) =>
    auditFindings([{ pairs: exact(shift, variation, count) }], 0.01)[0]?.answer;
  assert.equal(answer(0, 0.003, 6), "within_tolerance");
  assert.equal(
    answer(0.004, 0.003, 6),
    "within_tolerance",
    "a small difference is within, however certain it is",
  );
  assert.equal(answer(0.03, 0.003, 6), "differs");
  assert.equal(answer(-0.03, 0.003, 6), "differs");
  assert.equal(answer(0, 0.02, 6), "not_resolvable");
  assert.equal(auditFindings([{ pairs: [[1, 1]] }], 0.01)[0]?.answer, "not_resolvable", "one pair");
  assert.equal(auditFindings([{ pairs: [[1, 1], [0, 1]] }], 0.01)[0]?.ratio, null, "no ratio to 0");
  assert.equal(
    auditFindings([{ pairs: [[1, 1], [2, 2]] }], 0.01)[0]?.answer,
    "within_tolerance",
    "no spread",
  );
});

Deno.test("auditAnswer() is the worst of its answers", () => {
  assert.equal(auditAnswer(["within_tolerance", "within_tolerance"]), "within_tolerance");
  assert.equal(auditAnswer(["within_tolerance", "not_resolvable"]), "not_resolvable");
  assert.equal(auditAnswer(["not_resolvable", "differs", "within_tolerance"]), "differs");
  assert.equal(auditAnswer([]), "not_resolvable", "who measured nothing has shown nothing");
});

/** 1,000 audits of two experiments by four numbers each, one of which neighbours change. */
function simulated(variation: number, count: number, shift: number): Record<AuditAnswer, number> {
  const random = new Random(20_261_130);
  const found = { within_tolerance: 0, differs: 0, not_resolvable: 0 };
  for (let audit = 0; audit < 1000; audit++) {
    const tests = Array.from({ length: 8 }, (_, place) => {
      const [a, b] = [0, 1].map(() => logNormal(random, logDeviation(variation), count));
      const factor = place === 0 ? 1 + shift : 1;
      return { pairs: pairs(a ?? [], (b ?? []).map((value) => value * factor)) };
    });
    found[auditAnswer(auditFindings(tests, 0.01).map(({ answer }) => answer))] += 1;
  }
  return found;
}

Deno.test("of 1,000 audits without a difference at most 5 % alarm, and a difference of 3 % is found", () => {
  // Alarms at no difference and finds at 3 % were 0 and 1000, 8 and 1000, 56 and 999, 46 and 931; 50 has a standard error of 7.
  const audits = [
    { variation: 0.003, count: 6, passes: 980, finds: 995 },
    { variation: 0.005, count: 12, passes: 940, finds: 995 },
    { variation: 0.01, count: 12, passes: 0, finds: 990 },
    { variation: 0.02, count: 20, passes: 0, finds: 900 },
  ];
  for (const { variation, count, passes, finds } of audits) {
    const [none, some] = [simulated(variation, count, 0), simulated(variation, count, 0.03)];
    const shown = `CV ${variation}, ${count} pairs: ${JSON.stringify([none, some])}`;
    assert.ok(none.differs <= 65, shown);
    assert.ok(none.within_tolerance >= passes, shown);
    assert.ok(some.differs >= finds, shown);
    assert.equal(some.within_tolerance, 0, shown);
  }
});
