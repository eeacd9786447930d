import type { RunnerPresence } from "../archive/runner_presence.ts";
import type { Manifest, ManifestEntry } from "../journal/manifest.ts";
import type { Plan } from "../plan/plan.ts";
import { comparedConfigs } from "../plan/search.ts";
import { variedReader, type VariedValues } from "../results/varied.ts";

/** `status --json`: the manifest, every run of it with the values that tell it from the others, and what runs now. */
export interface StatusRecord extends Omit<Manifest, "experiments"> {
  readonly experiments: readonly StatusEntry[];
  readonly running: readonly StatusEntry[];
  readonly runner: RunnerPresence;
}

export type StatusEntry = ManifestEntry & { readonly varied: VariedValues };

/** The runs of the plan are those of the study, as many as the manifest has and in its order. */
export function statusRecord(
  manifest: Manifest,
  plan: Pick<Plan, "runs" | "search">,
  runner: RunnerPresence,
): StatusRecord {
  const varied = variedReader(comparedConfigs(plan));
  const experiments = manifest.experiments.map((entry, index): StatusEntry => {
    const config = plan.runs[index]?.config;
    return { ...entry, varied: config === undefined ? {} : varied(config) };
  });
  const running = runner.alive === false ? [] : experiments.filter(({ status }) => status === "running");
  return { ...manifest, experiments, running, runner };
}
