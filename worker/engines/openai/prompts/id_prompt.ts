import type { Random } from "../../../../lib/base/random.ts";
import type { IdRange } from "./vocabulary.ts";

/** So many token ids drawn from a range. */
export function drawIds(count: number, random: Random, range: IdRange): number[] {
  return Array.from({ length: count }, () => drawId(random, range));
}

/** An id that stands for no text gives way to the next one. */
function drawId(random: Random, { from, to, without }: IdRange): number {
  const span = to - from + 1;
  const drawn = random() % span;
  for (let step = 0; step < span; step++) {
    const id = from + (drawn + step) % span;
    if (!without.has(id)) return id;
  }
  return from;
}
