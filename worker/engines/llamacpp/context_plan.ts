import type { LlamacppConfig } from "../../../lib/experiment/engines/llamacpp.ts";
import { WorkerError } from "../../worker_error.ts";
import { LIMITS } from "./structs.ts";
import { contextBelowWorkload, settingAboveLimit, settingBelowParallel } from "./messages.ts";

/** A context per sequence is a multiple of this. */
const CONTEXT_STEP = 256;
const MAX_U32 = 2 ** 32 - 1;
const MAX_I32 = 2 ** 31 - 1;

/** What a context is asked for. */
export interface ContextPlan {
  /** Tokens of all sequences together. */
  readonly n_ctx: number;
  readonly n_batch: number;
  readonly n_ubatch: number;
  readonly n_seq_max: number;
  readonly n_threads: number;
  readonly n_threads_batch: number;
}

/**
 * The sizes of a context that the workload fits into. Refuses what the library would answer with an abort, and a
 * context that the user made too small; `longest` is the largest number of tokens (prompt and output) of a prompt. A core is left
 * to runner and meter, but of `cores` that are the run's own none: those two have theirs elsewhere.
 */
export function planContext(
  config: LlamacppConfig,
  longest: number,
  cores: number,
  ownCores: number | null = null,
): ContextPlan {
  const n_seq_max = config.n_parallel;
  const threads = config.n_threads ?? ownCores ?? Math.max(1, cores - 1);
  const plan = {
    n_ctx: config.n_ctx ?? n_seq_max * roundUp(longest),
    n_batch: config.n_batch,
    n_ubatch: Math.min(config.n_ubatch, config.n_batch),
    n_seq_max,
    n_threads: threads,
    n_threads_batch: config.n_threads_batch ?? threads,
  };
  refuseOutOfRange(plan);
  const perSequence = roundUp(Math.floor(roundUp(plan.n_ctx) / n_seq_max));
  if (longest > perSequence) {
    throw badSetting(
      contextBelowWorkload({
        n_ctx: plan.n_ctx,
        sequences: n_seq_max,
        perSequence,
        needed: longest,
        enough: n_seq_max * roundUp(longest),
      }),
    );
  }
  return plan;
}

function refuseOutOfRange(plan: ContextPlan): void {
  const limits = [
    ["n_parallel", plan.n_seq_max, LIMITS.sequences],
    ["n_threads", plan.n_threads, LIMITS.threads],
    ["n_threads_batch", plan.n_threads_batch, LIMITS.threads],
    ["n_ctx", plan.n_ctx, MAX_U32 - LIMITS.sequences * CONTEXT_STEP],
    ["n_batch", plan.n_batch, MAX_I32],
  ] as const;
  for (const [name, value, most] of limits) {
    if (value > most) throw badSetting(settingAboveLimit(name, value, most));
  }
  // Every step decodes a token of each sequence in one call, and one compute step holds a token of each.
  for (const name of ["n_batch", "n_ubatch", "n_ctx"] as const) {
    if (plan[name] < plan.n_seq_max) {
      throw badSetting(
        settingBelowParallel(name, plan[name], plan.n_seq_max),
      );
    }
  }
}

function roundUp(tokens: number): number {
  return Math.ceil(tokens / CONTEXT_STEP) * CONTEXT_STEP;
}

function badSetting(problem: string): WorkerError {
  return new WorkerError("bad_setting", problem);
}
