import { configDemands } from "../../engines/config_demand.ts";
import type { Issue } from "../../base/issue.ts";
import { largest } from "../../base/numbers.ts";
import type { ExperimentConfig } from "../../experiment/config.ts";
import { hasGpu } from "../../host/environment.ts";
import type { Plan } from "../../plan/plan.ts";
import type { ConfigDemand } from "../../plan/pool/demand.ts";
import { distinctConfigs } from "../../results/varied.ts";
import type { IssueLocation, Study } from "../../study/study.ts";
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

/** What keeps runs from being made at a time: nobody knows how many boards they take, or there are too few (null: not known). */
export function demandIssues(
  { parallel_places: places, file }: Pick<Study, "parallel_places" | "file">,
  { execution, runs }: Plan,
  demandOf: DemandOf,
  n_boards: number | null,
): Issue[] {
  if (execution.parallel !== "staged" && execution.parallel !== "shared") return [];
  const at = (key: keyof typeof places): IssueLocation & { readonly path: string } => ({
    ...places[key] ?? places.parallel ?? { file: file ?? "", line: null, column: null },
    path: `execution.${places[key] === null && key === "devices_per_run" ? "parallel" : key}`,
  });
  const configs = distinctConfigs(runs);
  const unknown = configs.find((config) => demandOf(config).kind === "unknown");
  if (unknown !== undefined) return [{ ...at("devices_per_run"), ...demandUnknown(unknown.backend) }];
  const demands = configs.map(demandOf);
  const asked = largest(demands.map((demand) => demand.kind === "too_few" ? demand.asked : 0), 0);
  if (asked > 0) {
    return [{ ...at("devices_per_run"), ...devicesTooFew(execution.devices_per_run ?? 0, asked) }];
  }
  const most = largest(demands.map((demand) => demand.kind === "known" ? demand.boards : 0), 0);
  if (n_boards === null || most <= n_boards) return [];
  return [{ ...at("devices"), ...runsNeedMore(n_boards, most) }];
}
