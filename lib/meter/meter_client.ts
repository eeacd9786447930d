import { MessageReader } from "./message_line.ts";
import type { MeterTrouble } from "./meter.ts";
import type { HelloMessage, MeterMessage, MeterSetting } from "./sample.ts";

/** The first touch of sleeping GPUs without persistence mode takes seconds each; opening has its own limit before that. */
const HELLO_LIMIT_MS = 30_000;
/** Longer than one call may take before the meter goes on without the device. */
const EDGE_LIMIT_MS = 4_000;

/** How to start the meter: this program, and the environment it gets. */
export interface MeterProgram {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The meter process as its owner sees it. */
export class MeterClient implements AsyncDisposable {
  readonly hello: HelloMessage;
  readonly pid: number;
  /** What went wrong while the meter opened its sources. */
  readonly early: readonly MeterTrouble[];
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #listeners: Set<(message: MeterMessage) => void>;
  readonly #ended: Promise<unknown>;
  #edges = 0;
  #hasEnded = false;
  #isClosing = false;

  private constructor(started: StartedMeter, hello: HelloMessage, early: readonly MeterTrouble[]) {
    this.hello = hello;
    this.early = early;
    this.pid = started.child.pid;
    this.#child = started.child;
    this.#stdin = started.stdin;
    this.#listeners = started.listeners;
    this.#ended = started.ended.then(() => {
      this.#hasEnded = true;
      if (!this.#isClosing) this.#tell({ type: "trouble", t_ns: NaN, ...ENDED });
    });
  }

  /** Starts a meter. Where none can be had, the reason. */
  static async start(
    program: MeterProgram,
    setting: MeterSetting,
  ): Promise<MeterClient | { readonly reason: string }> {
    let started: StartedMeter;
    try {
      started = startProcess(program);
    } catch (error) {
      return { reason: `the meter could not be started: ${(error as Error).message}` };
    }
    const hello = Promise.withResolvers<HelloMessage | null>();
    const early: MeterTrouble[] = [];
    const wait = (message: MeterMessage): void => {
      if (message.type === "trouble") early.push(message);
      if (message.type === "hello") hello.resolve(message);
    };
    started.listeners.add(wait);
    started.ended.then(() => hello.resolve(null));
    const timer = setTimeout(() => hello.resolve(null), HELLO_LIMIT_MS);
    await started.stdin.write(line(JSON.stringify(setting))).catch(() => {});
    const said = await hello.promise;
    clearTimeout(timer);
    started.listeners.delete(wait);
    if (said !== null) return new MeterClient(started, said, early);
    kill(started.child);
    return { reason: "the meter process does not answer" };
  }

  /** Hears every message from now on. */
  listen(listener: (message: MeterMessage) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  /**
   * Asks for counters and states now. Resolves when they have come and listeners have heard them, with all samples from
   * before; also when the meter has ended or does not answer in time.
   */
  async edge(): Promise<void> {
    if (this.#hasEnded) return;
    this.#edges += 1;
    const wanted = this.#edges;
    const done = Promise.withResolvers<void>();
    using _ = this.listen((message) => {
      if (message.type === "edge" && message.edge >= wanted) done.resolve();
    });
    const timer = setTimeout(done.resolve, EDGE_LIMIT_MS);
    this.#stdin.write(line("edge")).catch(() => {});
    await Promise.race([done.promise, this.#ended]);
    clearTimeout(timer);
  }

  /** Ends the meter: by the end of its stdin, and by SIGKILL where that is not enough. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    await this.#stdin.close().catch(() => {});
    const timer = setTimeout(() => kill(this.#child), CLOSE_PATIENCE_MS);
    await this.#ended;
    clearTimeout(timer);
  }

  #tell(message: MeterMessage): void {
    for (const listener of [...this.#listeners]) listener(message);
  }
}

const CLOSE_PATIENCE_MS = 1_000;

const ENDED: MeterTrouble = {
  code: "ended",
  device: null,
  text: "the meter process has ended; nothing is metered any more",
  remedy: null,
};

interface StartedMeter {
  readonly child: Deno.ChildProcess;
  readonly stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly listeners: Set<(message: MeterMessage) => void>;
  /** Resolves when the process is gone and everything it wrote was read; never rejects. */
  readonly ended: Promise<unknown>;
}

/** In a session of its own: what a terminal or a scheduler sends to our group does not reach it. */
function startProcess({ program, args, env }: MeterProgram): StartedMeter {
  const child = new Deno.Command(program, {
    args: [...args, "__meter"],
    cwd: "/",
    clearEnv: true,
    env: { ...env },
    detached: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const status = child.status.catch(() => {});
  const listeners = new Set<(message: MeterMessage) => void>();
  const reader = new MessageReader((message) => {
    for (const listener of [...listeners]) listener(message);
  });
  const read = (async () => {
    for await (const bytes of child.stdout) reader.push(bytes);
  })().catch(() => {});
  return { child, stdin: child.stdin.getWriter(), listeners, ended: Promise.all([status, read]) };
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended already.
  }
}

function line(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\n`);
}
