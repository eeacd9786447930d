import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  bracketLoad,
  type LoadBracket,
  type LoadRange,
  mostLoads,
  togetherVerdict,
} from "../../lib/statistics/load_search.ts";

const RATES: LoadRange = { from: 1, to: 64, resolution: 0.05, whole: false };
const WHOLE: LoadRange = { ...RATES, whole: true };

/** Goes the whole way: the loads that were tried, in order, and what was found. */
function search(range: LoadRange, keeps: (load: number) => boolean): { tried: number[] } & LoadBracket {
  const known = new Map<number, boolean>();
  for (;;) {
    const found = bracketLoad(range, (load) => known.get(load) ?? null);
    if (found.next === null) return { tried: [...known.keys()], ...found };
    ok(!known.has(found.next), `${found.next} is tried twice`);
    known.set(found.next, keeps(found.next));
  }
}

Deno.test("bracketLoad() doubles to the first load that fails, then closes in on a logarithmic scale", () => {
  deepStrictEqual(search(RATES, (load) => load <= 5.2), {
    tried: [1, 2, 4, 8, 5.66, 4.76, 5.19, 5.42],
    kept: 5.19,
    missed: 5.42,
    next: null,
  });
  deepStrictEqual(search(WHOLE, (load) => load <= 13), {
    tried: [1, 2, 4, 8, 16, 11, 13, 14],
    kept: 13,
    missed: 14,
    next: null,
  });
});

Deno.test("bracketLoad() says where the limit lies outside of the search", () => {
  deepStrictEqual(search(RATES, () => false), { tried: [1], kept: null, missed: 1, next: null });
  const above = search({ ...RATES, to: 50 }, () => true);
  deepStrictEqual(above, { tried: [1, 2, 4, 8, 16, 32, 50], kept: 50, missed: null, next: null });
});

Deno.test("bracketLoad() is true to every threshold, within its resolution and its bound", () => {
  const ranges: LoadRange[] = [
    RATES,
    WHOLE,
    { from: 0.3, to: 7, resolution: 0.01, whole: false },
    { from: 1, to: 1.001, resolution: 0.001, whole: false },
    { from: 3, to: 1000, resolution: 0.001, whole: true },
    { from: 1, to: 64, resolution: 1, whole: false },
  ];
  for (const range of ranges) {
    let longest = 0;
    for (let step = 0; step <= 200; step++) {
      const limit = range.from * 0.9 * (range.to / range.from * 1.2) ** (step / 200);
      const { tried, kept, missed } = search(range, (load) => load <= limit);
      longest = Math.max(longest, tried.length);
      ok(tried.every((load) => load >= range.from && load <= range.to), `${tried}`);
      if (range.whole) ok(tried.every(Number.isInteger), `${tried}`);
      if (kept === null || missed === null) continue;
      ok(kept <= limit && missed > limit);
      ok(missed <= kept * (1 + range.resolution) || range.whole && missed === kept + 1, `${kept} ${missed}`);
    }
    ok(longest <= mostLoads(range), `${longest} of ${mostLoads(range)}`);
  }
  deepStrictEqual([mostLoads(RATES), mostLoads(WHOLE), mostLoads({ ...RATES, to: 1.01 })], [11, 12, 2]);
});

Deno.test("bracketLoad() goes on with what is known, whatever came first, and contradicts nobody", () => {
  // 8 failed at first and was made again; what 5.66 had said stays known, and is not asked.
  const known = new Map([[1, true], [2, true], [4, true], [8, true], [5.66, false], [16, false], [
    11.3,
    false,
  ]]);
  deepStrictEqual(bracketLoad(RATES, (load) => known.get(load) ?? null), {
    kept: 8,
    missed: 11.3,
    next: 9.51,
  });
});

Deno.test("togetherVerdict() takes the worst of the cycles, once all are over", () => {
  strictEqual(togetherVerdict(["met", "met"]), "met");
  strictEqual(togetherVerdict(["met", "missed", "failed"]), "missed");
  strictEqual(togetherVerdict(["unjudged", "met"]), "unjudged");
  strictEqual(togetherVerdict(["unjudged", "failed"]), "failed");
  strictEqual(togetherVerdict(["missed", null]), null);
  strictEqual(togetherVerdict([]), null);
});
