import { join } from "node:path";
import { monotonicMs } from "../base/clock.ts";
import { exactInteger } from "../base/exact_integer.ts";
import type { Outcome } from "../experiment/outcome.ts";
import type { Cage } from "../process/cage.ts";
import { type Container, containerFailure } from "../process/container.ts";
import { STOP_SIGNALS, type StopSignal } from "../process/inherited.ts";
import { livingMembers } from "../process/process_group.ts";
import { type PipeReader, readPipe } from "../process/read_pipe.ts";
import type { ChildProcess, ProcessExit, SpawnFailure } from "../process/spawn.ts";
import { type Sweep, sweep, type SweepTarget } from "../process/sweep.ts";
import { encodeAssignment } from "../protocol/assignment.ts";
import { type Frame, PROTOCOL_VERSION, type RequestFrame } from "../protocol/frame.ts";
import { lastLines } from "../storage/log_tail.ts";
import { BoundedLog } from "../storage/bounded_log.ts";
import type { AttemptRequest } from "../launch/attempt_request.ts";
import type { AttemptDeps } from "./attempt.ts";
import { AttemptView } from "./attempt_view.ts";
import { pause } from "../base/abort.ts";
import { Deadline } from "../base/deadline.ts";
import { type Cause, decideOutcome, type Limit } from "./decide_outcome.ts";
import type { OomWatch } from "./oom_watch.ts";

/** How long pipes and group may outlive the worker before that counts as a leak. */
const DRAIN_MS = 200;
/** How long SIGKILL may take before the process counts as unkillable: giving back much pinned memory takes seconds. */
const KILL_PATIENCE_MS = 15_000;

/** How much later than its worker a runner may hear of a signal that went to both. */
const HEAR_STOP_MS = 250;

/** The variable that tells an attempt's processes from all others, wherever they go. */
export const ATTEMPT_TAG = "LLEM_ATTEMPT_ID";

/** A worker that was just started, and what holds it. */
export interface HeldChild {
  readonly child: ChildProcess;
  readonly cage: Cage;
  /** The value of ATTEMPT_TAG in its environment. */
  readonly tag: string;
  /** What the child runs the worker in; null for a worker of this machine. */
  readonly container: Container | null;
}

/** What supervision leaves behind. */
export interface Supervised {
  readonly outcome: Outcome;
  readonly view: AttemptView;
  readonly helloMs: number | null;
  readonly settledMs: number | null;
  readonly exitMs: number;
}

/**
 * Stays with a living worker until nothing of it is left. Whatever is thrown on the way (SaveError, a bug of ours),
 * the worker is dead by then.
 */
export async function superviseChild(
  held: HeldChild,
  request: AttemptRequest,
  deps: AttemptDeps,
  oom: OomWatch,
): Promise<Supervised> {
  const { child, cage, tag, container } = held;
  const guarded = {
    pgid: child.pid,
    tag,
    cgroup: cage.cgroup,
    ...(container === null ? {} : { container: container.name }),
  };
  const supervisor = new Supervisor(held, request, deps, oom);
  try {
    await deps.guard.add(guarded);
    deps.onStarted(child);
    await supervisor.run();
  } finally {
    await supervisor.leave();
    await deps.guard.remove(guarded);
  }
  return supervisor.supervised;
}

/** The state of one living attempt: what was seen, what ended it, and what is armed against it. */
class Supervisor {
  readonly view: AttemptView;
  readonly #token = crypto.randomUUID();
  readonly #child: ChildProcess;
  readonly #cage: Cage;
  readonly #tag: string;
  readonly #container: Container | null;
  readonly #request: AttemptRequest;
  readonly #deps: AttemptDeps;
  readonly #oom: OomWatch;
  readonly #log: BoundedLog;
  readonly #armed = new DisposableStack();
  readonly #startup: Deadline;
  readonly #silence: Deadline;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #stdout: PipeReader;
  readonly #stderr: PipeReader;
  readonly #neverDies = Promise.withResolvers<null>();
  #patience: number | null = null;
  #cause: Cause | null = null;
  #killed = false;
  /** The result is there and we ended the worker ourselves: its exit says nothing. */
  #closing = false;
  /** A failing save inside a reader; thrown once the worker is gone. */
  #fatal: unknown = null;
  #helloMs: number | null = null;
  #settledMs: number | null = null;
  #exitMs = 0;
  #outcome: Outcome | null = null;

