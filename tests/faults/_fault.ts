/** What the faults of the list have in common: a worker misbehaves, the study goes on, nothing is left of the attempt. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { watchProcess } from "../../scripts/benchmark/watch_process.ts";
import { studyProcesses } from "../../scripts/soaking/study_processes.ts";
import type { OutcomeKind } from "../../lib/experiment/outcome.ts";
import type { RunFinished } from "../../lib/journal/event.ts";
import { parseJournal } from "../../lib/journal/journal.ts";
import type { ResultRecord } from "../../lib/results/record.ts";
import type { Summary } from "../../lib/results/summary.ts";
import {
  ended,
  type Ran,
  ran,
  readJson,
  readManifest,
  readResult,
  runFolder,
  type RunRow,
  type Sandbox,
  start,
  WORKERS,
} from "../e2e/llem.ts";
import { assertInTime } from "../support/control.ts";

/** A study of commands, one run each, in that order; an entry that is a name is the fixture of that name. */
export function commandStudy(
  box: Sandbox,
  commands: readonly (string | readonly string[])[],
  execution: Readonly<Record<string, unknown>> = {},
): string {
  const experiments = commands.map((command, index) => ({
    n: index + 1,
    command: { argv: typeof command === "string" ? [fixture(command)] : command },
  }));
  const study = {
    name: "faults",
    backend: "command",
    model: "none",
    experiments,
    execution: { n_cycles: 1, cycle_order: "sequential", ...execution },
  };
  return box.write("faults.yaml", JSON.stringify(study));
}

/** The path of a fixture worker. */
export function fixture(name: string): string {
  return join(WORKERS, `${name}.sh`);
}

/** What a study did, and the memory of its runner. */
export interface Watched extends Ran {
  /** The most that the runner held, in MB. */
  readonly peakMb: number;
  /** What it held, ten times a second, in MB. */
  readonly rssMb: readonly number[];
}

/** Runs a study with --json and watches the runner's memory. */
export async function runWatched(box: Sandbox, study: string): Promise<Watched> {
  const child = start(["run", study, "-o", join(box.dir, "out"), "--json"]);
  using watch = watchProcess(child.pid);
  const end = ran(await ended(child));
  const peakMb = Math.max(...watch.samples.map((sample) => sample.peakRssMb));
  return { ...end, peakMb, rssMb: watch.samples.map((sample) => sample.rssMb) };
}

/** What is known of the run that the fault hit. */
export interface Hit {
  readonly row: RunRow;
  readonly folder: string;
  readonly record: ResultRecord;
}

/**
 * Asserts what "rest runs" means: the run ended as `kind` and says so alike on stdout, in the journal, the manifest, its
 * record and the summary; every other run completed; nothing of the study lives.
 */
export function restRuns(end: Ran, index: number, kind: OutcomeKind): Hit {
  const { runs, finish, dir, stderr } = end;
  const rows = runs.filter((run) => run.index === index);
  const [row] = rows;
  assert.ok(row !== undefined && rows.length === 1, `${rows.length} rows of run ${index}\n${stderr}`);
  assert.equal(row.outcome, kind, JSON.stringify(row));
  const others = runs.filter((run) => run.index !== index);
  assert.deepEqual(others.filter((run) => run.outcome !== "completed"), [], stderr);
  assert.equal(runs.length, finish?.total, stderr);
  const isGood = kind === "completed";
  assert.equal(end.code, isGood ? 0 : 1, stderr);
  assert.deepEqual([finish?.completed, finish?.failed], [
    others.length + Number(isGood),
    Number(!isGood),
  ]);

  const folder = runFolder(dir, index);
  const record = readResult(folder);
  const told = { kind, exit_code: row.exit_code, signal: row.signal };
  assert.deepEqual(shape(record.outcome), told);
  const lines = finishedLines(dir).filter((line) => line.index === index);
  assert.deepEqual(lines.map(shape), [told]);
  const entry = readManifest(dir).experiments[index - 1];
  assert.deepEqual(entry === undefined ? null : shape({ ...entry, kind: entry.outcome }), told);
  const { rows: summary }: Summary = readJson(join(dir, "summary.json"));
  const summed = summary.find((each) => each.config_hash === row.config_hash);
  assert.deepEqual([summed?.completed, summed?.failed], isGood ? [1, 0] : [0, 1]);

  assert.deepEqual(studyProcesses(dir), [], "something of the study lives on");
  return { row, folder, record };
}

/** Asserts that a limit was kept: the attempt was over, with nothing left of it, in time. */
export function endedInTime({ timing }: ResultRecord, limitS: number): void {
  assertInTime(timing.duration_s, limitS, timing);
}

/** The ends of attempts in a study's journal. */
export function finishedLines(dir: string): RunFinished[] {
  return parseJournal(Deno.readFileSync(join(dir, "journal.jsonl"))).events.filter((event) =>
    event.type === "run_finished"
  );
}

function shape({ kind, exit_code, signal }: {
  readonly kind: string | null;
  readonly exit_code: number | null;
  readonly signal: string | null;
}): Record<string, unknown> {
  return { kind, exit_code, signal };
}
