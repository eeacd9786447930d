/**
 * worker/ owns what happens inside one run's process: it takes the assignment from stdin, lets a backend do the
 * work and sends frames on stdout. It never measures energy, never starts another run, and outlives its runner
 * by no more than an instant.
 */
import { defectText, EXIT_DEFECT, hearDefects } from "../lib/base/defect.ts";
import { wordsOf } from "../lib/base/text.ts";
import type { Backend } from "../lib/experiment/engines.ts";
import { type Assignment, decodeAssignment } from "../lib/protocol/assignment.ts";
import { MAX_FRAME_BYTES } from "../lib/protocol/bounds.ts";
import { WORKER_ENGINES } from "./engines/engines.ts";
import { dieWithParent, endNow } from "./libc.ts";
import { watchLifeline } from "./lifeline.ts";
import { noAssignment, noSuchBackend, stdinEndedEarly, stdinIsTerminal, workerDefect } from "./messages.ts";
import { readLine } from "./read_line.ts";
import { type Report, reportTo } from "./report.ts";
import { toErrorFrame, WorkerError } from "./worker_error.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

/** The worker process: `llem __worker`; with `--check ENGINE` it says whether an engine works here. Ends the process itself, with 0, 1 (an error frame was sent), 2, or 70 for a defect of its own. */
export async function runWorker(args: readonly string[]): Promise<void> {
  // What it says goes into the log of its run.
  const endByDefect = (error: unknown): never => {
    console.error(workerDefect(defectText(error)));
    Deno.exit(EXIT_DEFECT);
  };
  hearDefects(endByDefect);
  await work(args).catch(endByDefect);
}

async function work(args: readonly string[]): Promise<void> {
  const at = args.indexOf("--check");
  if (at !== -1) Deno.exit(await checkEngine(args.slice(at + 1)) ? 0 : EXIT_FAILED);
  dieWithParent();
  const assignment = await takeAssignment();
  watchLifeline();
  const report = reportOrEnd(assignment.token);
  try {
    await runBackend(assignment, report);
  } catch (error) {
    report(toErrorFrame(error));
    Deno.exit(EXIT_FAILED);
  }
  Deno.exit(0);
}

async function runBackend(assignment: Assignment, report: Report): Promise<void> {
  const { backend } = assignment.config;
  const engine = WORKER_ENGINES[backend];
  if (engine !== undefined) return await engine.run(assignment, report);
  const engines = Object.keys(WORKER_ENGINES);
  throw new WorkerError(
    "unknown_backend",
    noSuchBackend(backend, engines),
  );
}

async function checkEngine([backend = "", ...words]: readonly string[]): Promise<boolean> {
  const engine = WORKER_ENGINES[backend as Backend];
  if (engine === undefined) throw new Error(noSuchBackend(backend, Object.keys(WORKER_ENGINES)));
  return await engine.check(words);
}

/** Frames that nobody can receive mean that the runner is gone. */
function reportOrEnd(token: string): Report {
  const send = reportTo(token);
  return (frame) => {
    try {
      send(frame);
    } catch {
      endNow();
    }
  };
}

async function takeAssignment(): Promise<Assignment> {
  if (Deno.stdin.isTerminal()) explain(stdinIsTerminal());
  try {
    const line = await readLine(Deno.stdin, MAX_FRAME_BYTES);
    if (line === null) explain(stdinEndedEarly());
    return decodeAssignment(line);
  } catch (error) {
    explain(wordsOf(error));
  }
}

function explain(reason: string): never {
  console.error(noAssignment(reason));
  Deno.exit(EXIT_USAGE);
}
