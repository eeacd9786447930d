import { monotonicMs, monotonicNs } from "../base/clock.ts";
import { firstAbort, LinkedAbort, pause } from "../base/abort.ts";
import type { ServerWish } from "../engines/server_wish.ts";
import type { Image } from "../experiment/inputs.ts";
import { SERVER_TAG } from "../launch/server_launch.ts";
import type { TemporaryFolder } from "../launch/temporary_folder.ts";
import { adoptedChildren, descendants } from "../process/adopted.ts";
import type { Cage } from "../process/cage.ts";
import type { Container } from "../process/container.ts";
import { HeldProcess } from "../process/held_process.ts";
import { descendsFrom } from "../process/ownership.ts";
import type { Steps } from "../process/read_pipe.ts";
import { signalProcess } from "../process/process_group.ts";
import type { ChildProcess, ProcessExit } from "../process/spawn.ts";
import type { Tags } from "../process/tagged.ts";
import { BoundedLog } from "../storage/bounded_log.ts";
import { lastLines } from "../storage/log_tail.ts";
import { quotedLines, whyNot } from "./last_words.ts";
import { becomeReady, type Readiness } from "./readiness.ts";
import { listeningInodes, listeningPorts } from "../process/listeners.ts";
import { ServerError, type ServerLog } from "./server_error.ts";
import { type ServerControl, type ServerPlace, spawnServer, type Started } from "./spawn_server.ts";
import { askVersion } from "./version.ts";
import * as messages from "./messages.ts";

/** From SIGTERM to SIGKILL. */
const GRACE_S = 10;
const NO_STEPS: Steps = [].values();
const LOG_LIMITS = { headBytes: 256 * 1024, tailBytes: 256 * 1024 };

/** When what happened at a start, in ns of CLOCK_MONOTONIC: the meter's clock, so that its joules can be told. */
export interface StartClocks {
  readonly spawned_ns: bigint;
  /** The health path answered 200 for the first time. */
  readonly healthy_ns: bigint;
  /** It had answered a request. */
  readonly ready_ns: bigint;
}

/**
 * One instance of a server, our own child: from its spawn, with all that it starts, until nothing of it is left. It is ready
 * when `start` returns. Stop it in any case.
 */
export class ManagedServer {
  /** No two have the same. */
  readonly instance: string;
  readonly wish: ServerWish;
  readonly port: number;
  /** With its places filled in. */
  readonly argv: readonly string[];
  /** Variables by which its processes are known. */
  readonly tags: Tags;
  readonly #place: ServerPlace;
  readonly #cage: Cage;
  readonly #child: ChildProcess;
  readonly #container: Container | null;
  readonly #temporary: TemporaryFolder | null;
  readonly #held: HeldProcess;
  readonly #log: BoundedLog;
  readonly #spawnedNs = monotonicNs();
  readonly #dead = new AbortController();
  readonly #listening = new DisposableStack();
  #clocks: StartClocks | null = null;
  #readyMs = 0;
  #version: string | null = null;
  #image: Image | null = null;
  #exit: ProcessExit | null = null;
  #isStopping = false;
  #stopped: Promise<void> | null = null;

