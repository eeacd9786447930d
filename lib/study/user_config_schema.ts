import { z } from "zod";
import { note } from "../experiment/field_notes.ts";
import { energyBackend } from "../experiment/method_schema.ts";
import { type MapShape, mapShapeOf } from "../experiment/shape.ts";
import { executionSchema } from "./execution.ts";
import type { Language } from "./language.ts";
import { runnersSchema } from "./runner_schema.ts";

const outputSchema = z.strictObject({
  results_dir: z.string().min(1).nullable().default(null).describe(
    "folder for study directories without -o; null is results",
  ),
  mode: note(z.enum(["umask", "private"]), { formerValues: { "0700": "private", "700": "private" } }).default(
    "umask",
  ).describe(
    "who can read study directories: private is only you (folders 700, files 600), umask follows the umask",
  ),
  model_cache_dir: z.string().min(1).nullable().default(null).describe(
    "folder for downloaded models; ignored for now",
  ),
});

const measurementSchema = z.strictObject({
  energy_backend: energyBackend().describe(
    "energy meter of studies with energy.backend: auto; null meters nothing",
  ),
  carbon_intensity_gco2_kwh: z.number().min(0).nullable().default(null).describe(
    "grams of CO2 per kWh from the grid; ignored for now",
  ),
  datacenter_pue: z.number().min(1).default(1).describe(
    "power of the whole data centre divided by the power of its computers (PUE); ignored for now",
  ),
});

const uiSchema = z.strictObject({
  log_level: z.enum(["WARNING", "INFO", "DEBUG"]).default("WARNING").describe(
    "verbosity; ignored, use -q and -v",
  ),
  prompt: z.boolean().default(true).describe(
    "allows questions; ignored, llem asks none",
  ),
});

const advancedSchema = z.strictObject({
  nvml_poll_interval_ms: z.int().min(10).max(10_000).nullable().default(null).describe(
    "milliseconds between two power readings; null is 50, half the update interval of most GPUs",
  ),
});

/** What belongs to a machine and its user. What a study consists of (cycles, order, seed) stands in the study alone. */
export const userConfigSchema = z.strictObject({
  output: outputSchema.prefault({}).describe("where results and models go"),
  runners: runnersSchema,
  measurement: measurementSchema.prefault({}).describe("energy"),
  ui: uiSchema.prefault({}).describe("output settings"),
  advanced: advancedSchema.prefault({}).describe("advanced settings"),
  execution: executionSchema
    .omit({
      n_cycles: true,
      until: true,
      min_cycles: true,
      max_cycles: true,
      time_budget_seconds: true,
      cycle_order: true,
      shuffle_seed: true,
      skip_preflight: true,
      server_ready_timeout_seconds: true,
      request_timeout_seconds: true,
      devices_per_run: true,
      pair_by: true,
      audit: true,
    })
    .prefault({}).describe("defaults for studies that do not set it"),
});

/** The language of the user configuration. */
export const USER_LANGUAGE: Language = {
  shape: userConfigShape,
  formerNames: new Map([
    ["cache_dir", "output.model_cache_dir"],
    ["grid_carbon_intensity", "measurement.carbon_intensity_gco2_kwh"],
    ["pue", "measurement.datacenter_pue"],
  ]),
  topKeys: new Set(),
};

/** The shape of the whole user configuration. */
export function userConfigShape(): MapShape {
  return mapShapeOf(userConfigSchema);
}
