import { append } from "../../base/numbers.ts";
import type { Run } from "../../experiment/run.ts";
import type { Chain } from "../../plan/pool/chain.ts";
import type { ChainFeed, FedChain } from "../chain_feed.ts";
import type { Study } from "../lifetimes.ts";
import { takeAdded } from "../next_run.ts";
import type { ReadySource } from "../run_source.ts";

/** What a pool is fed with. */
export interface PoolSource {
  readonly feed: ChainFeed;
  /** Runs that are known and have not been handed out, in order. */
  rest(): readonly Run[];
}

/**
 * The chains of a study that this process makes alone: all that there are, and those of added runs once nothing is left or under
 * way.
 */
export function chainSource(
  study: Study,
  source: ReadySource,
  chainsOf: (runs: readonly Run[]) => readonly Chain[],
): PoolSource {
  const queue: Chain[] = [];
  let underWay = 0;
  const takeRest = (): Run[] => {
    if (source.rest().length === 0) takeAdded(study, source);
    return source.rest().flatMap(() => source.next(study.ledger.state) ?? []);
  };
  return {
    rest: () => [...queue.flatMap(({ runs }) => runs), ...source.rest()],
    feed: {
      take: (): FedChain => {
        if (queue.length === 0 && underWay > 0) return { kind: "wait", ms: Infinity };
        if (queue.length === 0) append(queue, chainsOf(takeRest()));
        const chain = queue.shift();
        if (chain === undefined) return { kind: "none" };
        underWay += 1;
        return { kind: "chain", chain };
      },
      done: () => {
        underWay -= 1;
      },
    },
  };
}
