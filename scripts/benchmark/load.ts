import type { Figure } from "./figure.ts";

/** How busy the machine was: above its number of cores, times say little and only what is measured in CPU time holds. */
export function measureLoad(when: "before" | "after"): Figure[] {
  const [minute = 0] = Deno.loadavg();
  const remark = `processes that wanted to run in the last minute; ${navigator.hardwareConcurrency} cores`;
  return [{ name: `load_${when}`, value: minute, aim: null, remark }];
}
