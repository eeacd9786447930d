import { z } from "zod";

/** The highest load that keeps a promise: looked for by runs, one after the other. */
export const searchSchema = z.strictObject({
  over: z.string().min(1).describe("dotted path of the load, such as openai.load.rate"),
  from: z.number().gt(0).describe("lowest load, tried first"),
  to: z.number().gt(0).describe("highest load"),
  until: z.enum(["slo"]).default("slo").describe("what ends it: the slo is not kept any more"),
});

export type Search = z.output<typeof searchSchema>;