  /** In the tick of the spawn. */
  private constructor(
    wish: ServerWish,
    place: ServerPlace,
    started: Started,
  ) {
    const { instance, port, argv, cage, child, container, temporary } = started;
    this.wish = wish;
    this.instance = instance;
    this.port = port;
    this.argv = argv;
    this.tags = { [SERVER_TAG]: instance };
    this.#place = place;
    this.#cage = cage;
    this.#child = child;
    this.#container = container;
    this.#temporary = temporary;
    const log = new BoundedLog(
      place.log_path,
      ({ message }) => place.warn("server_log", messages.serverLogNotWritten(message)),
      LOG_LIMITS,
    );
    this.#log = log;
    this.#held = new HeldProcess({
      child,
      cage,
      tag: { name: SERVER_TAG, value: instance },
      container,
      ...temporary === null ? {} : { temporary: temporary.path },
      guard: place.guard,
      stdout: (bytes) => {
        log.write(bytes);
        return NO_STEPS;
      },
      stderr: (bytes) => log.write(bytes),
      warn: place.warn,
    });
    if (place.control !== undefined) this.#follow(place.control);
    this.#held.ended.then((exit) => {
      this.#exit = exit;
      this.#dead.abort();
    });
  }

  /** Starts one and waits until it is ready. Throws ServerError, with nothing of it left; `signal` ends the wait. */
  static async start(wish: ServerWish, place: ServerPlace, signal: AbortSignal): Promise<ManagedServer> {
    const server = await spawnServer(wish, place, (started) => new ManagedServer(wish, place, started));
    try {
      await server.#held.enlist();
      place.book?.started(server.instance, server.#child);
      await server.#waitReady(signal);
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  get base_url(): string {
    return `http://127.0.0.1:${this.port}/v1`;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Absolute. */
  get logPath(): string {
    return this.#place.log_path;
  }

  /** As the server tells it; null where it does not. */
  get version(): string | null {
    return this.#version;
  }

  /** What its container was made of, where that is known; null for a program of this machine. */
  get image(): Image | null {
    return this.#image;
  }

  /** Of a server that is ready. */
  get clocks(): StartClocks {
    if (this.#clocks === null) throw new Error("The server is not ready");
    return this.#clocks;
  }

  /** True where its processes are not below our child. */
  get isContained(): boolean {
    return this.#container !== null;
  }

  /** Seconds since it was ready. */
  get age_s(): number {
    return (monotonicMs() - this.#readyMs) / 1000;
  }

  /** Aborts the moment it has ended, whoever ended it. */
  get ended(): AbortSignal {
    return this.#dead.signal;
  }

  /** Processes of it that live: for whose socket it is, whose memory, whose work. */
  pids(): number[] {
    const { pid } = this.#child;
    const orphans = adoptedChildren().filter((orphan) => descendsFrom(orphan.pid, this.tags));
    const below = [pid, ...orphans.map((orphan) => orphan.pid)];
    const caged = this.#cage.members().map((member) => member.pid);
    return [...new Set([...below, ...below.flatMap(descendants), ...caged])];
  }

  /** Remembers what it has started by now, also for the guard; costs little. */
  look(): void {
    this.#held.look();
  }

  /**
   * Why it ended by itself, with nothing of it left; null while it lives, and where we stopped it. It may be ending: its
   * connections break before its exit can be seen, which is waited for so long.
   */
  async death(withinMs = 0): Promise<ServerError | null> {
    if (withinMs > 0) await pause(withinMs, this.#dead.signal);
    if (!this.#dead.signal.aborted || this.#isStopping) return null;
    const seconds = this.age_s;
    const exit = this.#exit;
    await this.#end();
    return this.#error("server_died", (trouble) => messages.serverDied(endOf(exit), seconds, trouble));
  }

  /** TERM to its leader, KILL for all of it after 10 s. Returns with nothing of it left; call it as often as you like. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#end();
  }

  #end(): Promise<void> {
    this.#stopped ??= this.#endOnce();
    return this.#stopped;
  }

  #follow({ stop, suspension }: ServerControl): void {
    this.#listening.use(stop.listen((_, urgency) => {
      if (urgency === "again") this.#held.kill();
    }));
    this.#listening.use(suspension.onPausing(() => this.#held.signal("SIGSTOP")));
    this.#listening.use(suspension.listen(() => this.#held.signal("SIGCONT")));
  }

  async #endOnce(): Promise<void> {
    let isGone = false;
    try {
      this.#held.look();
      if (!this.#dead.signal.aborted) this.#term();
      const exit = await this.#held.ended;
      this.#listening.dispose();
      const { swept: { survivors }, unremoved } = await this.#held.settle(exit);
      if (survivors.length > 0) this.#place.warn("survivors", messages.serverSurvives(survivors));
      if (unremoved !== null) this.#place.warn("container", messages.containerStays(unremoved));
      isGone = survivors.length === 0 && unremoved === null;
    } finally {
      this.#listening.dispose();
      await this.#held.release();
      await this.#cage.close();
      const left = await this.#temporary?.remove() ?? null;
      if (left !== null) this.#place.warn("temporary_folder", left);
      this.#log.close();
    }
    if (isGone) this.#place.book?.stopped(this.instance);
  }

  /** To the leader alone: what it has started it ends in its own order. In a pid namespace only the cage reaches it. */
  #term(): void {
    if (this.#cage.kind === "pidns") this.#held.signal("SIGTERM");
    else signalProcess(this.#child.pid, "SIGTERM");
    this.#held.killAfter(this.#place.grace_s ?? GRACE_S, () => {});
  }

  async #waitReady(signal: AbortSignal): Promise<void> {
    const beganMs = monotonicMs();
    using over = new LinkedAbort([signal, this.#dead.signal]);
    const { port, wish } = this;
    const { key_variable } = wish.proof;
    const key = key_variable === null ? null : this.#place.env[key_variable] ?? null;
    const pids = this.#container === null ? () => this.pids() : null;
    const found = await becomeReady({ port, key, pids }, wish, over.signal);
    const seconds = (monotonicMs() - beganMs) / 1000;
    if (found.kind !== "ready" || this.#dead.signal.aborted) {
      // One that could not listen may be about to say so by its end.
      if (found.kind === "taken") await firstEnd(this.#dead.signal);
      throw await this.#notReady(found, seconds);
    }
    this.#version = await askVersion(this.port, this.wish.version_paths, over.signal);
    this.#image = await this.#container?.made?.() ?? null;
    const { healthy_ns, ready_ns } = found;
    this.#clocks = { spawned_ns: this.#spawnedNs, healthy_ns, ready_ns };
    this.#readyMs = monotonicMs();
    this.#held.look();
  }

  /** The first cause wins: a port that another holds, before the end that came of it. */
  async #notReady(found: Readiness, seconds: number): Promise<ServerError> {
    const { wish, port } = this;
    const exit = this.#dead.signal.aborted ? this.#exit : undefined;
    const ports = found.kind === "late" ? listeningPorts(this.pids()) : [];
    const elsewhere = ports.includes(port) ? [] : ports;
    await this.stop();
    if (found.kind === "taken") {
      return this.#error("port_taken", (trouble) => messages.portTaken(port, found.pid, trouble));
    }
    if (exit !== undefined) {
      if (this.#why(exit)?.isPort === true) {
        const isOurs = listeningInodes(port).size > 0;
        return this.#error(
          "port_taken",
          (trouble) =>
            isOurs ? messages.portTaken(port, null, trouble) : messages.otherPortTaken(port, trouble),
        );
      }
      const say = (trouble: messages.ServerTrouble): string =>
        messages.serverExited(endOf(exit), seconds, trouble);
      return this.#error("server_exited", say);
    }
    if (found.kind === "refused") {
      const { status, words } = found;
      const text = messages.serverRefusedProof(wish.proof.path, status, words);
      return new ServerError("server_not_ready", text, false, this.#logEnd());
    }
    if (found.kind === "late") {
      const stage = elsewhere.length > 0 ? messages.stageElsewhere(port, elsewhere) : found.stage;
      const say = (trouble: messages.ServerTrouble): string =>
        messages.serverNotReady(wish.ready_s, stage, trouble);
      return this.#error("server_not_ready", say);
    }
    return new ServerError("server_not_ready", messages.startStopped());
  }

  #error(type: ServerError["type"], say: (trouble: messages.ServerTrouble) => string): ServerError {
    const lines = this.#lastLines();
    const remedy = this.#why(type === "server_not_ready" ? undefined : this.#exit)?.remedy ?? null;
    const text = say({ words: quotedLines(lines), remedy, log: this.#place.log_path });
    return new ServerError(type, text, RETRYABLE[type], this.#logEnd());
  }

  #logEnd(): ServerLog {
    return { path: this.#place.log_path, lines: this.#lastLines() };
  }

  /** `exit` is left out where it had not ended by itself. */
  #why(exit?: ProcessExit | null): ReturnType<typeof whyNot> {
    return whyNot(this.#lastLines(), exit);
  }

  /** Its log is closed by then. */
  #lastLines(): string[] {
    const { hide, log_path } = this.#place;
    return lastLines(log_path, hide ?? ((line) => line));
  }
}

/** Whether another attempt may go better: null where nobody knows. */
const RETRYABLE: Readonly<Record<ServerError["type"], boolean | null>> = {
  server_not_started: false,
  server_exited: null,
  // It may refuse what is asked for ever.
  server_not_ready: null,
  port_taken: true,
  server_died: true,
};

/** So long a server whose port is another's has for ending by itself. */
const END_MS = 500;

async function firstEnd(dead: AbortSignal): Promise<void> {
  const timer = new AbortController();
  const id = setTimeout(() => timer.abort(), END_MS);
  await firstAbort(dead, timer.signal);
  clearTimeout(id);
}

function endOf(exit: ProcessExit | null): messages.ServerEnd {
  return exit ?? { code: null, signal: null };
}
