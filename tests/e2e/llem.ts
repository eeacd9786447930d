/** Runs the compiled program from outside, as a user would: real processes, real files. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Issue } from "../../lib/base/issue.ts";
import type { Manifest } from "../../lib/journal/manifest.ts";
import type { ResultRecord } from "../../lib/results/record.ts";
import { readProcStat } from "../../lib/process/proc_stat.ts";

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** The program under test; scripts/test compiles it first. */
export const LLEM = join(ROOT, "dist", "llem");
export const WORKERS = join(ROOT, "tests", "fixtures", "workers");

/** No call of the program in these tests may hang the suite. Behind a busy machine's other work a start alone takes 30 s. */
export const LIMIT_MS = 100_000;
/** The same for a single step. */
const STEP_LIMIT_MS = 30_000;

export interface Ended {
  readonly code: number;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `run_finished` record, as DESIGN's Records promise it. */
export interface RunRow {
  readonly event: "run_finished";
  readonly index: number;
  readonly run_id: string;
  readonly config_hash: string;
  readonly cycle: number;
  readonly attempt: number;
  readonly devices: readonly string[];
  /** Null where runs are made one at a time, as `beside`. */
  readonly slot: number | null;
  readonly beside: readonly string[] | null;
  readonly model: string;
  readonly backend: string;
  readonly status: "completed" | "failed" | "interrupted";
  readonly outcome: string;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly flags: readonly string[];
  readonly duration_s: number;
  readonly error: { readonly type: string; readonly message: string } | null;
  /** Cause and remedy; null where the run completed, or the message says both. */
  readonly hint: string | null;
  readonly result_file: string;
  readonly study: string | null;
  readonly varied: Readonly<Record<string, unknown>>;
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly warnings: readonly string[];
  readonly will_retry: boolean;
}

/** The first record of a study. */
export interface StartRow {
  readonly event: "study_started";
  readonly study_dir: string;
  readonly name: string | null;
  readonly study_design_hash: string;
  readonly total: number;
  readonly skipped: number;
}

/** The last record of a study. */
export interface EndRow {
  readonly event: "study_finished";
  readonly status: string;
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
  readonly interrupted: number;
  readonly pending: number;
  readonly study_dir: string;
  readonly duration_s: number;
  readonly reason: string | null;
}

/** The record of a study that does not check. */
export interface InvalidRow {
  readonly event: "invalid";
  readonly issues: readonly Issue[];
}

export type Row = RunRow | StartRow | EndRow | InvalidRow;

/** Starts llem and leaves it running. */
export function start(args: readonly string[], options: Deno.CommandOptions = {}): Deno.ChildProcess {
  return new Deno.Command(LLEM, {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...options,
  }).spawn();
}

/** Waits for a started llem. */
export async function ended(child: Deno.ChildProcess, limitMs = LIMIT_MS): Promise<Ended> {
  const timer = setTimeout(() => child.kill("SIGKILL"), limitMs);
  const [stdout, stderr, status] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.status,
  ]);
  clearTimeout(timer);
  return { code: status.code, signal: status.signal, stdout, stderr };
}

/** Runs llem to its end. */
export function llem(args: readonly string[], options: Deno.CommandOptions = {}): Promise<Ended> {
  return ended(start(args, options));
}

/** The records of `--json` output. */
export function records(stdout: string): Row[] {
  return stdout.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

/** A folder that goes away with the test. */
export class Sandbox implements Disposable {
  readonly dir = Deno.makeTempDirSync({ prefix: "llem-test-" });

  /** Writes a file and returns its path. */
  write(name: string, text: string): string {
    const path = join(this.dir, name);
    Deno.writeTextFileSync(path, text);
    return path;
  }

  /** A study of one command worker per fixture name, in that order, one cycle each. */
  study(
    fixtures: readonly string[],
    execution: Readonly<Record<string, unknown>> = {},
    name = "test",
  ): string {
    const study = {
      name,
      backend: "command",
      model: "none",
      experiments: fixtures.map((fixture, n) => ({
        n: n + 1,
        command: { argv: [join(WORKERS, `${fixture}.sh`)] },
      })),
      execution: { n_cycles: 1, cycle_order: "sequential", ...execution },
    };
    return this.write(`${name}.yaml`, JSON.stringify(study));
  }

  /** Runs a study with --json in this folder. */
  async run(study: string, args: readonly string[] = []): Promise<Ran> {
    const end = await llem(["run", study, "-o", join(this.dir, "out"), "--json", ...args]);
    return ran(end);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.dir, { recursive: true });
  }
}

