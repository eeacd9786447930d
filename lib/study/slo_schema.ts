import { z } from "zod";
import { open } from "../experiment/fields.ts";

const limit = (): z.ZodNumber => z.number().gt(0);

/** What a server is to promise. Results are judged by it afterwards: it is no part of an experiment's identity. */
export const sloSchema = z.strictObject({
  ttft_ms: open(limit()).describe("longest time to the first token"),
  tpot_ms: open(limit()).describe("longest time per further token"),
  itl_ms: open(limit()).describe("longest time between two tokens"),
  e2e_ms: open(limit()).describe("longest time of a request"),
  share: z.number().gt(0).max(1).default(0.99).describe(
    "share of requests that must keep the limits",
  ),
});

/** Limits in milliseconds, null where there is none; at least one of them is given. */
export type Slo = z.output<typeof sloSchema>;

/** The keys that limit a time of each request. */
export const SLO_LIMITS = ["ttft_ms", "tpot_ms", "itl_ms", "e2e_ms"] as const;
