import { adjusted } from "./adjust.ts";
import { equivalenceP } from "./equivalence.ts";
import { pairedRatio, type Ratio } from "./ratio.ts";

/** Of every test of an audit; over all of its tests of a difference together. */
const ALPHA = 0.05;

/**
 * - within_tolerance: the 90 % interval of the ratio lies within the tolerance (TOST)
 * - differs: it does not, and the ratio is not 1 (paired t, Holm over all tests of the audit)
 * - not_resolvable: neither can be said of so few pairs with such a spread
 */
export type AuditAnswer = "within_tolerance" | "differs" | "not_resolvable";

/** A number that was measured alone and beside others, as often as there are pairs. */
export interface AuditTest {
  readonly pairs: readonly (readonly [alone: number, beside: number])[];
}

/** What one number came to. */
export interface AuditFinding {
  /** Beside over alone with its 95 % interval; null below two pairs, and where a value is not positive. */
  readonly ratio: Ratio | null;
  /** The larger side of that interval, as a share of the ratio: 0.0045 is 0.45 %; null where there is no ratio. */
  readonly half_width: number | null;
  /** Of a ratio of 1, adjusted over the audit; null where there is no ratio. */
  readonly p_adjusted: number | null;
  readonly answer: AuditAnswer;
}

/**
 * Whether neighbours change what is measured. The tests of equivalence are not adjusted: an audit passes only where all of
 * them do (Berger 1982, intersection-union). `tolerance` is a share: 0.01 is 1 %.
 */
export function auditFindings(tests: readonly AuditTest[], tolerance: number): AuditFinding[] {
  const ratios = tests.map(({ pairs }) => pairedRatio(pairs));
  const known = ratios.filter((ratio) => ratio !== null);
  const ps = new Map(
    adjusted(known.map(({ p }) => p), "holm").map((p, place) => [known[place] ?? null, p]),
  );
  return ratios.map((ratio): AuditFinding => {
    const p_adjusted = ps.get(ratio) ?? null;
    if (ratio === null || p_adjusted === null) return NOTHING;
    const answer = equivalenceP(ratio, tolerance) < ALPHA
      ? "within_tolerance"
      : p_adjusted < ALPHA
      ? "differs"
      : "not_resolvable";
    return { ratio, half_width: ratio.high / ratio.ratio - 1, p_adjusted, answer };
  });
}

const NOTHING: AuditFinding = { ratio: null, half_width: null, p_adjusted: null, answer: "not_resolvable" };

/** What an audit comes to as a whole: one number that differs decides, and all have to be within the tolerance. */
export function auditAnswer(answers: readonly AuditAnswer[]): AuditAnswer {
  if (answers.includes("differs")) return "differs";
  const isWithin = answers.length > 0 && answers.every((answer) => answer === "within_tolerance");
  return isWithin ? "within_tolerance" : "not_resolvable";
}
