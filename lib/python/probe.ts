import { signalGroup } from "../process/process_group.ts";
import { readPipe } from "../process/read_pipe.ts";
import { type ChildProcess, type ProcessExit, spawnDetached } from "../process/spawn.ts";
import { isOlder } from "./is_older.ts";
import { type Probe, remember } from "./known_facts.ts";
import { parsePythonFacts } from "./python_facts.ts";
import { probeText } from "./worker_files.ts";

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
const CALLED_OFF = "the question was called off";
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
  if (signal?.aborted === true) return { trouble: CALLED_OFF };
  // From the root, lest a folder beside the study be taken for a package.
  const spawned = spawnDetached({ program: path, args: ["-c", probeText()], cwd: "/", env });
  if ("failure" in spawned) return { trouble: spawned.failure.message };
  const { child } = spawned;
  const ended = Promise.withResolvers<string>();
  const timer = setTimeout(() => ended.resolve(`it did not answer within ${limit_ms / 1000} s`), limit_ms);
  const stop = (): void => ended.resolve(CALLED_OFF);
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
  const lastWords = err.trim().split("\n").at(-1)?.slice(0, 200).replace(/[^\x20-\x7e]+/g, "?") ?? "";
  const said = lastWords === "" ? "" : `: ${lastWords}`;
  if (exit.signal !== null) return { trouble: `it died of ${exit.signal}${said}` };
  if (exit.code !== 0) return { trouble: `it ended with exit code ${exit.code}${said}` };
  if (facts === undefined) return { trouble: `its answer is not that of a Python interpreter${said}` };
  return isOlder(facts.version, OLDEST)
    ? { trouble: `it is Python ${facts.version}, and the worker needs ${OLDEST}` }
    : { facts };
}
