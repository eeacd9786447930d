import { tUpper } from "../base/student_t.ts";
import type { Estimate } from "./ratio.ts";

/**
 * The p of two one-sided tests (TOST, Schuirmann 1987) that a ratio lies within 1/(1 + margin) and 1 + margin. Below 0.05 the
 * 90 % interval lies within, and both sides are the same for whoever chose the margin. `margin` is a share: 0.02 is 2 %.
 */
export function equivalenceP({ difference, error, degrees }: Estimate, margin: number): number {
  const limit = Math.log1p(margin);
  // The side to which the estimate is nearer decides.
  const room = limit - Math.abs(difference);
  if (error === 0) return room > 0 ? 0 : 1;
  return tUpper(room / error, degrees);
}
