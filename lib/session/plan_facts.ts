import { ENGINES } from "../engines/engines.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import { hasGpu } from "../host/environment.ts";
import { visibleTo } from "../host/visible_boards.ts";
import { boardsListed } from "../host/boards.ts";
import { readGpus } from "../host/gpus.ts";
import { elsewhereByName } from "./find_servers.ts";
import type { PlanFacts } from "../plan/plan.ts";

/** Gaps where neither the study nor the user says any, in seconds (llenergymeasure's defaults). */
const GPU_GAPS = { experiment_s: 60, cycle_s: 300 };
const NO_GAPS = { experiment_s: 0, cycle_s: 0 };

type Env = Readonly<Record<string, string>>;

/** Where a study is planned. */
export interface PlanningPlace {
  readonly env: Env;
  /** Absolute folder of the study file. */
  readonly base_dir: string;
  /** The devices that the study names. */
  readonly devices: readonly string[];
  /** Whether this machine has a GPU; asked of /dev unless given. */
  readonly has_gpu?: boolean;
}

/** What this machine adds to a study that leaves its gaps open. */
export function gapFacts(
  { env, base_dir, devices, has_gpu = hasGpu() }: PlanningPlace,
): Pick<PlanFacts, "gaps" | "holdsGpu"> {
  if (!has_gpu || devices.length === 0 && hidesAll(env)) return { gaps: NO_GAPS, holdsGpu: () => false };
  const host = { env, base_dir, has_gpu };
  const known = new Map<ExperimentConfig, boolean>();
  const isElsewhere = elsewhereByName();
  const holdsGpu = (config: ExperimentConfig): boolean => {
    if (isElsewhere(config)) return false;
    const { kind } = ENGINES[config.backend].gpus(config, host);
    // A worker that only its author knows holds the devices that the study names.
    return kind === "some" || kind === "unknown" && devices.length > 0;
  };
  return {
    gaps: GPU_GAPS,
    holdsGpu: (config) => {
      const holds = known.get(config) ?? holdsGpu(config);
      known.set(config, holds);
      return holds;
    },
  };
}

/** True where CUDA_VISIBLE_DEVICES keeps every GPU from the runs. In a Slurm job an empty list says nothing. */
export function hidesAll(env: Env): boolean {
  const visible = visibleTo(env, boardsListed(readGpus()));
  return visible.kind === "names" && visible.names.length === 0;
}
