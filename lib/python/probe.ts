import { signalGroup } from "../process/process_group.ts";
import { readPipe } from "../process/read_pipe.ts";
import { type ChildProcess, type ProcessExit, spawnDetached } from "../process/spawn.ts";
import { isOlder } from "./is_older.ts";
import { type Probe, remember } from "./known_facts.ts";
import { parsePythonFacts } from "./python_facts.ts";
import { probeText } from "./worker_files.ts";
import {
  noProbeAnswer,
  probeAnswerNotPython,
  probeCancelled,
  probeDied,
  probeFailed,
  pythonTooOld,
} from "./messages.ts";

/** How an interpreter is asked. */
export interface ProbeOptions {
  /** The environment that its runs will have. */
  readonly env: Readonly<Record<string, string>>;
  /** Ends the wait. */
  readonly signal?: AbortSignal;
  readonly limit_ms?: number;
}

const LIMIT_MS = 30_000;
/** What the worker is written for. */
const OLDEST = "3.10";
/** For what was killed to be gone. */
const PATIENCE_MS = 1_000;
/** Of each stream; an answer has one. */
const MOST_CHARACTERS = 64 * 1024;

const asked = new Map<string, Promise<Probe>>();

/** Asks an interpreter what it has, in a process of its own; once for each path as long as this program lives. Never rejects. */
export function probePython(path: string, options: ProbeOptions): Promise<Probe> {
  const known = asked.get(path);
  if (known !== undefined) return known;
  const answer = askPython(path, options);
  asked.set(path, answer);
  answer.then((probe) => remember(path, probe));
  return answer;
}

/** The same without memory. */
export async function askPython(
  path: string,
  { env, signal, limit_ms = LIMIT_MS }: ProbeOptions,
): Promise<Probe> {
  if (signal?.aborted === true) return { trouble: probeCancelled() };
  // From the root, lest a folder beside the study be taken for a package.
  const spawned = spawnDetached({ program: path, args: ["-c", probeText()], cwd: "/", env });
  if ("failure" in spawned) return { trouble: spawned.failure.message };
  const { child } = spawned;
  const ended = Promise.withResolvers<string>();
  const timer = setTimeout(() => ended.resolve(noProbeAnswer(limit_ms)), limit_ms);
  const stop = (): void => ended.resolve(probeCancelled());
  signal?.addEventListener("abort", stop);
  try {
    return await listen(child, ended.promise);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

/** Takes what the child says to its end, or kills it once `cutOff` says why. */
async function listen(child: ChildProcess, cutOff: Promise<string>): Promise<Probe> {
  const said = { out: "", err: "" };
  const pipes = [
    readPipe(child.stdout, (bytes) => said.out = appended(said.out, bytes)),
    readPipe(child.stderr, (bytes) => said.err = appended(said.err, bytes)),
  ];
  await child.stdin.close().catch(() => {});
  const whole = Promise.all([child.exited, ...pipes.map(({ done }) => done)]).then(([exit]) => exit);
  const end = await Promise.race([whole, cutOff]);
  if (typeof end === "string") {
    signalGroup(child.pid, "SIGKILL");
    await Promise.all(pipes.map((pipe) => pipe.cancel()));
    await atMost(PATIENCE_MS, child.exited);
    return { trouble: end };
  }
  return judgeProbe(said, end);
}

/** Waits for something, but no longer than that. */
async function atMost(limitMs: number, event: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, limitMs);
  await Promise.race([event, late.promise]);
  clearTimeout(timer);
}

function appended(text: string, bytes: Uint8Array): string {
  return text.length > MOST_CHARACTERS ? text : text + new TextDecoder().decode(bytes);
}

/** What an interpreter's output and end come to. Whatever else was printed, the answer is the last line that is one. */
export function judgeProbe(
  { out, err }: { readonly out: string; readonly err: string },
  exit: ProcessExit,
): Probe {
  const facts = out.split("\n").reverse().map(parsePythonFacts).find((found) => found !== null);
  const output = err.trim().split("\n").at(-1)?.slice(0, 200).replace(/[^\x20-\x7e]+/g, "?") ?? "";
  if (exit.signal !== null) return { trouble: probeDied(exit.signal, output) };
  if (exit.code !== 0) return { trouble: probeFailed(exit.code, output) };
  if (facts === undefined) return { trouble: probeAnswerNotPython(output) };
  return isOlder(facts.version, OLDEST) ? { trouble: pythonTooOld(facts.version, OLDEST) } : { facts };
}
