import { type Random, randomFrom, shuffled } from "../../base/random.ts";
import type { ExperimentConfig } from "../../experiment/config.ts";
import { loadOf } from "../../experiment/load.ts";
import type { Run } from "../../experiment/run.ts";
import type { Execution } from "../../study/execution.ts";
import type { Chain } from "./chain.ts";
import type { BoardSet } from "./pool.ts";

/** What an audit is to measure. */
export type AuditSettings = NonNullable<Execution["audit"]>;

/** One run of an audit: an experiment on its boards, with nothing beside it or with all other boards busy. */
export interface AuditArm {
  readonly run: Run;
  /** The same for all arms of an experiment. */
  readonly boards: BoardSet;
  /** 1-based. */
  readonly pair: number;
  readonly arm: "alone" | "beside";
  /** What keeps the other boards busy; empty alone. The same for all arms of an experiment. */
  readonly companions: readonly Companion[];
}

/** A run that is there for its neighbour's sake alone. */
export interface Companion {
  readonly run: Run;
  readonly boards: BoardSet;
}

/** Where an audit finds its runs and their boards. */
export interface AuditGround {
  readonly chains: readonly Chain[];
  /** Sets of so many boards that do not overlap, preferred ones first. */
  readonly sets: (count: number) => readonly BoardSet[];
  /** 32 bits. */
  readonly seed: number;
}

/**
 * The runs of an audit, in their order: pair after pair, in each the experiments in an order of chance, and of each
 * experiment alone and beside in an order of chance. The same seed gives the same. Empty where nothing of the study can run beside
 * anything.
 */
export function auditArms(ground: AuditGround, { experiments, pairs }: AuditSettings): AuditArm[] {
  const random = randomFrom(ground.seed, 0xa0d17);
  const eligible = eligibleRuns(ground.chains);
  const chosen = chooseExperiments(eligible, experiments, random).flatMap((one) => {
    const [boards] = ground.sets(one.boards);
    const companions = boards === undefined ? [] : companionsOf(boards, eligible, ground, random);
    return boards === undefined || companions.length === 0 ? [] : [{ run: one.run, boards, companions }];
  });
  return Array.from(
    { length: pairs },
    (_, place) =>
      shuffled(chosen, random).flatMap(({ run, boards, companions }) =>
        shuffled(["alone", "beside"] as const, random).map((arm): AuditArm => ({
          run,
          boards,
          pair: place + 1,
          arm,
          companions: arm === "alone" ? [] : companions,
        }))
      ),
  ).flat();
}

interface Eligible {
  /** The first of its experiment. */
  readonly run: Run;
  readonly boards: number;
}

/** Each experiment that runs beside others. */
function eligibleRuns(chains: readonly Chain[]): Eligible[] {
  const found = new Map<string, Eligible>();
  for (const { runs, boards, exclusive } of chains) {
    if (exclusive || boards === 0) continue;
    for (const run of runs) {
      const known = found.get(run.config_hash);
      if (known === undefined || run.index < known.run.index) found.set(run.config_hash, { run, boards });
    }
  }
  return [...found.values()].sort((a, b) => a.run.index - b.run.index);
}

/** A large one, a small one, then any: what suffers from neighbours is not the same at both ends. */
function chooseExperiments(all: readonly Eligible[], count: number, random: Random): Eligible[] {
  const bySize = shuffled(all, random).sort((a, b) => sizeOf(b.run.config) - sizeOf(a.run.config));
  const ends = [bySize[0], bySize.at(-1)].filter((one) => one !== undefined);
  const rest = shuffled(bySize.slice(1, -1), random);
  return [...new Set([...ends, ...rest])].slice(0, count);
}

/** Tokens that are worked on at once, as far as the configuration tells: the larger, the more of a board it uses. */
function sizeOf(config: ExperimentConfig): number {
  const { input_tokens, output_tokens, concurrency } = loadOf(config);
  const tokens = (input_tokens ?? config.max_input_tokens ?? 0) + (output_tokens ?? config.max_output_tokens);
  return tokens * (concurrency ?? 1);
}

/** Fills the other boards with experiments drawn from the study, as the study itself will. */
function companionsOf(
  taken: BoardSet,
  eligible: readonly Eligible[],
  { sets }: AuditGround,
  random: Random,
): Companion[] {
  const busy = new Set(taken);
  const found: Companion[] = [];
  for (let isFull = false; !isFull;) {
    isFull = true;
    for (const { run, boards: count } of shuffled(eligible, random)) {
      const boards = sets(count).find((set) => set.every((board) => !busy.has(board)));
      if (boards === undefined) continue;
      found.push({ run, boards });
      for (const board of boards) busy.add(board);
      isFull = false;
      break;
    }
  }
  return found;
}
