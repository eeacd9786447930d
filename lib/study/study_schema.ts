import { z } from "zod";
import { experimentSchema } from "../experiment/config.ts";
import { BACKENDS, backendSchema, DEFAULT_BACKEND, ENGINE_DECLARATIONS } from "../experiment/engines.ts";
import { type MapShape, mapShapeOf } from "../experiment/shape.ts";
import { open } from "../experiment/fields.ts";
import { clusterSchema } from "./cluster.ts";
import { executionSchema } from "./execution.ts";
import { runnersSchema } from "./runner_schema.ts";
import { searchSchema } from "./search_schema.ts";
import { sloSchema } from "./slo_schema.ts";

/** Keys of a study file that are no experiment's: they say which experiments there are and how to run them. */
const studyOnlySchema = z.strictObject({
  name: z.string().min(1).nullable().default(null).describe("name of the study and its directory"),
  base: z.string().min(1).nullable().default(null).describe("a file to start from, relative to this one"),
  version: z.json().default(null).describe("ignored"),
  runners: runnersSchema,
  execution: executionSchema.prefault({}).describe(
    "how runs are executed; not part of an experiment's identity",
  ),
  cluster: clusterSchema.prefault({}).describe(
    "how several nodes share the study (llem run --join); not part of an experiment's identity",
  ),
  slo: open(sloSchema).describe(
    "limits that results are judged by; not part of an experiment's identity",
  ),
  search: open(searchSchema).describe("openai: find the highest load that keeps the slo"),
  sweep: z.record(z.string(), z.json()).nullable().default(null).describe(
    "dotted key: list of values; every combination is an experiment",
  ),
  experiments: z.array(z.record(z.string(), z.json())).nullable().default(null).describe(
    "list of experiments, each over the shared fields",
  ),
});

const backend = backendSchema;

/** A study file: the study's own keys, and every field of an experiment as a shared one. */
export const studySchema = z.strictObject({
  ...studyOnlySchema.shape,
  ...experimentSchema.shape,
  backend: z.union([backend, z.array(backend).min(1)]).default(DEFAULT_BACKEND).describe(
    "engine that runs the model; a list runs the same experiments on each",
  ),
});

/** Keys that a `base` file may hold and that stay without effect there. */
export const STUDY_ONLY_KEYS: ReadonlySet<string> = new Set(Object.keys(studyOnlySchema.shape));

/** Names that earlier tools used for a key, so that their files get the right hint. */
export const FORMER_NAMES: ReadonlyMap<string, string> = new Map([
  ["campaign_name", "name"],
  ["cycles", "n_cycles"],
  ["fp_precision", "precision"],
  ["grid", "sweep"],
  ["model_name", "model"],
  ["num_cycles", "n_cycles"],
  ["num_prompts", "n"],
  ["num_samples", "n"],
  ["seed", "random_seed"],
  ["structure", "cycle_order"],
  ["timeout", "execution.experiment_timeout_seconds"],
  ...BACKENDS.flatMap((backend) => Object.entries(ENGINE_DECLARATIONS[backend].former_names)),
]);

/** The shape of a whole study file. */
export function studyShape(): MapShape {
  return mapShapeOf(studySchema);
}

/** The shape of one experiment. */
export function experimentShape(): MapShape {
  return mapShapeOf(experimentSchema);
}
