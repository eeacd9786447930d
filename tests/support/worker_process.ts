/** A worker process of a test, in any language, and what it says. */
import { fileURLToPath } from "node:url";
import type {
  ErrorFrame,
  Frame,
  HelloFrame,
  NoteFrame,
  PhaseFrame,
  RequestFrame,
  ResultFrame,
} from "../../lib/protocol/frame.ts";
import { readFrame } from "../../lib/protocol/read_frame.ts";
import { FrameSplitter } from "../../lib/protocol/split_frames.ts";

export const REPOSITORY = fileURLToPath(new URL("../../", import.meta.url));
export const TOKEN = "token-of-this-test";

/** All that a worker said until it ended. */
export interface Said {
  readonly frames: readonly Frame[];
  /** stdout that was no frame, and frames that break the protocol. */
  readonly stray: readonly string[];
  readonly stderr: string;
  readonly status: Deno.CommandStatus;
  readonly hello: HelloFrame | undefined;
  readonly phases: readonly PhaseFrame[];
  readonly requests: readonly RequestFrame[];
  readonly notes: readonly NoteFrame[];
  readonly result: ResultFrame | undefined;
  readonly error: ErrorFrame | undefined;
}

/** Options of a start that has nothing to do with the assignment. */
export interface ProcessOptions {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly clearEnv?: boolean;
  readonly cwd?: string;
  readonly onFrame?: (frame: Frame, worker: WorkerProcess) => void;
}

/** A running worker. Killed when the test leaves its scope. */
export class WorkerProcess {
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #frames: Frame[] = [];
  readonly #stray: string[] = [];
  readonly #read: Promise<unknown>;
  readonly #stderr: Promise<string>;

  constructor(options: ProcessOptions) {
    const [program = "", ...args] = options.argv;
    this.#child = new Deno.Command(program, {
      args,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      detached: true,
      ...(options.env === undefined ? {} : { env: options.env }),
      ...(options.clearEnv === undefined ? {} : { clearEnv: options.clearEnv }),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    }).spawn();
    this.#stdin = this.#child.stdin.getWriter();
    this.#read = this.#readFrames(options.onFrame);
    this.#stderr = new Response(this.#child.stderr).text();
  }

  get pid(): number {
    return this.#child.pid;
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#stdin.write(bytes);
  }

  async closeStdin(): Promise<void> {
    await this.#stdin.close().catch(() => {});
  }

  /** Everything, once the process has ended. */
  async ended(): Promise<Said> {
    const [status, stderr] = await Promise.all([this.#child.status, this.#stderr, this.#read]);
    await this.closeStdin();
    return { ...sortFrames(this.#frames), stray: this.#stray, stderr, status };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      Deno.kill(-this.pid, "SIGKILL"); // it leads a group of its own
    } catch {
      // It has ended.
    }
    await this.ended();
  }

  async #readFrames(onFrame: ProcessOptions["onFrame"]): Promise<void> {
    const splitter = new FrameSplitter();
    for await (const chunk of this.#child.stdout) {
      for (const piece of splitter.push(chunk)) {
        const reading = piece.kind === "frame" ? readFrame(piece.bytes, TOKEN) : null;
        if (reading?.kind === "frame") {
          this.#frames.push(reading.frame);
          onFrame?.(reading.frame, this);
        } else {
          const text = piece.kind === "oversized" ? "oversized" : new TextDecoder().decode(piece.bytes);
          this.#stray.push(`${reading?.kind ?? piece.kind}: ${text}`);
        }
      }
    }
  }
}

/** Frames by their type. */
export function sortFrames(frames: readonly Frame[]): Omit<Said, "stray" | "stderr" | "status"> {
  const of = <T extends Frame["type"]>(type: T): Extract<Frame, { type: T }>[] =>
    frames.filter((frame): frame is Extract<Frame, { type: T }> => frame.type === type);
  return {
    frames,
    hello: of("hello")[0],
    phases: of("phase"),
    requests: of("request"),
    notes: of("note"),
    result: of("result")[0],
    error: of("error")[0],
  };
}

/** True while a process exists that is not a zombie. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

/** Waits until a condition holds; false when the time is over. */
export async function waitUntil(condition: () => boolean, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return true;
}
