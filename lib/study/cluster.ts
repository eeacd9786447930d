import { z } from "zod";
import type { JsonObject } from "../base/json.ts";

/** How several nodes share a study. None of it belongs to an experiment's identity. */
export const clusterSchema = z.strictObject({
  lease_seconds: z.number().min(1).max(86_400).default(60).describe(
    "an agent whose heartbeat stands still for this long has lost what it took",
  ),
  mixed: z.boolean().default(false).describe(
    "nodes may differ from the first one in GPUs, drivers, CPUs and engines",
  ),
  exclusive: z.boolean().default(true).describe(
    "llem submit asks for whole nodes; the energy of a shared node cannot be attributed",
  ),
});

/** The `cluster` block with every default filled in. */
export type Cluster = z.output<typeof clusterSchema>;

/** Fills in what a `cluster` block leaves open. */
export function resolveCluster(block: JsonObject): Cluster {
  const parsed = clusterSchema.safeParse(block);
  return parsed.success ? parsed.data : clusterSchema.parse({});
}
