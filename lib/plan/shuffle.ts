import type { RandomWords } from "../base/mersenne_twister.ts";

/** A shuffled copy, drawn as Python's `Random.shuffle` draws: Fisher-Yates from the end. */
export function shuffled<Item>(items: readonly Item[], random: RandomWords): Item[] {
  const copy = [...items];
  for (let last = copy.length - 1; last > 0; last--) {
    const pick = below(last + 1, random);
    [copy[last], copy[pick]] = [copy[pick] as Item, copy[last] as Item];
  }
  return copy;
}

/** A number below a limit, by drawing as many bits as the limit has until one fits. */
function below(limit: number, random: RandomWords): number {
  const unused = Math.clz32(limit);
  for (;;) {
    const draw = random() >>> unused;
    if (draw < limit) return draw;
  }
}