/** What a run with --json left. */
export interface Ran extends Ended {
  readonly all: readonly Row[];
  readonly runs: readonly RunRow[];
  /** Null where the program did not come to its last record. */
  readonly finish: EndRow | null;
  /** The study directory; empty where there is none. */
  readonly dir: string;
}

export function ran(end: Ended): Ran {
  const all = records(end.stdout);
  const runs = all.filter((record) => record.event === "run_finished").map((run) => ({
    ...run,
    flags: run.flags.filter(isOfTheRun),
    warnings: run.warnings.filter(isOfTheRun),
  }));
  const finish = all.find((record) => record.event === "study_finished") ?? null;
  const dir = all.find((record) => record.event === "study_started")?.study_dir ?? "";
  return { ...end, all, runs, finish, dir };
}

/** A JSON file, taken for what the caller says it is. */
export function readJson<T>(path: string): T {
  return JSON.parse(Deno.readTextFileSync(path));
}

/** The manifest of a study directory. */
export function readManifest(dir: string): Manifest {
  return readJson(join(dir, "manifest.json"));
}

/** The record in a run folder, without what the other tests of the same time do to it. */
export function readResult(folder: string): ResultRecord {
  const record = readJson<ResultRecord>(join(folder, "result.json"));
  const { outcome, warnings } = record;
  return {
    ...record,
    outcome: { ...outcome, flags: outcome.flags.filter(isOfTheRun) },
    warnings: warnings.filter(({ code }) => isOfTheRun(code)),
  };
}

/** False for what tells that the CPUs were shared: tests run beside each other, and contention has tests of its own. */
function isOfTheRun(code: string): boolean {
  return code !== "contended";
}

/** The folder of the nth run (1-based) of a study directory. */
export function runFolder(dir: string, index: number): string {
  const prefix = `${String(index).padStart(4, "0")}_`;
  const found = [...Deno.readDirSync(join(dir, "runs"))].find((entry) => entry.name.startsWith(prefix));
  assert.ok(found !== undefined, `no folder of run ${index} in ${dir}`);
  return join(dir, "runs", found.name);
}

/** Waits until something is so; fails where that does not come. */
export async function until<T>(
  what: string,
  probe: () => T | null | undefined | false,
  limitMs = STEP_LIMIT_MS,
): Promise<T> {
  const endMs = performance.now() + limitMs;
  while (performance.now() < endMs) {
    try {
      const value = probe();
      if (value !== null && value !== undefined && value !== false) return value;
    } catch {
      // Not there yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail(`waited in vain: ${what}`);
}

/** The pid that a shell writes into that file; null while the file is empty, as it is between its opening and its writing. */
export function pidIn(path: string): number | null {
  return Number(Deno.readTextFileSync(path)) || null;
}

/** The pids that a fixture wrote down in its run folder. */
export function pidsOf(folder: string): number[] {
  return Deno.readTextFileSync(join(folder, "pids")).trim().split(/\s+/).map(Number);
}

/** Asserts by /proc that none of the processes can run any more. */
export async function assertGone(pids: readonly number[]): Promise<void> {
  assert.ok(pids.length > 0);
  await until(
    `processes ${pids.join(", ")} to be gone`,
    () => pids.every((pid) => ["Z", "X", undefined].includes(readProcStat(pid)?.state)),
  );
}
