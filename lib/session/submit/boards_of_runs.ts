import { configDemands } from "../../engines/config_demand.ts";
import type { Plan } from "../../plan/plan.ts";

/** The most boards that any run of a plan gets, on a machine that has them; one where nobody knows. */
export function boardsOfRuns(
  { runs, execution }: Pick<Plan, "runs" | "execution">,
  base_dir: string,
): number {
  const demandOf = configDemands({
    host: { env: Deno.env.toObject(), base_dir, has_gpu: true },
    execution: { ...execution, devices: [] },
  });
  return runs.reduce((most, { config }) => {
    const demand = demandOf(config);
    const boards = demand.kind === "known" ? demand.boards : demand.kind === "too_few" ? demand.asked : 1;
    return Math.max(most, boards);
  }, 0);
}
