import { configDemands } from "../../engines/config_demand.ts";
import { hasGpu } from "../../host/environment.ts";
import type { Run } from "../../experiment/run.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Chain, RunDemand } from "../../plan/pool/chain.ts";
import { chainsOf } from "../../plan/pool/chains.ts";
import { runDemand } from "../../plan/pool/demand.ts";

/** One run at a time has all that there is. */
const ONE_AT_A_TIME: RunDemand = { boards: 1, exclusive: false };

/**
 * What agents claim of a study. All agents come to the same, also one that makes a run at a time where another makes several:
 * it goes by the study alone.
 */
export function studyChains(
  plan: Plan,
  { env, base_dir, has_gpu }: {
    readonly env: Readonly<Record<string, string>>;
    readonly base_dir: string;
    /** Whether the nodes have GPUs; as this one where it is not said. */
    readonly has_gpu?: boolean;
  },
): Chain[] {
  const { execution, runs } = plan;
  if (execution.parallel === "off") return chainsOf(runs, () => ONE_AT_A_TIME, execution.pair_by);
  const demandOf = configDemands({ host: { env, base_dir, has_gpu: has_gpu ?? hasGpu() }, execution });
  const ofRun = ({ config }: Run): RunDemand => {
    const demand = demandOf(config);
    return demand.kind === "known" ? runDemand(demand) : ONE_AT_A_TIME;
  };
  return chainsOf(runs, ofRun, execution.pair_by);
}
