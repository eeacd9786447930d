import { ownChild } from "../base/own_children.ts";
import { type Ask, edgeLine } from "./control_line.ts";
import { CpuShare } from "./cpu_share.ts";
import { MessageReader } from "./message_line.ts";
import * as messages from "./messages.ts";
import type { MeterTrouble } from "./meter.ts";
import type { HelloMessage, MeterMessage, MeterOptions } from "./sample.ts";

/** The most that is waited for: tests have less patience than drivers need. */
export interface Patience {
  readonly helloMs: number;
  readonly edgeMs: number;
  readonly closeMs: number;
}

/** The first touch of sleeping GPUs without persistence mode takes seconds each; opening has its own limit before that. */
const HELLO_MS = 30_000;
/** Longer than one call may take before the meter goes on without the device. */
const EDGE_MS = 4_000;
const PATIENCE: Patience = { helloMs: HELLO_MS, edgeMs: EDGE_MS, closeMs: 1_000 };

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
  /** What went wrong before anybody listened: while the meter opened its sources, say. */
  readonly early: readonly MeterTrouble[];
  /** Resolves when the process is gone and everything it wrote was heard. Never rejects. */
  readonly ended: Promise<void>;
  readonly #started: StartedMeter;
  readonly #stopCollecting: () => void;
  readonly #patience: Patience;
  /** Edges under way: what to call when the meter ends. A race against `ended` would keep each of them for ever. */
  readonly #waiting = new Set<() => void>();
  readonly #cpu = new CpuShare();
  #edges = 0;
  #hasEnded = false;
  #isClosing = false;

  private constructor(
    started: StartedMeter,
    { hello, early, stopCollecting }: Greeting,
    patience: Patience,
  ) {
    this.hello = hello;
    this.early = early;
    this.pid = started.child.pid;
    this.#started = started;
    this.#stopCollecting = stopCollecting;
    this.#patience = patience;
    // Not by `listen`: whoever comes first is still to hear of early troubles.
    started.listeners.add((message) => this.#cpu.take(message));
    this.ended = started.ended.then(() => {
      this.#hasEnded = true;
      if (!this.#isClosing) this.#tell({ type: "trouble", t_ns: NaN, ...ENDED });
      for (const done of [...this.#waiting]) done();
    });
  }

  /** The meter's own share of one CPU core since it began; null where that is too short to tell. */
  get cpuShare(): number | null {
    return this.#cpu.share;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Starts a meter. Where none can be had, or the signal aborts before it answers, the reason; nothing lives then. */
  static async start(
    program: MeterProgram,
    options: MeterOptions,
    wait: { readonly signal?: AbortSignal; readonly patience?: Partial<Patience> } = {},
  ): Promise<MeterClient | { readonly reason: string }> {
    const patience = { ...PATIENCE, ...wait.patience };
    let started: StartedMeter;
    try {
      started = startProcess(program);
    } catch (error) {
      return { reason: messages.meterNotStarted((error as Error).message) };
    }
    const hello = Promise.withResolvers<HelloMessage | { readonly reason: string }>();
    const giveUp = (reason: string) => (): void => hello.resolve({ reason });
    const early: MeterTrouble[] = [];
    const collect = (message: MeterMessage): void => {
      if (message.type === "trouble") early.push(message);
      if (message.type === "hello") hello.resolve(message);
    };
    started.listeners.add(collect);
    started.ended.then((status) => giveUp(messages.meterEndedEarly(messages.meterExit(status)))());
    const timer = setTimeout(giveUp(messages.meterNoAnswer()), patience.helloMs);
    const onAbort = giveUp(messages.meterWaitCancelled());
    wait.signal?.addEventListener("abort", onAbort);
    if (wait.signal?.aborted === true) onAbort();
    started.stdin.write(line(JSON.stringify(options))).catch(() => {});
    const said = await hello.promise;
    clearTimeout(timer);
    wait.signal?.removeEventListener("abort", onAbort);
    if ("reason" in said) {
      started.listeners.delete(collect);
      await close(started, 0);
      return said;
    }
    const stopCollecting = (): void => void started.listeners.delete(collect);
    return new MeterClient(started, { hello: said, early, stopCollecting }, patience);
  }

  /** Hears every message from now on. */
  listen(listener: (message: MeterMessage) => void): Disposable {
    this.#stopCollecting();
    const { listeners } = this.#started;
    listeners.add(listener);
    return { [Symbol.dispose]: () => listeners.delete(listener) };
  }

  /**
   * Asks for counters and states of these devices, by their places in the hello, or of all, now. Resolves when they have come and
   * listeners have heard them, with all samples from before; also when the meter has ended or does not answer in time.
   */
  edge(devices: readonly number[] | null = null): Promise<void> {
    return this.#ask("edge", devices);
  }

  /** The same for states alone: temperatures, memory, processes. Reading counters often disturbs some boards. */
  look(devices: readonly number[] | null = null): Promise<void> {
    return this.#ask("look", devices);
  }

  async #ask(ask: Ask, devices: readonly number[] | null): Promise<void> {
    if (this.#hasEnded) return;
    this.#edges += 1;
    const wanted = this.#edges;
    const done = Promise.withResolvers<void>();
    using _ = this.listen((message) => {
      if (message.type === "edge" && message.edge >= wanted) done.resolve();
    });
    const timer = setTimeout(done.resolve, this.#patience.edgeMs);
    this.#waiting.add(done.resolve);
    this.#started.stdin.write(line(edgeLine(ask, devices))).catch(() => {});
    await done.promise;
    this.#waiting.delete(done.resolve);
    clearTimeout(timer);
  }

  /** Ends the meter: by the end of its stdin, and by SIGKILL where that is not enough. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    await close(this.#started, this.#patience.closeMs);
  }

  #tell(message: MeterMessage): void {
    const { listeners } = this.#started;
    for (const listener of [...listeners]) listener(message);
  }
}

/** How long SIGKILL may take. A process in a driver's call may outlive it for ever; nobody is to wait for that. */
const KILL_PATIENCE_MS = 2_000;

/** Resolves when the process is gone, or is not to be got rid of. */
async function close({ child, stdin, ended }: StartedMeter, patienceMs: number): Promise<void> {
  const over = Promise.withResolvers<void>();
  ended.then(() => over.resolve());
  // Not waited for: a process that was stopped reads nothing.
  stdin.close().catch(() => {});
  const timers = [
    setTimeout(() => kill(child), patienceMs),
    setTimeout(() => over.resolve(), patienceMs + KILL_PATIENCE_MS),
  ];
  await over.promise;
  for (const timer of timers) clearTimeout(timer);
}

/** What came of a start. */
interface Greeting {
  readonly hello: HelloMessage;
  readonly early: readonly MeterTrouble[];
  readonly stopCollecting: () => void;
}

const ENDED: MeterTrouble = {
  code: "ended",
  device: null,
  text: messages.meterEnded(),
  remedy: null,
};

interface StartedMeter {
  readonly child: Deno.ChildProcess;
  readonly stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly listeners: Set<(message: MeterMessage) => void>;
  /** Resolves when the process is gone and everything it wrote was read; never rejects. */
  readonly ended: Promise<Deno.CommandStatus | null>;
}

/** In a session of its own: what a terminal or a scheduler sends to our group does not reach it. */
function startProcess({ program, args, env }: MeterProgram): StartedMeter {
  const child = ownChild(new Deno.Command(program, {
    args: [...args, "__meter"],
    cwd: "/",
    clearEnv: true,
    env: { ...env },
    detached: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn());
  const status = child.status.catch(() => null);
  const listeners = new Set<(message: MeterMessage) => void>();
  const reader = new MessageReader((message) => {
    for (const listener of [...listeners]) listener(message);
  });
  const read = (async () => {
    for await (const bytes of child.stdout) reader.push(bytes);
  })().catch(() => {});
  const stdin = child.stdin.getWriter();
  const ended = Promise.all([status, read]).then(async ([end]) => {
    // Also where nobody closes a meter that has ended by itself: its pipe would stay open.
    await stdin.abort().catch(() => {});
    return end;
  });
  return { child, stdin, listeners, ended };
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
