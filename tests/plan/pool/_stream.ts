import type { ExperimentConfig } from "../../../lib/experiment/config.ts";
import type { Run } from "../../../lib/experiment/run.ts";
import type { Chain } from "../../../lib/plan/pool/chain.ts";
import type { Pool, PoolParts } from "../../../lib/plan/pool/pool.ts";
import { Random } from "../../support/random.ts";
import { alignedSets } from "./_studies.ts";

/** How many younger chains were placed while a chain that needs all boards was the oldest of those that wait. */
export function bypassesInStream(
  createPool: (parts: PoolParts) => Pool,
  seed: number,
  large: Pick<Chain, "boards" | "exclusive">,
): number {
  const random = new Random(seed);
  const boards = ["b0", "b1", "b2", "b3"];
  const config = {} as ExperimentConfig;
  const chains = Array.from({ length: 60 }, (_, index): Chain => {
    const cycle = index + 1;
    const run: Run = { index: cycle, config_hash: "e", cycle, config, gap_before: null };
    const demand = index === 5 ? large : { boards: 1, exclusive: false };
    return { id: `c${cycle}`, cycle, ...demand, runs: [run] };
  });
  const pool = createPool({
    mode: "shared",
    quiet: false,
    boards,
    sets: alignedSets(boards),
    chains,
    earlier: new Map(),
  });
  const ends: { readonly atMs: number; readonly run: Run }[] = [];
  let bypasses = 0;
  for (let nowMs = 0;;) {
    for (const { run } of pool.decide(nowMs)) {
      if (run.cycle === 6) return bypasses;
      if (run.cycle > 6) bypasses++;
      ends.push({ atMs: nowMs + random.integer(1, 50), run });
    }
    ends.sort((one, other) => one.atMs - other.atMs);
    const next = ends.shift();
    if (next === undefined) return Infinity;
    nowMs = next.atMs;
    pool.ended(next.run, "over", nowMs, 0);
  }
}
