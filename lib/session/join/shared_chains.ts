import type { SharedFiles } from "../../cluster/shared_files.ts";
import { configDemands } from "../../engines/config_demand.ts";
import { hasGpu } from "../../host/environment.ts";
import type { Run } from "../../experiment/run.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Chain, RunDemand } from "../../plan/pool/chain.ts";
import { chainsOf } from "../../plan/pool/chains.ts";
import { runDemand } from "../../plan/pool/demand.ts";

/** One run at a time has all that there is. */
const ONE_AT_A_TIME: RunDemand = { boards: 1, exclusive: false };

/** Where the chains stand that the first agent came to. */
const CHAINS_FILE = "chains.json";

/**
 * What agents claim of a study. Where several runs are made at a time they are those of the first agent: how many boards a run
 * takes may depend on the machine, such as on how its PyTorch was built, and agents that named chains differently would make all
 * runs twice. Throws SaveError.
 */
export function sharedChains(
  files: SharedFiles,
  plan: Plan,
  place: { readonly env: Readonly<Record<string, string>>; readonly base_dir: string },
): Chain[] {
  const own = chainsHere(plan, place);
  if (plan.execution.parallel === "off") return own;
  const text = files.read(CHAINS_FILE);
  if (text === null) files.create(CHAINS_FILE, `${JSON.stringify(own.map(storedChain))}\n`);
  return chainsIn(text ?? files.read(CHAINS_FILE) ?? "", plan) ?? own;
}

type StoredChain = Omit<Chain, "runs"> & { readonly runs: readonly number[] };

function storedChain({ runs, ...chain }: Chain): StoredChain {
  return { ...chain, runs: runs.map(({ index }) => index) };
}

/** Null where the file was cut off, or is not of this plan. */
function chainsIn(text: string, { runs }: Plan): Chain[] | null {
  try {
    const stored: readonly StoredChain[] = JSON.parse(text);
    const chains = stored.map((chain): Chain => ({
      ...chain,
      runs: chain.runs.flatMap((index) => runs[index - 1] ?? []),
    }));
    return chains.reduce((count, chain) => count + chain.runs.length, 0) === runs.length ? chains : null;
  } catch {
    return null;
  }
}

/** The same as this machine sees them. */
function chainsHere(
  plan: Plan,
  { env, base_dir }: { readonly env: Readonly<Record<string, string>>; readonly base_dir: string },
): Chain[] {
  const { execution, runs } = plan;
  if (execution.parallel === "off") return chainsOf(runs, () => ONE_AT_A_TIME, execution.pair_by);
  const demandOf = configDemands({ host: { env, base_dir, has_gpu: hasGpu() }, execution });
  const ofRun = ({ config }: Run): RunDemand => {
    const demand = demandOf(config);
    return demand.kind === "known" ? runDemand(demand) : ONE_AT_A_TIME;
  };
  return chainsOf(runs, ofRun, execution.pair_by);
}
