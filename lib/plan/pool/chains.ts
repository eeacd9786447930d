import { hash16 } from "../../base/canonical_json.ts";
import type { JsonObject } from "../../base/json.ts";
import { readPath } from "../../experiment/read_path.ts";
import type { Run } from "../../experiment/run.ts";
import type { Chain, RunDemand } from "./chain.ts";

/**
 * The chains of runs, oldest first: the runs of a cycle that need as many boards, beside others or alone, and have equal
 * values of the fields `pair_by` (dotted paths). The name of a chain follows from what its runs share, so that it is the same
 * for a resume that has fewer of them left.
 */
export function chainsOf(
  runs: readonly Run[],
  demandOf: (run: Run) => RunDemand,
  pair_by: readonly string[],
): Chain[] {
  const valuesOf = pairValues(pair_by);
  const chains = new Map<string, Chain & { readonly runs: Run[] }>();
  for (const run of runs) {
    const { boards, exclusive } = demandOf(run);
    const id = chainId(run.cycle, { boards, exclusive }, valuesOf(run));
    const known = chains.get(id);
    if (known !== undefined) known.runs.push(run);
    else chains.set(id, { id, cycle: run.cycle, boards, exclusive, runs: [run] });
  }
  return [...chains.values()];
}

/** `c2`; `c2-k4` on four boards; `c2-alone`; each followed by what stands for its values of `pair_by`. */
function chainId(cycle: number, { boards, exclusive }: RunDemand, values: string | null): string {
  const usual = exclusive ? 0 : 1;
  return [`c${cycle}`, exclusive ? "alone" : null, boards === usual ? null : `k${boards}`, values]
    .filter((part) => part !== null).join("-");
}

/** Eight hex digits for the values of a run; null where nothing is paired. */
function pairValues(pair_by: readonly string[]): (run: Run) => string | null {
  if (pair_by.length === 0) return () => null;
  const known = new Map<string, string>();
  return ({ config_hash, config }) => {
    const told = known.get(config_hash);
    if (told !== undefined) return told;
    const values = pair_by.map((path) => readPath(config as JsonObject, path) ?? null);
    const short = hash16(values).slice(0, 8);
    known.set(config_hash, short);
    return short;
  };
}
