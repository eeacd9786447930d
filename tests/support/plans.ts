/** Configurations, runs and plans for tests: only what a test is about has to be said. */
import { resolveCluster } from "../../lib/study/cluster.ts";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { JsonObject } from "../../lib/base/json.ts";
import type { ExperimentConfig } from "../../lib/experiment/config.ts";
import { configHash, designHash } from "../../lib/experiment/identity.ts";
import { resolveConfig } from "../../lib/experiment/resolve_config.ts";
import { hideSecrets } from "../../lib/experiment/secrets.ts";
import type { Run } from "../../lib/experiment/run.ts";
import type { Plan } from "../../lib/plan/plan.ts";
import { resolveExecution } from "../../lib/study/execution.ts";
import { NO_METERING } from "../../lib/study/user_config.ts";

const TESTS = dirname(dirname(fileURLToPath(import.meta.url)));
/** The programs that misbehave, one way each. */
export const WORKERS = join(TESTS, "fixtures", "workers");

/** A resolved configuration; a `command` experiment unless the draft says otherwise. */
export function configOf(draft: JsonObject = {}): ExperimentConfig {
  const backend = draft["backend"] ?? "command";
  const command = backend === "command" ? { command: { argv: ["true"] } } : {};
  const config = resolveConfig({ model: "none", backend, ...command, ...draft });
  if (config === null) throw new Error(`Not a configuration: ${JSON.stringify(draft)}`);
  return config;
}

/** The configuration of one of the fixture workers. */
export function workerConfig(fixture: string, draft: JsonObject = {}): ExperimentConfig {
  return configOf({ command: { argv: [join(WORKERS, `${fixture}.sh`)] }, ...draft });
}

/** What a plan holds beside its experiments. */
export interface PlanDraft extends Partial<Omit<Plan, "execution">> {
  readonly execution?: JsonObject;
  /** The gap before every run but the first. */
  readonly gap?: Run["gap_before"];
}

/** A plan of these experiments, all cycles of one after the other. */
export function planOf(configs: readonly ExperimentConfig[], draft: PlanDraft = {}): Plan {
  const { execution: block = {}, gap = null, ...rest } = draft;
  const n_cycles = rest.n_cycles ?? 1;
  const execution = resolveExecution({ n_cycles, cycle_order: "sequential", ...block }, "study");
  const cycles = Array.from({ length: n_cycles }, (_, index) => index + 1);
  const runs = configs.flatMap((config) => cycles.map((cycle) => ({ config, cycle })))
    .map(({ config, cycle }, index): Run => ({
      index: index + 1,
      config_hash: configHash(config),
      cycle,
      config: hideSecrets(config).config,
      gap_before: index === 0 ? null : gap,
    }));
  const hidden = configs.map((config) => [configHash(config), hideSecrets(config).secrets] as const);
  return {
    name: "test",
    kind: "study",
    study_design_hash: designHash(configs.map(configHash)),
    n_experiments: configs.length,
    n_cycles,
    cycle_order: execution.cycle_order,
    seed: null,
    gaps: { experiment_s: 0, cycle_s: 0 },
    runs,
    skipped: [],
    secrets: Object.fromEntries(hidden.filter(([, secrets]) => secrets.length > 0)),
    execution,
    slo: null,
    search: null,
    runners: {},
    cluster: resolveCluster({}),
    metering: NO_METERING,
    ...rest,
  };
}
