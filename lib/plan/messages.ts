/** The texts of lib/plan for people: one pure function for each message. */
import type { Json } from "../base/json.ts";
import { plural } from "../base/text.ts";

/** Why a point of a sweep of both places for the number of prompts is left out. */
export function sweptCountsDiffer({ n, own }: { readonly n: Json; readonly own: Json }): string {
  return `dataset.n is ${JSON.stringify(own)}, but n is ${JSON.stringify(n)}: both are the number of prompts`;
}

/** Why the windows of a study may be too short; `of` is how many experiments are, and of how many. */
export function shortWindow(
  of: { readonly short: number; readonly all: number },
  why: { readonly kind: "tokens"; readonly count: number } | {
    readonly kind: "time";
    readonly seconds: number;
  },
): string {
  const windows = of.all === 1
    ? "the measured window"
    : `the measured window of ${of.short} of ${plural(of.all, "experiment")}`;
  const reason = why.kind === "time"
    ? `it lasts ${why.seconds} s`
    : `a run generates at most ${plural(why.count, "token")}`;
  return `${windows} may be too short for energy: ${reason}; energy needs a window of at least 10 s`;
}

/** What to do about it. */
export function shortWindowHint(): string {
  return "set measure.min_seconds: 30, or energy.backend: null to meter nothing";
}
