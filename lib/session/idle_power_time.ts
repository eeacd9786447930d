import { largest } from "../base/numbers.ts";
import { userCacheFolder } from "../base/user_cache_folder.ts";
import { ENGINES } from "../engines/engines.ts";
import { servedAddress } from "../experiment/served_address.ts";
import { hasGpu } from "../host/environment.ts";
import { likelyMeters } from "../metering/start_meter.ts";
import type { Plan } from "../plan/plan.ts";
import { baselinesFile, loadBaselines } from "../storage/baselines.ts";
import { energyBackendOf } from "../study/user_config.ts";
import { hidesAll, type PlanningPlace } from "./plan_facts.ts";

/**
 * How many seconds of a study go to metering idle power: before the first run that may use a GPU, unless that was done
 * within the hour, and after the last. 0 where no run does, or no GPU can be metered. Settling comes on top.
 */
export function idlePowerSeconds(
  { runs, metering, execution }: Pick<Plan, "runs" | "metering" | "execution">,
  { env, base_dir, has_gpu = hasGpu() }: Pick<PlanningPlace, "env" | "base_dir" | "has_gpu">,
): number {
  const hasMeter = likelyMeters(env).some((meter) => meter !== "rapl");
  if (!hasMeter || execution.devices.length === 0 && hidesAll(env)) return 0;
  const first = runs.find(({ config }) =>
    config.baseline.enabled && servedAddress(config) === null && energyBackendOf(config, metering) !== null &&
    ENGINES[config.backend].gpus(config, { env, base_dir, has_gpu }).kind !== "none"
  );
  if (first === undefined) return 0;
  const cache = userCacheFolder(env);
  const isKept = cache !== null && Object.keys(loadBaselines(baselinesFile(cache))).length > 0;
  const after_s = largest(runs.map(({ config }) => config.baseline.duration_seconds));
  return (isKept ? 0 : first.config.baseline.duration_seconds) + after_s;
}
