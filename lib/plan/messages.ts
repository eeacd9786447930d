/** The texts of lib/plan for people: one pure function for each message. */
import type { Json } from "../base/json.ts";

/** Why a point of a sweep of both places for the number of prompts is left out. */
export function sweptCountsDiffer({ n, own }: { readonly n: Json; readonly own: Json }): string {
  return `dataset.n is ${JSON.stringify(own)}, but n is ${JSON.stringify(n)}: both are the number of prompts`;
}
