import { resolvesWithin } from "../base/abort.ts";
import { Deadline } from "../base/deadline.ts";
import { monotonicMs } from "../base/clock.ts";
import { OwnTime, STALL_MS } from "../base/own_time.ts";
import { descendants } from "./adopted.ts";
import type { Cage } from "./cage.ts";
import type { Container } from "./container.ts";
import type { Guard, Guarded } from "./guard.ts";
import { hadCompany, holdTree, lookBelow, type ProcessTree } from "./ownership.ts";
import { ownMembers } from "./process_group.ts";
import { type PipeReader, readPipe, readPipeInSteps, type Steps } from "./read_pipe.ts";
import { removeSharedMemory, sharedMemoryOf } from "./shared_memory.ts";
import type { SignalName } from "./signal_numbers.ts";
import type { ChildProcess, ProcessExit } from "./spawn.ts";
import { type Sweep, sweep } from "./sweep.ts";
import { containerNotRemoved, workerNotContained } from "./messages.ts";

/** How long pipes and group may outlive the process before that counts as a leak. */
const DRAIN_MS = 200;
/** How long SIGKILL may take before the process counts as unkillable: giving back much pinned memory takes seconds. */
const KILL_PATIENCE_MS = 15_000;
/** So many that have left the group are named to the guard. */
const MOST_STRAYS = 64;
/** Where that has passed while our loop stood still: so long for what its end has waiting to be heard. */
const HEAR_END_MS = 1000;
/** Looks below the process come at least so far apart; a look takes a millisecond, and three where there are many threads. */
const LOOK_INTERVAL_MS = 1000;

/** A variable that only this process and what it starts have in their environment. */
export interface ProcessTag {
  readonly name: string;
  /** No space, no `|`. */
  readonly value: string;
}

/** A process that was just started, and what holds it. */
export interface HeldParts {
  readonly child: ChildProcess;
  readonly cage: Cage;
  readonly tag: ProcessTag;
  /** What the child runs its work in; null for a process of this machine. */
  readonly container: Container | null;
  /** Path of its temporary folder, which its user removes; left out where it has none. */
  readonly temporary?: string;
  readonly guard: Guard;
  /** Takes what it writes, in pieces, stdout in steps. What a sink throws is the end of the process; `settle` throws it. */
  readonly stdout: (bytes: Uint8Array) => Steps;
  readonly stderr: (bytes: Uint8Array) => void;
  /** Hears of troubles that end nothing. */
  readonly warn: (code: string, text: string) => void;
}

/** What a process is known by to its guard, also before it is started. */
export function marksOf(
  { tag, cage, container, temporary }: Pick<HeldParts, "tag" | "cage" | "container" | "temporary">,
): Omit<Guarded, "pgid"> {
  const { name, program } = container ?? {};
  const named = {
    ...name === undefined ? {} : { container: name },
    ...program === undefined ? {} : { container_program: program },
    ...temporary === undefined ? {} : { temporary },
  };
  return { tag: tag.value, cgroup: cage.cgroup, ...named };
}

/** What was found once the process had ended. */
export interface Remains {
  readonly exit: ProcessExit | null;
  /** A pipe was still open after the time for that. */
  readonly pipes_held: boolean;
  readonly swept: Sweep;
  /** Why its container may still be there; null where it is gone or never was. */
  readonly unremoved: string | null;
}

/**
 * A process with all that it starts, from its spawn until nothing of it is left. It knows no protocol: bytes go to sinks,
 * and why the process is killed is its user's affair.
 *
 * Make one in the tick of the spawn, `enlist` it, await `ended`, `settle` it, and `release` it in any case. A guard that got
 * its marks before the spawn knows it from its birth on.
 */
export class HeldProcess {
  /** Resolves with how it ended; with null where it lives on long after SIGKILL. */
  readonly ended: Promise<ProcessExit | null>;
  readonly #parts: HeldParts;
  readonly #tree: ProcessTree;
  #guarded: Guarded;
  readonly #hold: Disposable;
  readonly #armed = new DisposableStack();
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #stdout: PipeReader;
  readonly #stderr: PipeReader;
  readonly #neverDies = Promise.withResolvers<null>();
  #hasExited = false;
  #patience: Deadline | null = null;
  #killed = false;
  #settled = false;
  #isReleased = false;
  #hasLooked = false;
  #fatal: { readonly error: unknown } | null = null;
  #lookedMs = monotonicMs();
  readonly #madeMs = Date.now();
  /** What of its shared memory was seen before its processes were killed. */
  readonly #mapped = new Set<string>();

