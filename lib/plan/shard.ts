import { canonicalJson } from "../base/canonical_json.ts";
import type { JsonObject } from "../base/json.ts";
import { readPath } from "../experiment/read_path.ts";
import { type Run, runKey } from "../experiment/run.ts";
import { shardOfMore, shardOfSearch } from "./messages.ts";
import type { Plan, Shard } from "./plan.ts";

/** `2/3` as a shard; null for anything else. */
export function readShard(text: string): Shard | null {
  const found = /^([1-9]\d{0,5})\/([1-9]\d{0,5})$/.exec(text.trim());
  const [index, of] = [Number(found?.[1]), Number(found?.[2])];
  return found === null || index > of ? null : { index, of };
}

/** The runs of a plan that are made here: all of them, or those of its shard. */
export function ownRuns(plan: Pick<Plan, "runs" | "execution" | "shard">): readonly Run[] {
  return plan.shard === undefined ? plan.runs : shardRuns(plan, plan.shard);
}

/** The keys of the runs that other shards make; mostly none. */
export function othersRuns(plan: Pick<Plan, "runs" | "execution" | "shard">): ReadonlySet<string> {
  if (plan.shard === undefined) return new Set();
  const own = new Set(ownRuns(plan));
  return new Set(plan.runs.filter((run) => !own.has(run)).map(runKey));
}

/**
 * The runs of a shard, in plan order: every n-th of the units that must share a machine, which are whole cycles, or with
 * `pair_by` the runs of a cycle with equal values there. The same in every process that plans the study.
 */
export function shardRuns(
  { runs, execution }: Pick<Plan, "runs" | "execution">,
  { index, of }: Shard,
): Run[] {
  const units = [...unitsOf(runs, execution.pair_by).values()];
  const own = new Set(units.filter((_, place) => place % of === index - 1).flat());
  return runs.filter((run) => own.has(run));
}

/** Why a plan cannot be made in so many shards, as a sentence; null where it can. */
export function shardProblem(
  plan: Pick<Plan, "runs" | "execution" | "search">,
  { of }: Shard,
): string | null {
  if (plan.search !== null) return shardOfSearch("search");
  if (plan.execution.until !== null) return shardOfSearch("execution.until");
  const units = unitsOf(plan.runs, plan.execution.pair_by).size;
  return of > units ? shardOfMore(of, units) : null;
}

/** In the order in which the plan first comes to each; a cycle counts before what is paired in it. */
function unitsOf(runs: readonly Run[], pairBy: readonly string[]): Map<string, Run[]> {
  const inOrder = runs.toSorted((a, b) => a.cycle - b.cycle || a.index - b.index);
  return Map.groupBy(
    inOrder,
    ({ cycle, config }) =>
      canonicalJson([
        cycle,
        ...pairBy.map((path) => readPath(config as unknown as JsonObject, path) ?? null),
      ]),
  );
}
