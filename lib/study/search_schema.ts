import { z } from "zod";
import { isWholeLoad } from "../experiment/searched_load.ts";
import type { LoadRange } from "../statistics/load_search.ts";

/** The highest load that keeps a promise: looked for by runs, one after the other. */
export const searchSchema = z.strictObject({
  over: z.string().min(1).describe("load, such as openai.load.rate"),
  from: z.number().gt(0).describe("lowest"),
  to: z.number().gt(0).describe("highest"),
  resolution: z.number().min(0.001).max(1).default(0.05).describe(
    "final step, as a share",
  ),
  until: z.enum(["slo"]).default("slo").describe("where it ends"),
});

/** The section `search` of a study, every default filled in. */
export type Search = z.output<typeof searchSchema>;

/** The loads that it is over. */
export function rangeOf({ over, from, to, resolution }: Search): LoadRange {
  return { from, to, resolution, whole: isWholeLoad(over) };
}
