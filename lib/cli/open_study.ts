import { join, resolve } from "node:path";
import type { Run } from "../experiment/run.ts";
import type { ProcessIdentity } from "../journal/event.ts";
import { JournalFold } from "../journal/fold.ts";
import { Journal } from "../journal/journal.ts";
import type { Plan } from "../plan/plan.ts";
import { bootId, readProcStat } from "../process/proc_stat.ts";
import { realDisk } from "../storage/disk.ts";
import { readOwner, tryLock } from "../storage/lock.ts";
import type { Command } from "./arguments.ts";
import { CommandError, EXIT } from "./exit_code.ts";
import { preflight } from "./launch.ts";
import type { PlanReading } from "./read_plan.ts";
import { createStudyFolder, removeQuietly } from "./study_folder.ts";

export type RunArguments = Command & { kind: "run" };

/** A study directory that is ours to run in: locked, with its journal open. */
export interface OpenStudy {
  readonly dir: string;
  readonly plan: Plan;
  readonly base_dir: string;
  readonly todo: readonly Run[];
  readonly fold: JournalFold;
  readonly journal: Journal;
  readonly runner: ProcessIdentity;
  readonly lock: Disposable;
}

/** Makes the directory of a new study and takes it. Throws SaveError or CommandError. */
export function openNewStudy(command: RunArguments, reading: PlanReading, plan: Plan): OpenStudy {
  const dir = createStudyFolder(realDisk, resolve(command.output ?? reading.results_dir), reading, plan);
  try {
    const runner = thisRunner();
    const lock = lockStudy(dir, runner);
    const journal = new Journal(realDisk, join(dir, "journal.jsonl"));
    const fold = new JournalFold();
    return { dir, plan, base_dir: reading.base_dir, todo: plan.runs, fold, journal, runner, lock };
  } catch (error) {
    // Nothing has run: a directory that cannot be used is not left behind.
    removeQuietly(dir);
    throw error;
  }
}

/** Throws CommandError with everything that keeps this machine from running the plan. */
export function refuseUnlessRunnable(plan: Plan, baseDir: string): void {
  const problems = preflight(plan.runs.map((run) => run.config), baseDir);
  if (problems.length > 0) throw new CommandError(EXIT.preflight, problems.join("\nllem: "));
}

/** Who runs this study, for the lock and the journal. */
export function thisRunner(): ProcessIdentity {
  const start_ticks = readProcStat(Deno.pid)?.start_ticks ?? 0;
  return { host: Deno.hostname(), boot_id: bootId(), pid: Deno.pid, start_ticks };
}

/** Takes the study's lock or throws CommandError naming who has it. */
export function lockStudy(dir: string, runner: ProcessIdentity): Disposable {
  const path = join(dir, "lock");
  const owner = JSON.stringify({ ...runner, started_at: new Date().toISOString() });
  const attempt = tryLock(path, owner);
  switch (attempt.kind) {
    case "held":
      return attempt.lock;
    case "busy":
      throw new CommandError(EXIT.locked, `${dir} is being run by another process: ${readOwner(path)}`);
    case "refused":
      throw new CommandError(EXIT.notSaved, `Cannot lock ${path}: ${lockTrouble(attempt.errno)}`);
  }
}

const EACCES = 13;

function lockTrouble(errno: number): string {
  if (errno === EACCES) return "permission denied. Resume as the user who began the study.";
  return `errno ${errno}. Use a file system that supports flock, with -o.`;
}
