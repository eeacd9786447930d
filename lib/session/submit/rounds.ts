import { join } from "node:path";
import { jsonFile, namesIn, readRegularText, removeIfThere } from "../../base/files.ts";
import { isJsonObject } from "../../base/json.ts";
import type { Disk } from "../../storage/disk.ts";

/** slurm/round-<n>.json: one time that a study's agents were submitted. */
export interface Round {
  readonly schema: "llem.round/1";
  /** From 1. */
  readonly round: number;
  /** UTC, ISO 8601. */
  readonly at: string;
  /** The job that submitted it; null for a person. */
  readonly by_job: string | null;
  readonly agents: number;
  /** Runs that had ended by then, completed or failed. */
  readonly ended_before: number;
  /** The arrays of agents, by their job ids; empty until sbatch has taken them. */
  readonly jobs: readonly string[];
  /** The job that comes after them; null where there is none. */
  readonly finish_job: string | null;
}

/** What a round came to. */
export type RoundResult =
  /** `trouble`: why nothing comes after the agents; null where something does. */
  | {
    readonly kind: "submitted";
    readonly round: Round;
    readonly trouble: string | null;
    /** Jobs that make room for others are cancelled here, and do not come back by themselves. */
    readonly cancels_preempted: boolean;
  }
  | { readonly kind: "refused" | "absent"; readonly text: string }
  /** Somebody else has submitted this round. */
  | { readonly kind: "taken" };

export const ROUNDS_FOLDER = "slurm";

/** Every round so far, in order. One that says nothing is left out. */
export function readRounds(dir: string): Round[] {
  const folder = join(dir, ROUNDS_FOLDER);
  return namesIn(folder).filter((name) => /^round-\d+\.json$/.test(name)).flatMap((name) => {
    try {
      const value: unknown = JSON.parse(readRegularText(join(folder, name)));
      return isRound(value) ? [value] : [];
    } catch {
      return [];
    }
  }).sort((one, other) => one.round - other.round);
}

/** The jobs of all rounds, agents and what comes after them. */
export function jobsOf(rounds: readonly Round[]): string[] {
  return rounds.flatMap(({ jobs, finish_job }) => finish_job === null ? jobs : [...jobs, finish_job]);
}

/**
 * Begins a round, before its jobs are there: false where somebody else has begun that one, so that two that finish the same
 * round do not both submit the next. Throws what the system threw.
 */
export function beginRound(disk: Disk, dir: string, round: Round): boolean {
  const path = pathOf(dir, round);
  try {
    using file = Deno.openSync(path, { write: true, createNew: true });
    const bytes = jsonFile(round);
    for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
    file.syncSync();
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
  disk.syncFolder(join(dir, ROUNDS_FOLDER));
  return true;
}

/** A round that sbatch did not take was none. */
export function dropRound(dir: string, round: Round): void {
  removeIfThere(pathOf(dir, round));
}

/** Writes down what became of a round. Throws what the system threw. */
export function saveRound(disk: Disk, dir: string, round: Round): void {
  disk.replace(pathOf(dir, round), jsonFile(round));
}

function pathOf(dir: string, { round }: Round): string {
  return join(dir, ROUNDS_FOLDER, `round-${round}.json`);
}

function isRound(value: unknown): value is Round {
  return isJsonObject(value) && value["schema"] === "llem.round/1" && typeof value["round"] === "number" &&
    Array.isArray(value["jobs"]) && typeof value["ended_before"] === "number";
}
