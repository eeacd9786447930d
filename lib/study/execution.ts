import { z } from "zod";
import type { JsonObject } from "../base/json.ts";
import { note } from "../experiment/field_notes.ts";
import { open } from "../experiment/fields.ts";
import { readWidths } from "./repeats/width.ts";

/** The longest duration a study may ask for: 366 days. Longer ones are taken for a slip of the unit. */
const LONGEST_SECONDS = 366 * 86_400;

/** How often a study runs each experiment where neither its file nor an option says so. */
const STUDY_CYCLES = 3;

const seconds = (): z.ZodNumber => z.number().gt(0).max(LONGEST_SECONDS);
const gapSeconds = (): z.ZodNumber => z.number().min(0).max(LONGEST_SECONDS);

/** The orders in which the cycles of a study can be run. */
export const CYCLE_ORDERS = ["sequential", "interleaved", "shuffled", "reverse", "latin_square"] as const;
export type CycleOrder = typeof CYCLE_ORDERS[number];

/** How many runs there are at a time. */
export const PARALLEL_MODES = ["off", "staged", "shared", "auto"] as const;
export type ParallelMode = typeof PARALLEL_MODES[number];

/** How a study is carried out. None of it belongs to an experiment's identity. */
export const executionSchema = z.strictObject({
  n_cycles: z.int().min(1).nullable().default(null).describe(
    "number of runs of every experiment; null is 3 for a study, 1 for a single experiment",
  ),
  until: open(z.record(z.string(), z.union([z.number().gt(0).lt(1), z.string().min(1)]))).describe(
    "in place of n_cycles: the study goes on, cycle by cycle, until the 95 % interval of every experiment is " +
      "that narrow; metric: half width, such as j_per_output_token: 2%",
  ),
  min_cycles: z.int().min(3).default(6).describe(
    "with until: cycles before the first look at the intervals; with fewer than 6 they cover less than 95 %",
  ),
  max_cycles: z.int().min(4).default(20).describe("with until: cycles at most"),
  time_budget_seconds: seconds().nullable().default(null).describe(
    "with until: no further cycle is begun that would end later than this; the study is complete all the same",
  ),
  cycle_order: z.enum(CYCLE_ORDERS).nullable().default(null).describe(
    "order of the runs: sequential AAABBB, interleaved ABABAB, shuffled again in every cycle, reverse ABBAAB, or " +
      "latin_square (balanced over cycles); null is shuffled for a study, sequential for a single experiment",
  ),
  experiment_gap_seconds: gapSeconds().nullable().default(null).describe(
    "pause between two runs; null is 60 between runs that hold a GPU, else 0",
  ),
  cycle_gap_seconds: gapSeconds().nullable().default(null).describe(
    "pause between two cycles, in place of the experiment gap (a sequential order has no cycles); " +
      "null is 300 between runs that hold a GPU, else 0",
  ),
  shuffle_seed: z.int().nullable().default(null).describe(
    "seed of the shuffled order; null derives it from the study's design hash",
  ),
  skip_preflight: z.boolean().default(false).describe(
    "accepted and ignored: every study is checked first",
  ),
  experiment_timeout_seconds: seconds().nullable().default(null).describe(
    "time limit of one run; null is 2 seconds per prompt, at least 600",
  ),
  startup_timeout_seconds: seconds().nullable().default(null).describe(
    "startup timeout: the time until the first frame of the worker (hello)",
  ),
  silence_timeout_seconds: seconds().nullable().default(null).describe(
    "time limit between two frames of the worker",
  ),
  server_ready_timeout_seconds: seconds().default(600).describe(
    "time limit from the start of openai.server until it is ready",
  ),
  request_timeout_seconds: seconds().nullable().default(null).describe(
    "time limit of one request to a server; null is that of the run",
  ),
  close_timeout_seconds: seconds().default(30).describe(
    "time limit from the worker's result or error to its exit; after it the worker is killed, and its result is kept",
  ),
  study_timeout_seconds: seconds().nullable().default(null).describe("time limit of the whole study"),
  grace_seconds: seconds().default(2).describe(
    "time that an interrupted worker has to exit before it is killed",
  ),
  retries: z.int().min(0).default(0).describe(
    "further attempts of a run that crashed, timed out or failed for a reason that may be temporary",
  ),
  retry_backoff_seconds: z.number().min(0).max(60).default(1).describe(
    "pause before the second attempt of a run; doubles for each further one, up to 60, and varies by up to 20 %",
  ),
  max_failures: z.int().min(1).nullable().default(null).describe(
    "the study stops after this number of failed runs",
  ),
  give_up_after: z.int().min(2).nullable().default(null).describe(
    "after the first N runs of a backend and model all failed in the same way, its other runs are skipped",
  ),
  containment: z.enum(["group", "cgroup", "pidns"]).nullable().default(null).describe(
    "what contains the processes of a run: a process group, a control group or a pid namespace; null is a control " +
      "group if one can be created, else a process group",
  ),
  devices: note(
    z.array(z.string().min(1)).default([]).describe(
      "devices of every run, with parallel of all runs together: indices of nvidia-smi, UUIDs (GPU-..., MIG-...), PCI " +
        "addresses, or all",
    ),
    {
      commaList: true,
    },
  ),
  parallel: z.enum(PARALLEL_MODES).default("off").describe(
    "several runs at a time, each on devices of its own: off; staged, where loads overlap and one run at a time is " +
      "measured; shared, where measured windows overlap, too; auto, which is staged where every worker can wait to be " +
      "measured, else off",
  ),
  devices_per_run: z.int().min(1).nullable().default(null).describe(
    "with parallel: devices that each run gets; null is what the engine's settings ask for",
  ),
  pair_by: z.array(z.string().min(1)).default([]).describe(
    "with parallel: runs of a cycle that agree in these fields are made on the same devices; none: all runs of a cycle",
  ),
  quiet: z.boolean().default(false).describe("with parallel: nothing loads while a run is measured"),
  pin: z.enum(["auto", "none", "numa"]).default("auto").describe(
    "with parallel: CPUs of a run: auto, cores of its own near its devices; numa, all of the NUMA node of its devices; " +
      "none, all",
  ),
  audit: z.strictObject({
    experiments: z.int().min(1).default(2).describe(
      "how many experiments are measured alone and beside others",
    ),
    pairs: z.int().min(3).default(6).describe("how often each is measured both ways"),
    tolerance: z.number().gt(0).lt(1).default(0.01).describe("difference, as a share, that counts as none"),
  }).nullable().default(null).describe(
    "with parallel: shared: first measures chosen experiments alone and beside other runs, and compares",
  ),
});

/** The `execution` block with every default filled in. */
export type Execution =
  & Omit<z.output<typeof executionSchema>, "n_cycles" | "cycle_order" | "until">
  & {
    /** With `until` the cycles that the plan begins with. */
    readonly n_cycles: number;
    readonly cycle_order: CycleOrder;
    /** Half widths to be reached, as shares of the mean, by metric; null for a fixed number of cycles. */
    readonly until: Readonly<Record<string, number>> | null;
  };

/** Fills in what an execution block leaves open; a study repeats and shuffles by default, a single experiment does not. */
export function resolveExecution(block: JsonObject, kind: "study" | "experiment"): Execution {
  const parsed = executionSchema.safeParse(block);
  const execution = parsed.success ? parsed.data : executionSchema.parse({});
  const isStudy = kind === "study";
  const until = execution.until === null ? null : readWidths(execution.until);
  return {
    ...execution,
    until,
    n_cycles: until === null ? execution.n_cycles ?? (isStudy ? STUDY_CYCLES : 1) : execution.min_cycles,
    cycle_order: execution.cycle_order ?? (isStudy ? "shuffled" : "sequential"),
  };
}
