import { join, resolve } from "node:path";
import { sha256Hex } from "../base/canonical_json.ts";
import type { EntryStatus, Run } from "../experiment/run.ts";
import { runKey } from "../experiment/run.ts";
import type { ProcessIdentity, RunFinished, RunStarted } from "../journal/event.ts";
import { JournalFold } from "../journal/fold.ts";
import { cutTornTail, Journal } from "../journal/journal.ts";
import { planDifferences } from "../plan/plan_differences.ts";
import { runsToResume } from "../plan/resume.ts";
import { isAlive, readProcStat } from "../process/proc_stat.ts";
import { signalGroup } from "../process/process_group.ts";
import { plural } from "../report/text.ts";
import { realDisk } from "../storage/disk.ts";
import { CommandError, EXIT } from "./exit_code.ts";
import { printIssues } from "./print_issues.ts";
import { readPlan } from "./read_plan.ts";
import {
  lockStudy,
  type OpenStudy,
  refuseUnlessRunnable,
  type RunArguments,
  thisRunner,
} from "./open_study.ts";
import type { Streams } from "./streams.ts";
import { savedEnd } from "./saved_end.ts";
import { openStudyFolder, removeLeftovers, type StudyFolder } from "./study_folder.ts";

/** Opens a study directory to go on with it. Throws CommandError where that is not possible. */
export async function resumeStudy(
  command: RunArguments,
  given: string,
  streams: Streams,
): Promise<OpenStudy> {
  const dir = resolve(given);
  // Before the lock: a folder that is no study must not be touched.
  openStudyFolder(dir);
  const runner = thisRunner();
  const lock = lockStudy(dir, runner);
  try {
    const folder = openStudyFolder(dir);
    const { plan, base_dir } = folder;
    refuseChangedStudy(command, folder, streams);
    refuseUnlessRunnable(plan, base_dir);
    repair(folder, streams);
    const fold = new JournalFold();
    for (const event of folder.journal.events) fold.apply(event);
    const journal = new Journal(realDisk, join(dir, "journal.jsonl"));
    for (const started of runningEntries(fold)) {
      await closeLost(started, dir, runner, fold, journal, streams);
    }
    const statusOf = (run: Run): EntryStatus => fold.state.entries.get(runKey(run))?.status ?? "pending";
    const todo = runsToResume(plan.runs, statusOf, command);
    return { dir, plan, base_dir, todo, fold, journal, runner, lock };
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

/** A resume makes exactly the runs of the plan; what has changed since is named, not guessed at. */
function refuseChangedStudy(command: RunArguments, folder: StudyFolder, streams: Streams): void {
  const { dir, plan, study_sha256 } = folder;
  if (sha256Hex(Deno.readFileSync(join(dir, "study.yaml"))) !== study_sha256) {
    throw new CommandError(
      EXIT.usage,
      `${
        join(dir, "study.yaml")
      } was changed after the study began. Undo that, or start a new study with it.`,
    );
  }
  if (command.file === null) return;
  const reading = readPlan(command);
  if (reading.plan === null) {
    printIssues(reading.issues, streams, command);
    throw new CommandError(EXIT.usage, `${command.file} does not check; ${dir} was not touched.`);
  }
  const differences = planDifferences(plan, reading.plan);
  if (differences.length === 0) return;
  const list = differences.map((difference) => `\n  ${difference}`).join("");
  throw new CommandError(
    EXIT.usage,
    `${command.file} is not the study of ${dir} any more:${list}\nStart a new study, or resume without the file.`,
  );
}

/** A line that a crash tore is not an event; it goes before anything is written after it. */
function repair({ dir, journal }: StudyFolder, streams: Streams): void {
  removeLeftovers(dir);
  if (journal.torn_bytes === 0) return;
  streams.err.write(
    `llem: the end of the journal was torn by a crash; ${plural(journal.torn_bytes, "byte")} cut.\n`,
  );
  cutTornTail(join(dir, "journal.jsonl"), journal);
}

function runningEntries(fold: JournalFold): RunStarted[] {
  return [...fold.state.entries.values()].filter((entry) => entry.status === "running")
    .map((entry) => entry.started).filter((started) => started !== null);
}

/**
 * A run that the last session left running: its processes die, if there are any, and it is written down as lost, or
 * with its own end where its result was saved.
 */
async function closeLost(
  started: RunStarted,
  dir: string,
  runner: ProcessIdentity,
  fold: JournalFold,
  journal: Journal,
  streams: Streams,
): Promise<void> {
  const { worker } = started;
  if (worker !== null && worker.host === runner.host && worker.boot_id === runner.boot_id) {
    await killLeft(worker, streams);
  }
  const at = new Date().toISOString();
  const lost: RunFinished = {
    type: "run_finished",
    index: started.index,
    config_hash: started.config_hash,
    cycle: started.cycle,
    attempt: started.attempt,
    run_id: started.run_id,
    kind: "lost",
    exit_code: null,
    signal: null,
    flags: [],
    error_type: "lost",
    error_message: "The runner died while this attempt ran",
    result_file: null,
    started_at: at,
    completed_at: at,
    duration_s: 0,
    warnings: [],
  };
  const saved = savedEnd(realDisk, dir, started);
  if (saved !== null) {
    streams.err.write(
      `llem: run ${started.index} had ended, and its result was saved, when the runner died.\n`,
    );
  }
  fold.apply(journal.append(saved ?? lost));
}

const KILL_WAIT_MS = 5000;

/** Kills the group of a worker that outlived its runner, if the process of that pid is still the same one. */
async function killLeft(worker: ProcessIdentity, streams: Streams): Promise<void> {
  const same = (): boolean => {
    const stat = readProcStat(worker.pid);
    return isAlive(stat) && stat?.start_ticks === worker.start_ticks;
  };
  if (!same()) return;
  streams.err.write(`llem: worker ${worker.pid} of the last session is still alive; killing it.\n`);
  signalGroup(worker.pid, "SIGKILL");
  for (let waitedMs = 0; same() && waitedMs < KILL_WAIT_MS; waitedMs += 20) {
    await new Promise((done) => setTimeout(done, 20));
  }
}
