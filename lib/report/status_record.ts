import type { RunnerPresence } from "../archive/runner_presence.ts";
import type { Manifest, ManifestEntry } from "../journal/manifest.ts";
import { type ServedLoad, servedLoadOf } from "../experiment/load.ts";
import type { Plan } from "../plan/plan.ts";
import { comparedConfigs } from "../plan/search.ts";
import type { SloSummary } from "../results/summary.ts";
import type { Slo } from "../study/slo_schema.ts";
import { variedReader, type VariedValues } from "../results/varied.ts";

/** `status --json`: the manifest, every run of it with the values that tell it from the others, and what runs now. */
export interface StatusRecord extends Omit<Manifest, "experiments"> {
  readonly experiments: readonly StatusEntry[];
  readonly running: readonly StatusEntry[];
  readonly runner: RunnerPresence;
  /** What the study promises, and what became of it in its completed runs; null where it promises nothing. */
  readonly slo: (SloSummary & { readonly limits: Slo }) | null;
}

export type StatusEntry = ManifestEntry & {
  readonly varied: VariedValues;
  /** When a server is sent its requests; left out where the engine is no server. */
  readonly load?: ServedLoad;
};

/** The runs of the plan are those of the study, as many as the manifest has and in its order. */
export function statusRecord(
  manifest: Manifest,
  plan: Pick<Plan, "runs" | "search">,
  runner: RunnerPresence,
  slo: StatusRecord["slo"] = null,
): StatusRecord {
  const varied = variedReader(comparedConfigs(plan));
  const experiments = manifest.experiments.map((entry, index): StatusEntry => {
    const config = plan.runs[index]?.config;
    if (config === undefined) return { ...entry, varied: {} };
    const load = servedLoadOf(config);
    return { ...entry, varied: varied(config), ...load === null ? {} : { load } };
  });
  const running = runner.alive === false ? [] : experiments.filter(({ status }) => status === "running");
  return { ...manifest, experiments, running, runner, slo };
}
