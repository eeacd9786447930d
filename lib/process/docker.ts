import { OwnTime } from "../base/own_time.ts";
import { signalGroup } from "./process_group.ts";
import { readPipe } from "./read_pipe.ts";
import { spawnDetached } from "./spawn.ts";
import { noAnswerWithin, wasStopped } from "./messages.ts";

/** The docker program, or one that takes the same commands. */
export interface DockerCli {
  /** Absolute path. */
  readonly program: string;
  /** What it is called with: where the daemon listens, its credentials, proxies. */
  readonly env: Readonly<Record<string, string>>;
}

/** How long a call may take. */
export interface DockerLimits {
  readonly limit_ms?: number;
  /** Ends the call. */
  readonly signal?: AbortSignal;
  /** Hears every line of stdout as it comes. */
  readonly onLine?: (line: string) => void;
}

/** How a call ended. */
export interface DockerAnswer {
  /** Null where it was ended by its limit or its signal, or could not be started. */
  readonly code: number | null;
  readonly stdout: string;
  /** Docker's own words for a failure; ours where the call was cut off or did not start. */
  readonly words: string;
}

/** What docker says besides its reason: advice to read its help. */
const ADVICE = /^(Run|See) '.* --help'/;
/** A pipe that somebody else still holds open is not waited for. */
const DRAIN_MS = 500;

/** Calls docker, in a session of its own: Ctrl-C in a terminal must not end a removal. Never rejects. */
export async function callDocker(
  cli: DockerCli,
  args: readonly string[],
  { limit_ms, signal, onLine }: DockerLimits = {},
): Promise<DockerAnswer> {
  const spawned = spawnDetached({ ...cli, args, cwd: "/" });
  if ("failure" in spawned) return { code: null, stdout: "", words: spawned.failure.message };
  const { child } = spawned;
  child.stdin.close().catch(() => {});
  const out = new Lines(onLine);
  const err = new Lines();
  const pipes = [readPipe(child.stdout, out.push), readPipe(child.stderr, err.push)];
  let cut: string | null = null;
  const end = (why: string): void => {
    cut ??= why;
    signalGroup(child.pid, "SIGKILL");
  };
  const stop = (): void => end(wasStopped());
  const timer = limit_ms === undefined ? null : setTimeout(() => end(noAnswerWithin(limit_ms)), limit_ms);
  signal?.addEventListener("abort", stop);
  if (signal?.aborted === true) stop();
  const exit = await child.exited;
  if (timer !== null) clearTimeout(timer);
  signal?.removeEventListener("abort", stop);
  await new OwnTime(DRAIN_MS).sees(Promise.all(pipes.map((pipe) => pipe.done)));
  await Promise.all(pipes.map((pipe) => pipe.cancel()));
  const words = [cut ?? "", ...failureWords(err.text().split("\n"))].filter((text) => text !== "").join("; ");
  return { code: cut === null ? exit.code : null, stdout: out.text(), words };
}

/** The lines by which docker says why it failed. */
export function failureWords(lines: readonly string[]): string[] {
  return lines.map((line) => line.trim()).filter((line) => line !== "" && !ADVICE.test(line));
}

/** Text that comes in pieces, its whole lines told at once. */
class Lines {
  readonly #decoder = new TextDecoder();
  readonly #onLine: ((line: string) => void) | undefined;
  #text = "";
  #told = 0;

  constructor(onLine?: (line: string) => void) {
    this.#onLine = onLine;
  }

  readonly push = (bytes: Uint8Array): void => {
    this.#text += this.#decoder.decode(bytes, { stream: true });
    for (let end = this.#next(); end !== -1; end = this.#next()) {
      this.#onLine?.(this.#text.slice(this.#told, end));
      this.#told = end + 1;
    }
  };

  text(): string {
    return this.#text;
  }

  #next(): number {
    return this.#text.indexOf("\n", this.#told);
  }
}
