import { isJsonObject } from "../base/json.ts";
import { LLEM_VERSION } from "../base/version.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import { BACKENDS } from "../experiment/engines.ts";
import { asStored } from "../experiment/remote_code.ts";
import { resolveConfig } from "../experiment/resolve_config.ts";
import { hideSecrets } from "../experiment/secrets.ts";
import type { Run } from "../experiment/run.ts";
import { withNamedField } from "../experiment/worker_variables.ts";
import type { Plan } from "../plan/plan.ts";
import { resolveCluster } from "../study/cluster.ts";
import { CYCLE_ORDERS, resolveExecution } from "../study/execution.ts";
import { NO_METERING } from "../study/user_config.ts";

/** plan.json: the plan and what is needed to go on with it without the study file. */
export interface StoredPlan {
  readonly schema: "llem.plan/1";
  readonly llem_version: string;
  /** Absolute folder in which relative paths of the configuration start. */
  readonly base_dir: string;
  /** SHA-256 of study.yaml as it was planned. */
  readonly study_sha256: string;
  readonly plan: Omit<Plan, "runs">;
  /** Each experiment once, by its hash. */
  readonly experiments: Readonly<Record<string, ExperimentConfig>>;
  readonly runs: readonly Omit<Run, "config">[];
}

/** A plan in the shape that is stored: a configuration stands once, however many cycles run it. */
export function storePlan(plan: Plan, about: Pick<StoredPlan, "base_dir" | "study_sha256">): StoredPlan {
  const { runs, ...rest } = plan;
  return {
    schema: "llem.plan/1",
    llem_version: LLEM_VERSION,
    ...about,
    plan: rest,
    experiments: Object.fromEntries(runs.map((run) => [run.config_hash, run.config])),
    runs: runs.map(({ config: _, ...run }) => run),
  };
}

/** plan.json of the very first versions: every run with its configuration, below `plan`. */
interface FirstStoredPlan {
  readonly plan: { readonly runs?: readonly Run[] };
}

/** A plan of the first versions in today's shape; any other as it is. */
function inTodaysShape(stored: StoredPlan): StoredPlan {
  const { runs } = (stored as unknown as FirstStoredPlan).plan;
  if (stored.experiments !== undefined || runs === undefined) return stored;
  // They did not know all sections.
  const usual = resolveConfig({ model: "none" });
  const sections = usual === null
    ? {}
    : { measure: usual.measure, baseline: usual.baseline, energy: usual.energy };
  const experiments = Object.fromEntries(
    runs.map(({ config_hash, config }) => [config_hash, { ...sections, ...config }]),
  );
  return { ...stored, experiments, runs };
}

/** What readers rely on, as somebody may have changed the file; the rest is as it was planned. */
function hasShape({ plan, experiments, runs }: StoredPlan): boolean {
  const { name, seed, cycle_order, search = null, slo = null } = plan;
  return (name === null || typeof name === "string") && (seed === null || typeof seed === "number") &&
    CYCLE_ORDERS.includes(cycle_order) &&
    (search === null || isJsonObject(search) && typeof search.over === "string") &&
    (slo === null || isJsonObject(slo)) &&
    Object.values(experiments).every((config) =>
      BACKENDS.includes(config.backend) && typeof config.model === "string" && isJsonObject(config.decoder)
    ) &&
    runs.every(({ index, cycle }) => Number.isInteger(index) && Number.isInteger(cycle));
}

/** The plan of a stored one; null where it is of another schema or damaged. */
export function restorePlan(read: StoredPlan): Plan | null {
  if (read.schema !== "llem.plan/1" || !isJsonObject(read.plan)) return null;
  const stored = inTodaysShape(read);
  if (!hasShape(stored)) return null;
  const { experiments, secrets } = withoutSecrets(stored);
  const runs = stored.runs.map((run) => ({ ...run, config: experiments[run.config_hash] }));
  const whole = runs.filter((run): run is Run => run.config !== undefined);
  if (whole.length !== runs.length) return null;
  // A plan of an earlier llem lacks the settings that it did not know.
  const execution = { ...resolveExecution({}, "study"), ...stored.plan.execution };
  const metering = { ...NO_METERING, ...stored.plan.metering };
  return {
    ...stored.plan,
    secrets,
    runners: stored.plan.runners ?? {},
    execution,
    cluster: { ...resolveCluster({}), ...stored.plan.cluster },
    slo: stored.plan.slo ?? null,
    search: stored.plan.search ?? null,
    metering,
    runs: whole,
  };
}

/** The configurations as they may be shown, and their secrets: an earlier llem left them where they were. */
function withoutSecrets(
  { plan, experiments }: StoredPlan,
): { readonly experiments: Readonly<Record<string, ExperimentConfig>>; readonly secrets: Plan["secrets"] } {
  const hidden = Object.entries(experiments).map(([hash, config]) => {
    const { config: shown, secrets } = hideSecrets(withNamedField(asStored(config)));
    return { hash, shown, secrets: [...plan.secrets?.[hash] ?? [], ...secrets] };
  });
  return {
    experiments: Object.fromEntries(hidden.map(({ hash, shown }) => [hash, shown])),
    secrets: Object.fromEntries(
      hidden.filter(({ secrets }) => secrets.length > 0).map(({ hash, secrets }) => [hash, secrets]),
    ),
  };
}
