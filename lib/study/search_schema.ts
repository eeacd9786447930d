import { z } from "zod";

/** The highest load that keeps a promise: looked for by runs, one after the other. */
export const searchSchema = z.strictObject({
  over: z.string().min(1).describe("the load, such as openai.load.rate"),
  from: z.number().gt(0).describe("lowest load"),
  to: z.number().gt(0).describe("highest load"),
  until: z.enum(["slo"]).default("slo").describe("it ends where the slo is broken"),
});

export type Search = z.output<typeof searchSchema>;
