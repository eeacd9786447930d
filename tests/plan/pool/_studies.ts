/** Made-up studies for the scheduler: boards, runs and faults drawn by a seed. */
import type { ExperimentConfig } from "../../../lib/experiment/config.ts";
import type { Run } from "../../../lib/experiment/run.ts";
import type { Chain, RunDemand } from "../../../lib/plan/pool/chain.ts";
import { chainsOf } from "../../../lib/plan/pool/chains.ts";
import type { BoardSet, PoolMode } from "../../../lib/plan/pool/pool.ts";
import { Random } from "../../support/random.ts";

export interface MadeStudy {
  readonly boards: BoardSet;
  readonly mode: PoolMode;
  readonly quiet: boolean;
  readonly chains: readonly Chain[];
  readonly n_runs: number;
  readonly gapMs: number;
  /** Chains are added one by one where there is room for them, as an agent of a cluster does. */
  readonly isFed: boolean;
  readonly hasFaults: boolean;
  /** Nothing begins after so many failed runs; null for never. */
  readonly max_failures: number | null;
  readonly random: Random;
}

/** Sets of so many boards as `boardSets` makes them where no distances are known. */
export function alignedSets(boards: BoardSet): (count: number) => BoardSet[] {
  return (count) => {
    const sets = Math.floor(boards.length / count);
    return Array.from({ length: sets }, (_, at) => boards.slice(at * count, (at + 1) * count));
  };
}

export function madeStudy(seed: number): MadeStudy {
  const random = new Random(seed);
  const chance = (share: number): boolean => random.next() < share;
  const n_boards = random.integer(1, 8);
  const boards = Array.from({ length: n_boards }, (_, at) => `b${at}`);
  const { runs, demands } = madeRuns(random, n_boards);
  const hasFaults = chance(0.7);
  const mode = random.pick(["staged", "staged", "shared"] as const);
  const pair_by = chance(0.2) ? ["params.pair"] : [];
  return {
    boards,
    mode,
    quiet: chance(0.3),
    chains: chainsOf(runs, (run) => demands.get(run) ?? { boards: 1, exclusive: false }, pair_by),
    n_runs: runs.length,
    gapMs: random.pick([0, 0, 5]),
    isFed: chance(0.25),
    hasFaults,
    max_failures: hasFaults && chance(0.15) ? random.integer(1, 3) : null,
    random,
  };
}

function madeRuns(
  random: Random,
  n_boards: number,
): { readonly runs: readonly Run[]; readonly demands: ReadonlyMap<Run, RunDemand> } {
  // One size in twenty fits on no set of the boards.
  const sizes = [1, 1, 1, 2, 4, 8, 3, 0].filter((size) => size <= n_boards);
  const experiments = Array.from({ length: random.integer(1, 6) }, (_, index) => {
    const boards = random.next() < 0.02 ? n_boards + 1 : random.pick(sizes);
    const exclusive = boards === 0 || random.next() < 0.06;
    const config = { params: { pair: random.integer(1, 2) } } as unknown as ExperimentConfig;
    return { demand: { boards, exclusive }, config_hash: `e${index}`, config };
  });
  const cycles = Array.from({ length: random.integer(1, 4) }, (_, index) => index + 1);
  const isSequential = random.next() < 0.2;
  const drafts = isSequential
    ? experiments.flatMap((experiment) => cycles.map((cycle) => ({ experiment, cycle })))
    : cycles.flatMap((cycle) => experiments.map((experiment) => ({ experiment, cycle })));
  const demands = new Map<Run, RunDemand>();
  const runs = drafts.map(({ experiment: { demand, config_hash, config }, cycle }, index): Run => {
    const run = { index: index + 1, config_hash, cycle, config, gap_before: null };
    demands.set(run, demand);
    return run;
  });
  return { runs, demands };
}
