import type { ExperimentConfig } from "../../../lib/experiment/config.ts";
import type { JsonObject } from "../../../lib/base/json.ts";
import { variation } from "../../../lib/base/numbers.ts";
import type { Engine } from "./engine.ts";
import { generate } from "./generate.ts";
import { groups } from "./groups.ts";
import { type Outbox, phase } from "./outbox.ts";
import { Progress } from "./progress.ts";
import type { Prompt } from "./prompts.ts";

type WarmupConfig = ExperimentConfig["warmup"];

/** What the warm-up came to, as the result states it. */
export interface WarmedUp extends JsonObject {
  readonly prompts: number;
  /** Of each batch, in order. */
  readonly latencies_ms: readonly number[];
  /** Null where nobody asked. */
  readonly converged: boolean | null;
  /** Coefficient of variation of the last window; null where nobody asked. */
  readonly final_cv: number | null;
}

/** Runs prompts of the workload that are not counted: a fixed number, or until the latencies settle. */
export function warmUp(
  engine: Engine,
  workload: { readonly prompts: readonly Prompt[]; readonly parallel: number },
  config: WarmupConfig,
  outbox: Outbox,
): WarmedUp {
  outbox.send(phase("warmup", "begin"));
  const result = config.convergence_detection
    ? warmUntilSettled(engine, workload, config, outbox)
    : warmByCount(engine, workload, config.n_warmup, outbox);
  outbox.send(phase("warmup", "end"));
  return result;
}

/** The first prompts of the workload, over and over. */
function warmByCount(
  engine: Engine,
  { prompts, parallel }: Parameters<typeof warmUp>[1],
  count: number,
  outbox: Outbox,
): WarmedUp {
  const chosen = Array.from({ length: count }, (_, index) => prompts.slice(index % prompts.length)[0])
    .filter((prompt) => prompt !== undefined);
  const progress = new Progress(outbox, chosen, "warm-up");
  const latencies_ms = [...groups(chosen, parallel)].map((group) => latencyMs(engine, group, progress));
  return { prompts: count, latencies_ms, converged: null, final_cv: null };
}

/**
 * One batch again and again: only equal work can have equal latencies. A batch is what is measured, so where several
 * prompts run together it counts as one.
 */
function warmUntilSettled(
  engine: Engine,
  { prompts, parallel }: Parameters<typeof warmUp>[1],
  { cv_threshold, max_prompts, min_prompts, window_size }: WarmupConfig,
  outbox: Outbox,
): WarmedUp {
  const batch = prompts.slice(0, parallel);
  const progress = new Progress(outbox, Array.from({ length: max_prompts }, () => batch).flat(), "warm-up");
  const latencies_ms: number[] = [];
  let final_cv: number | null = null;
  let converged = false;
  while (!converged && latencies_ms.length < max_prompts) {
    latencies_ms.push(latencyMs(engine, batch, progress));
    if (latencies_ms.length < window_size) continue;
    final_cv = variation(latencies_ms.slice(-window_size));
    converged = latencies_ms.length >= min_prompts && final_cv < cv_threshold;
  }
  return { prompts: latencies_ms.length * batch.length, latencies_ms, converged, final_cv };
}

function latencyMs(engine: Engine, prompts: readonly Prompt[], progress: Progress): number {
  const { beginNs, endNs } = generate(engine, prompts, (tokens, nowNs) => progress.add(tokens, nowNs));
  return Number(endNs - beginNs) / 1e6;
}
