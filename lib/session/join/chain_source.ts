import { pause } from "../../base/abort.ts";
import type { Run } from "../../experiment/run.ts";
import type { Chain } from "../../plan/pool/chain.ts";
import type { StopSwitch } from "../../process/stop.ts";
import type { ChainFeed } from "../../runner/chain_feed.ts";
import type { RunSource } from "../../runner/run_source.ts";

/** The runs of one chain after the other, for a study of one run at a time. A stop ends its waits. */
export function chainSource(
  feed: ChainFeed,
  todo: readonly Run[],
  { stop, onWait }: {
    readonly stop: Pick<StopSwitch, "signal" | "draining">;
    /** Others have what is left: said once a wait. */
    readonly onWait: () => void;
  },
): RunSource {
  let chain: Chain | null = null;
  let queue: Run[] = [];
  const handedOut = new Set<Run>();
  const nextInHand = (): Run | null => {
    while (chain !== null) {
      const run = queue.shift();
      if (run !== undefined && feed.mayBegin?.(run, chain) !== false) return run;
      if (run !== undefined) continue;
      feed.done(chain);
      chain = null;
    }
    return null;
  };
  return {
    grow: () => [],
    next: async () => {
      for (let isTold = false;;) {
        const run = nextInHand();
        if (run !== null) {
          handedOut.add(run);
          return run;
        }
        if (stop.signal.aborted || stop.draining.aborted) return null;
        const fed = feed.take(() => "now");
        if (fed.kind === "none") return null;
        if (fed.kind === "chain") {
          chain = fed.chain;
          queue = [...fed.chain.runs];
          continue;
        }
        if (!isTold) onWait();
        isTold = true;
        await pause(fed.ms, stop.signal, stop.draining);
      }
    },
    rest: () => todo.filter((run) => !handedOut.has(run)),
  };
}