  constructor(
    { child, cage, tag, container }: HeldChild,
    request: AttemptRequest,
    deps: AttemptDeps,
    oom: OomWatch,
  ) {
    this.#child = child;
    this.#cage = cage;
    this.#tag = tag;
    this.#container = container;
    this.#request = request;
    this.#deps = deps;
    this.#oom = oom;
    this.view = new AttemptView(this.#token, {
      log: (bytes) => this.#log.write(bytes),
      request: (frame) => request.folder.addRequest(requestLine(frame)),
      frame: (frame) => this.#onFrame(frame),
    });
    this.#log = new BoundedLog(request.folder.logPath, (error) => {
      this.view.warn("log", `The worker's log could not be written: ${error.message}`);
    });
    const { total_s, startup_s, silence_s } = request.limits;
    this.#arm("total", total_s);
    this.#startup = this.#arm("startup", startup_s);
    this.#silence = this.#arm("silence", silence_s);
    this.#whenAborted(deps.study_limit.signal, () => this.#limitPassed("study", deps.study_limit.seconds));
    this.#whenAborted(deps.metering.loss.signal, () => this.#deviceLost());
    this.#armed.use(deps.stop.listen((signal, urgency) => this.#stopRequested(signal, urgency)));
    this.#armed.use(deps.suspension.onPausing(() => cage.signal(child.pid, "SIGSTOP")));
    this.#armed.use(deps.suspension.listen((pausedMs) => this.#suspended(pausedMs)));
    this.#stdin = child.stdin.getWriter();
    this.#stdout = readPipe(child.stdout, (bytes) => this.#guarded(() => this.view.push(bytes)));
    this.#stderr = readPipe(child.stderr, (bytes) => this.#log.write(bytes));
    this.#admit();
    // From here on the listener hears of a stop; one from before it never does.
    if (deps.stop.requested !== null) this.#stopRequested(deps.stop.requested, "first");
  }

  /** Hands out the assignment and stays until nothing of the attempt is left. */
  async run(): Promise<void> {
    // A worker that is gone already shows in its exit; the pipe stays open as its lifeline.
    this.#stdin.write(this.#assignment()).catch(() => {});
    const exit = await Promise.race([this.#child.exited, this.#neverDies.promise]);
    this.#exitMs = monotonicMs();
    await this.#hearStop(exit);
    // A sleep of the machine of which no tick has told yet.
    this.#deps.suspension.look();
    this.#disarm();
    const pipesHeld = await this.#drain();
    const unremoved = await this.#removeContainer();
    const found = await sweep(this.#sweepTarget(), exit === null ? 0 : KILL_PATIENCE_MS);
    await this.#closePipes();
    this.#guarded(() => this.view.end());
    if (this.#fatal !== null) throw this.#fatal;
    const oom = await this.#isOom(exit);
    this.#outcome = this.#decide({ exit, pipesHeld, found, unremoved, oom });
  }

  /**
   * Schedulers and shells signal every process of a job at once, so a worker may have died of the signal before we
   * heard of it ourselves: that is a stop and no crash. Waits for the stop, whose listener then names the cause.
   */
  async #hearStop(exit: ProcessExit | null): Promise<void> {
    if (this.#cause !== null || this.view.hasResult) return;
    const signal = exit?.signal ?? null;
    if (signal !== null && signal in STOP_SIGNALS) await pause(HEAR_STOP_MS, this.#deps.stop.signal);
  }

  get supervised(): Supervised {
    if (this.#outcome === null) throw new Error("The attempt has no outcome yet");
    return {
      outcome: this.#outcome,
      view: this.view,
      helloMs: this.#helloMs,
      settledMs: this.#settledMs,
      exitMs: this.#exitMs,
    };
  }

  /** Safe at any point: what is armed is disarmed, and where there is no outcome yet, whatever still lives dies. */
  async leave(): Promise<void> {
    this.#disarm();
    if (this.#outcome === null) {
      await this.#removeContainer();
      await sweep(this.#sweepTarget(), KILL_PATIENCE_MS);
      await this.#closePipes();
    }
    this.#log.close();
  }

  /** A survivor may hold a pipe that never lets go, so this does not wait for long. */
  async #closePipes(): Promise<void> {
    const closed = new AbortController();
    const stdin = this.#stdin.close().catch(() => {});
    Promise.all([this.#stdout.cancel(), this.#stderr.cancel(), stdin]).then(() => closed.abort());
    await pause(DRAIN_MS, closed.signal);
  }

  /** Before the assignment is sent, so that what the worker starts is born inside. */
  #admit(): void {
    try {
      this.#cage.admit(this.#child.pid);
    } catch (error) {
      // A worker that has ended already (ESRCH) is no trouble; the sweep looks after what it left.
      if (!(error as Error).message.includes("os error 3")) {
        this.view.warn("containment", `The worker could not be moved in: ${(error as Error).message}`);
      }
    }
  }

  #assignment(): Uint8Array {
    const { run, run_id, attempt, devices, base_dir, study_dir, inputs, folder } = this.#request;
    return encodeAssignment({
      v: PROTOCOL_VERSION,
      token: this.#token,
      run_id,
      attempt,
      config_hash: run.config_hash,
      cycle: run.cycle,
      config: run.config,
      devices,
      run_dir: folder.path,
      base_dir,
      inputs: inputs.prompts === null
        ? inputs
        : { ...inputs, prompts: { ...inputs.prompts, path: join(study_dir, inputs.prompts.path) } },
    });
  }

  #onFrame(frame: Frame): void {
    if (frame.type === "hello" && this.#helloMs === null) {
      this.#helloMs = monotonicMs();
      this.#startup[Symbol.dispose]();
    }
    if (frame.type === "error") this.#cause ??= { kind: "error_frame", frame };
    if (frame.type === "error" || frame.type === "result") this.#settledMs ??= monotonicMs();
    this.#silence.restart(this.#request.limits.silence_s);
    this.#deps.onFrame(frame, this.view);
  }

  #stopRequested(signal: StopSignal, urgency: "first" | "again"): void {
    this.#endBecause({ kind: "stop", signal });
    if (urgency === "again") return this.#kill();
    this.#cage.signal(this.#child.pid, signal);
    const grace = this.#armed.use(new Deadline(this.#request.limits.grace_s));
    this.#whenAborted(grace.signal, () => this.#kill());
  }

  /** Whatever the worker was measuring has a hole in it. */
  #suspended(pausedMs: number): void {
    this.#endBecause({ kind: "suspended", seconds: pausedMs / 1000 });
    this.#kill();
  }

  /** A board that is gone or wants a reset computes nothing any more; its worker may hang for ever. */
  #deviceLost(): void {
    this.#endBecause({ kind: "device_lost", text: this.#deps.metering.loss.text });
    this.#kill();
  }

  /** With the result in hand we are only closing: what comes from outside takes nothing from this run. */
  #endBecause(cause: Cause): void {
    if (this.view.hasResult) this.#closing = true;
    else this.#cause ??= cause;
  }

  #limitPassed(limit: Limit, seconds: number): void {
    this.#cause ??= { kind: "limit", limit, seconds };
    this.#kill();
  }

  #kill(): void {
    this.#killed = true;
    this.#cage.kill(this.#child.pid);
    this.#patience ??= setTimeout(() => this.#neverDies.resolve(null), KILL_PATIENCE_MS);
  }

  #arm(limit: Limit, seconds: number | null): Deadline {
    const deadline = this.#armed.use(new Deadline(seconds, () => this.#deps.suspension.doubtMs()));
    this.#whenAborted(deadline.signal, () => this.#limitPassed(limit, seconds ?? 0));
    return deadline;
  }

  #whenAborted(signal: AbortSignal, action: () => void): void {
    signal.addEventListener("abort", action);
    this.#armed.defer(() => signal.removeEventListener("abort", action));
    if (signal.aborted) action();
  }

  #disarm(): void {
    this.#armed.dispose();
    if (this.#patience !== null) clearTimeout(this.#patience);
    this.#patience = null;
  }

  /** Gives pipes and group their time to end by themselves; true where somebody still holds a pipe. */
  async #drain(): Promise<boolean> {
    const endMs = monotonicMs() + DRAIN_MS;
    const over = new AbortController();
    let open = true;
    Promise.all([this.#stdout.done, this.#stderr.done]).then(() => {
      open = false;
      over.abort();
    });
    await pause(DRAIN_MS, over.signal);
    for (let pauseMs = 1; monotonicMs() < endMs; pauseMs *= 2) {
      if (livingMembers(this.#child.pid).length === 0) break;
      await pause(pauseMs);
    }
    return open;
  }

  #sweepTarget(): SweepTarget {
    const { pid, start_ticks } = this.#child;
    const tags = { [ATTEMPT_TAG]: this.#tag };
    return {
      pgid: pid,
      start_ticks,
      cage: this.#cage,
      tags,
      keep: () => this.#deps.guard.pids.union(this.#deps.metering.pids),
    };
  }

  /** Asked only where the worker failed by itself: what we killed the kernel did not. */
  async #isOom(exit: ProcessExit | null): Promise<boolean> {
    if (exit === null || this.#killed || this.#closing) return false;
    if (this.#cause !== null && this.#cause.kind !== "error_frame") return false;
    if (exit.code === 0 && this.view.hasResult && this.#cause === null) return false;
    // In a pid namespace or a container our child only waits for the worker, whose id we do not know.
    const isInside = this.#cage.kind === "pidns" || this.#container !== null;
    const pid = isInside ? null : this.#child.pid;
    return await this.#oom.tookPartOf(pid, exit);
  }

  /** The child may be gone and its container not: the next run must not meet it. Null once it is gone, else why not. */
  async #removeContainer(): Promise<string | null> {
    const trouble = await this.#container?.remove(KILL_PATIENCE_MS) ?? null;
    if (trouble !== null) this.view.warn("container", `The container could not be removed: ${trouble}`);
    return trouble;
  }

  #decide({ exit, pipesHeld, found, unremoved, oom }: {
    readonly exit: ProcessExit | null;
    readonly pipesHeld: boolean;
    readonly found: Sweep;
    readonly unremoved: string | null;
    readonly oom: boolean;
  }): Outcome {
    if (found.survivors.length > 0) {
      this.view.warn("survivors", `Processes ${found.survivors.join(", ")} live on in spite of SIGKILL`);
    }
    const dead = found.survivors.length === 0 ? exit : null;
    return decideOutcome({
      spawn_failure: this.#startFailure(exit),
      unremoved,
      cause: this.#cause,
      exit: dead,
      closing: this.#closing,
      has_result: this.view.hasResult,
      protocol_issue: this.view.protocolIssue,
      oom,
      leaked: found.escaped.length > 0 || (!this.#killed && (pipesHeld || found.in_group.length > 0)),
    });
  }

  /** Docker tells by its own exit codes that the worker never came to be. */
  #startFailure(exit: ProcessExit | null): SpawnFailure | null {
    if (this.#container === null || this.#helloMs !== null || this.#cause !== null || this.#killed) {
      return null;
    }
    return containerFailure(exit?.code ?? null, () => lastLines(this.#request.folder.logPath));
  }

  /** Runs inside a pipe reader, where nobody would catch what is thrown. */
  #guarded(action: () => void): void {
    if (this.#fatal !== null) return;
    try {
      action();
    } catch (error) {
      this.#fatal = error;
      this.#kill();
    }
  }
}

/** A replacer would be asked for every number of the frame. */
function requestLine({ type: _, ...fields }: RequestFrame): string {
  const { t_start_ns } = fields;
  return JSON.stringify({ ...fields, t_start_ns: t_start_ns === null ? null : exactInteger(t_start_ns) });
}
