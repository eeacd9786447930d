import { areOnSameBoards } from "../same_boards.ts";
import type { Pair, Sample, SampleRun } from "./samples.ts";

/** The machine and the boards that a run was made on; null where it does not tell its machine. */
export function blockOf({ circumstances }: SampleRun): string | null {
  const { machine, GPU } = circumstances;
  return machine === undefined ? null : `${machine} ${GPU ?? ""}`;
}

/** False for two runs of a cycle that do not belong together: on two machines, or on other boards. */
export function isOnSameBoards(one: SampleRun, other: SampleRun): boolean {
  const [here, there] = [one.circumstances["machine"], other.circumstances["machine"]];
  if (here !== undefined && there !== undefined && here !== there) return false;
  return areOnSameBoards(placedOn(one), placedOn(other));
}

/** True where some cycle of a study was made on several machines, or sets of as many boards: then a cycle is no block. */
export function hasSplitCycles(samples: readonly Sample[]): boolean {
  const machines = new Map<number, string>();
  const sets = new Map<string, readonly string[]>();
  for (const { runs } of samples) {
    for (const run of runs) {
      const { machine } = run.circumstances;
      if (machine !== undefined && machine !== (machines.get(run.cycle) ?? machine)) return true;
      if (machine !== undefined) machines.set(run.cycle, machine);
      const boards = placedOn(run);
      if (boards === null) continue;
      const key = `${run.cycle} ${boards.length}`;
      const known = sets.get(key);
      if (known !== undefined && !areOnSameBoards(known, boards)) return true;
      sets.set(key, boards);
    }
  }
  return false;
}

/** A pair with the runs that are on machines and boards which both sides have, and how many are left out. */
export interface BlockedPair {
  readonly pair: Pair;
  readonly left_out: number;
  /** In which both sides have runs; 0 where no use is made of blocks. */
  readonly blocks: number;
}

/**
 * Of two studies: boards of one kind differ by more than most settings, so runs are held against runs on the same boards. Where
 * the sides have no board in common, or do not tell, the pair is as it was.
 */
export function onCommonBoards(pair: Pair): BlockedPair {
  const [base, other] = [pair.base, pair.other].map(({ runs }) => new Set(runs.map(blockOf)));
  const asItWas = { pair, left_out: 0, blocks: 0 };
  if (base === undefined || other === undefined || base.has(null) || other.has(null)) return asItWas;
  const common = base.intersection(other);
  if (common.size === 0 || base.size === 1 && other.size === 1) return asItWas;
  const kept = (sample: Sample): Sample => ({
    ...sample,
    runs: sample.runs.filter((run) => common.has(blockOf(run))),
  });
  const found = { base: kept(pair.base), other: kept(pair.other) };
  const count = ({ base, other }: Pair): number => base.runs.length + other.runs.length;
  return { pair: found, left_out: count(pair) - count(found), blocks: common.size };
}

/** The boards of a run that was placed among others; null for any other. */
function placedOn({ circumstances: { parallel, GPU } }: SampleRun): readonly string[] | null {
  return parallel === undefined || GPU === undefined ? null : GPU.split(", ");
}