  constructor(parts: HeldParts) {
    const { child, cage, tag } = parts;
    this.#parts = parts;
    this.#tree = {
      pgid: child.pid,
      start_ticks: child.start_ticks,
      cage,
      tags: { [tag.name]: tag.value },
    };
    const { pid: pgid, start_ticks } = child;
    this.#guarded = { ...marksOf(parts), pgid, start_ticks };
    this.#hold = holdTree(this.#tree);
    this.#admit();
    this.#stdin = child.stdin.getWriter();
    this.#stdout = readPipeInSteps(child.stdout, (bytes) => this.#guardSteps(parts.stdout(bytes)));
    this.#stderr = readPipe(child.stderr, (bytes) => this.#guard(() => parts.stderr(bytes)));
    const exited = child.exited.then((exit) => {
      this.#hasExited = true;
      return exit;
    });
    this.ended = Promise.race([exited, this.#neverDies.promise]);
  }

  /** True where it was this program that killed it. */
  get wasKilled(): boolean {
    return this.#killed;
  }

  /** True where another process was held at some time of its life. */
  get hadCompany(): boolean {
    return hadCompany(this.#tree);
  }

  /** From now on it dies with this program, whatever ends that, also where it hides its environment. */
  async enlist(): Promise<void> {
    await this.#parts.guard.add(this.#guarded);
  }

  /** Writes to its stdin, which stays open as a lifeline. One that is gone already shows in its exit. */
  write(bytes: Uint8Array): void {
    this.#stdin.write(bytes).catch(() => {});
  }

  /** A signal that it may answer to, for its whole group. */
  signal(signal: SignalName): void {
    if (this.hadCompany) this.#look();
    this.#parts.cage.signal(this.#tree.pgid, signal);
  }

  /** SIGKILL for it and all that is held with it. */
  kill(): void {
    if (this.hadCompany) this.#look();
    if (!this.#killed) this.#noteShared();
    this.#killed = true;
    this.#parts.cage.kill(this.#tree.pgid);
    if (this.#patience !== null) return;
    const patience = new Deadline(KILL_PATIENCE_MS / 1000, (lateMs) => lateMs > STALL_MS ? HEAR_END_MS : 0);
    patience.signal.addEventListener("abort", () => this.#neverDies.resolve(null));
    this.#patience = patience;
  }

  /** Asks it to end by that signal, and kills it after the grace. */
  terminate(signal: SignalName, graceS: number): void {
    this.signal(signal);
    this.killAfter(graceS, () => {});
  }

  /**
   * Kills it after so many seconds; null is never. `onPassed` hears of that first; `doubtMs` as for {@link Deadline}.
   * Over once the process has settled.
   */
  killAfter(seconds: number | null, onPassed: () => void, doubtMs?: (lateMs: number) => number): Deadline {
    const deadline = this.#armed.use(new Deadline(seconds, doubtMs));
    this.killWhen(deadline.signal, onPassed);
    return deadline;
  }

  /** Kills it when the signal aborts, or now where it has. `onAbort` hears of that first. */
  killWhen(signal: AbortSignal, onAbort: () => void): void {
    const act = (): void => {
      onAbort();
      this.kill();
    };
    signal.addEventListener("abort", act);
    this.#armed.defer(() => signal.removeEventListener("abort", act));
    if (signal.aborted) act();
  }

  /**
   * Remembers what descends from it now, so that this is known for its own later, also to the guard. Nothing is done where a
   * look was taken a moment ago, or the process is that young and has had no company.
   */
  look(): void {
    const isFirst = !this.#hasLooked && this.hadCompany;
    if (!isFirst && monotonicMs() - this.#lookedMs < LOOK_INTERVAL_MS) return;
    this.#look();
  }

  /**
   * Sees to it that nothing of an ended process is left, and says what was. Throws what a sink threw, with nothing left
   * alive.
   */
  async settle(exit: ProcessExit | null): Promise<Remains> {
    this.#disarm();
    const pipes_held = await this.#drain();
    const unremoved = await this.#removeContainer();
    const swept = await this.#sweep(exit === null ? 0 : KILL_PATIENCE_MS);
    await this.#closePipes();
    this.#settled = true;
    if (this.#fatal !== null) throw this.#fatal.error;
    return { exit, pipes_held, swept, unremoved };
  }

  /** Lets go of it. Safe at any point: whatever still lives of it dies. */
  async release(): Promise<void> {
    this.#disarm();
    try {
      if (this.#settled) return;
      await this.#removeContainer();
      await this.#sweep(KILL_PATIENCE_MS);
      await this.#closePipes();
    } finally {
      this.#hold[Symbol.dispose]();
      this.#isReleased = true;
      await this.#parts.guard.remove(this.#guarded);
    }
  }

  /** Before it is told what to do, so that what it starts is born inside. */
  #admit(): void {
    try {
      this.#parts.cage.admit(this.#tree.pgid);
    } catch (error) {
      // One that has ended already (ESRCH) is no trouble; the sweep looks after what it left.
      if (!(error as Error).message.includes("os error 3")) {
        this.#parts.warn("containment", workerNotContained((error as Error).message));
      }
    }
  }

  #disarm(): void {
    this.#armed.dispose();
    this.#patience?.[Symbol.dispose]();
  }

  #look(): void {
    if (this.#hasExited || this.#isReleased) return;
    this.#hasLooked = true;
    this.#lookedMs = monotonicMs();
    const strays = lookBelow(this.#tree).slice(0, MOST_STRAYS);
    if (strays.length === 0 && this.#guarded.strays === undefined) return;
    this.#guarded = { ...this.#guarded, strays };
    this.#parts.guard.add(this.#guarded).catch(() => {});
  }

  /** Ends what lives, and removes what no process can have any more. */
  async #sweep(limitMs: number): Promise<Sweep> {
    const swept = await sweep(this.#tree, limitMs, (pids) => this.#note(pids));
    removeSharedMemory({ tag: this.#parts.tag.value, mapped: [...this.#mapped], since_ms: this.#madeMs });
    return swept;
  }

  /** Of all that is about to be killed: once it is dead, nothing tells any more which files it had. */
  #noteShared(): void {
    const { pgid, cage } = this.#tree;
    this.#note([pgid, ...descendants(pgid), ...cage.members().map(({ pid }) => pid)]);
  }

  #note(pids: readonly number[]): void {
    for (const path of sharedMemoryOf(pids)) this.#mapped.add(path);
  }

  /** Gives pipes and group their time to end by themselves; true where a pipe is still held. */
  async #drain(): Promise<boolean> {
    const time = new OwnTime(DRAIN_MS);
    const areClosed = await time.sees(Promise.all([this.#stdout.done, this.#stderr.done]));
    for (let pauseMs = 1; !time.isOver; pauseMs *= 2) {
      if (ownMembers(this.#tree.pgid).length === 0) break;
      await time.sleep(pauseMs);
    }
    return !areClosed;
  }

  /** The process may be gone and its container not: nothing else must meet that. Null once it is gone, else why not. */
  async #removeContainer(): Promise<string | null> {
    const trouble = await this.#parts.container?.remove(KILL_PATIENCE_MS) ?? null;
    if (trouble !== null) {
      this.#parts.warn("container", containerNotRemoved(trouble));
    }
    return trouble;
  }

  /** A survivor may hold a pipe that never lets go, so this does not wait for long. */
  async #closePipes(): Promise<void> {
    const stdin = this.#stdin.close().catch(() => {});
    await resolvesWithin(DRAIN_MS, Promise.all([this.#stdout.cancel(), this.#stderr.cancel(), stdin]));
  }

  /** The same steps, each guarded; none after one that threw. */
  *#guardSteps(steps: Steps): Generator<void> {
    let isDone = false;
    while (!isDone) {
      isDone = true;
      this.#guard(() => {
        isDone = steps.next().done === true;
      });
      yield;
    }
  }

  /** Runs inside a pipe reader, where nothing would catch what is thrown. */
  #guard(action: () => void): void {
    if (this.#fatal !== null) return;
    try {
      action();
    } catch (error) {
      this.#fatal = { error };
      this.kill();
    }
  }
}
