import { meanOf } from "./moments.ts";
import { type Ratio, ratioOf } from "./ratio.ts";

/** The values of both sides in one block, such as one board: all positive, one at least on each side. */
export interface Block {
  readonly a: readonly number[];
  readonly b: readonly number[];
}

/**
 * B over A where values of one block have something in common, such as their board, that the blocks differ in: least squares
 * of an additive model of blocks and sides on logarithms (Box, Hunter and Hunter, Statistics for Experimenters, ch. 4), for any
 * number of values in a block. Blocks without values on both sides tell nothing and must be left out. Null below two blocks.
 */
export function blockedRatio(blocks: readonly Block[], confidence = 0.95): Ratio | null {
  if (blocks.length < 2) return null;
  if (
    blocks.some(({ a, b }) => a.length === 0 || b.length === 0 || [...a, ...b].some((value) => !(value > 0)))
  ) {
    return null;
  }
  const parts = blocks.map(({ a, b }) => {
    const [la, lb] = [a.map(Math.log), b.map(Math.log)];
    return {
      difference: meanOf(lb) - meanOf(la),
      weight: a.length * b.length / (a.length + b.length),
      within: squaresOf(la) + squaresOf(lb),
      n: [a.length, b.length] as const,
    };
  });
  const weight = parts.reduce((sum, part) => sum + part.weight, 0);
  const difference = parts.reduce((sum, part) => sum + part.weight * part.difference, 0) / weight;
  const squares = parts.reduce(
    (sum, part) => sum + part.within + part.weight * (part.difference - difference) ** 2,
    0,
  );
  const n = [0, 1].map((side) => parts.reduce((sum, part) => sum + (part.n[side] ?? 0), 0));
  const [nA = 0, nB = 0] = n;
  const degrees = nA + nB - blocks.length - 1;
  return ratioOf({ difference, error: Math.sqrt(squares / degrees / weight), degrees }, [nA, nB], confidence);
}

function squaresOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
}
