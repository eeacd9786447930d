import { z } from "zod";
import type { JsonObject } from "../base/json.ts";

/** How several nodes share a study. None of it belongs to an experiment's identity. */
export const clusterSchema = z.strictObject({
  lease_seconds: z.number().min(1).max(86_400).default(60).describe(
    "an agent whose heartbeat stands still for so long has lost its claims",
  ),
  mixed: z.boolean().default(false).describe(
    "nodes may differ in boards, drivers, CPUs and engines from the first one",
  ),
  exclusive: z.boolean().default(true).describe(
    "llem submit asks for whole nodes; energy of a shared node is nobody's",
  ),
});

/** The `cluster` block with every default filled in. */
export type Cluster = z.output<typeof clusterSchema>;

/** Fills in what a `cluster` block leaves open. */
export function resolveCluster(block: JsonObject): Cluster {
  const parsed = clusterSchema.safeParse(block);
  return parsed.success ? parsed.data : clusterSchema.parse({});
}
