import { configDemands } from "../../engines/config_demand.ts";
import type { Issue } from "../../base/issue.ts";
import { largest } from "../../base/numbers.ts";
import type { ExperimentConfig } from "../../experiment/config.ts";
import { hasGpu } from "../../host/environment.ts";
import type { Plan } from "../../plan/plan.ts";
import type { ConfigDemand } from "../../plan/pool/demand.ts";
import { distinctConfigs } from "../../results/varied.ts";
import type { Study } from "../../study/study.ts";
import { demandUnknown, devicesTooFew, runsNeedMore } from "./messages.ts";

export type DemandOf = (config: ExperimentConfig) => ConfigDemand;

/** Where the runs of a plan are made. */
export interface DemandPlace {
  readonly env: Readonly<Record<string, string>>;
  /** Absolute folder of the study file. */
  readonly base_dir: string;
  /** Whether there is a GPU; asked of /dev unless given. A study that names devices has some. */
  readonly has_gpu?: boolean;
}

/** How many boards each run of a plan gets, and whether it is alone. */
export function demandsOf({ execution }: Plan, { env, base_dir, has_gpu = hasGpu() }: DemandPlace): DemandOf {
  const host = { env, base_dir, has_gpu: has_gpu || execution.devices.length > 0 };
  return configDemands({ host, execution });
}

/** Why runs cannot be made at a time, and the setting that this is about. */
export interface Unplaceable extends Pick<Issue, "message" | "hint"> {
  readonly key: "devices_per_run" | "devices";
}

/**
 * What keeps the runs of a plan from being made at a time: nobody knows how many boards they take, or there are too few (null: not
 * known). Null where nothing does, or where they are made one after the other.
 */
export function unplaceable(
  { execution, runs }: Pick<Plan, "execution" | "runs">,
  demandOf: DemandOf,
  n_boards: number | null,
): Unplaceable | null {
  if (execution.parallel !== "staged" && execution.parallel !== "shared") return null;
  const configs = distinctConfigs(runs);
  const unknown = configs.find((config) => demandOf(config).kind === "unknown");
  if (unknown !== undefined) return { key: "devices_per_run", ...demandUnknown(unknown.backend) };
  const demands = configs.map(demandOf);
  const asked = largest(demands.map((demand) => demand.kind === "too_few" ? demand.asked : 0), 0);
  if (asked > 0) return { key: "devices_per_run", ...devicesTooFew(execution.devices_per_run ?? 0, asked) };
  const most = largest(demands.map((demand) => demand.kind === "known" ? demand.boards : 0), 0);
  if (n_boards === null || most <= n_boards) return null;
  return { key: "devices", ...runsNeedMore(n_boards, most) };
}

/** The same at its place in the study file. */
export function demandIssues(
  { parallel_places: places, file }: Pick<Study, "parallel_places" | "file">,
  plan: Plan,
  demandOf: DemandOf,
  n_boards: number | null,
): Issue[] {
  const found = unplaceable(plan, demandOf, n_boards);
  if (found === null) return [];
  const { key, ...text } = found;
  const at = places[key] === null ? "parallel" : key;
  const place = places[at] ?? { file: file ?? "", line: null, column: null };
  return [{ ...place, path: `execution.${at}`, ...text }];
}
