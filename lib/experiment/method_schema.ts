import { z } from "zod";
import { note } from "./field_notes.ts";
import { count, later, open } from "./fields.ts";

/** Prompts run before the measurement, so that it sees a warm machine. */
export const warmupSchema = z.strictObject({
  enabled: z.boolean().default(true).describe("warm up before the measurement"),
  n_warmup: count().default(5).describe("number of warm-up prompts, not measured"),
  thermal_floor_seconds: z.number().min(30).default(60).describe(
    "maximum time to let a GPU cool down before a run; the wait ends once the board is within 2 C of its temperature at the start of the study",
  ),
  convergence_detection: z.boolean().default(false).describe("warm up until the latencies are stable"),
  cv_threshold: z.number().min(0.01).max(0.5).default(0.05).describe(
    "coefficient of variation below which latencies are stable",
  ),
  max_prompts: count(5).default(20).describe("maximum number of warm-up prompts"),
  window_size: count(3).default(5).describe("number of latencies compared for stability"),
  min_prompts: count().default(5).describe("minimum number of warm-up prompts"),
});

/** How long the measurement lasts. */
export const measureSchema = z.strictObject({
  min_seconds: open(z.number().gt(0).max(366 * 86_400)).describe(
    "minimum length of the measured window; the workload is repeated to fill it; null runs the workload once",
  ),
  steady: later(z.boolean().default(false)).describe(
    "openai: measure steady load, for min_seconds or longer (null is 30)",
  ),
});

/** The power of the idle machine, to be told apart from the run's. */
export const baselineSchema = z.strictObject({
  enabled: z.boolean().default(true).describe("measure idle power and subtract it"),
  duration_seconds: z.number().min(5).max(120).default(30).describe("time over which idle power is measured"),
});

/** What an experiment may be metered with: one kind of meter, or whatever is there. */
export const ENERGY_BACKENDS = ["auto", "nvml", "rapl", "amd"] as const;
export type EnergyBackend = typeof ENERGY_BACKENDS[number];

/** The names of llenergymeasure's backends that llem has no use for, and what meters the same here. */
const FORMER_ENERGY_BACKENDS = { zeus: "nvml", codecarbon: "auto" } as const;

/** The declaration of an energy backend; null meters nothing. Older names are taken with a warning. */
export const energyBackend = (): z.ZodDefault<z.ZodNullable<z.ZodEnum<z.core.util.ToEnum<EnergyBackend>>>> =>
  z.nullable(note(z.enum(ENERGY_BACKENDS), { formerValues: FORMER_ENERGY_BACKENDS })).default("auto");

/** What meters energy. */
export const energySchema = z.strictObject({
  backend: energyBackend().describe(
    "auto uses every available meter, nvml NVIDIA GPUs, amd AMD GPUs, rapl CPUs; null disables metering",
  ),
});

/** A low-rank adapter on top of the model. */
export const loraSchema = z.strictObject({
  adapter_id: open(z.string().min(1)).describe("adapter on the hub; excludes adapter_path"),
  adapter_path: open(z.string().min(1)).describe("adapter folder; excludes adapter_id"),
  merge_weights: z.boolean().default(false).describe("merge the adapter into the weights before measuring"),
});

/** A folder for further output, which is none of what is measured. */
export const outputDirSchema = note(open(z.string().min(1)).describe("folder for additional output"), {
  outsideIdentity: true,
});
