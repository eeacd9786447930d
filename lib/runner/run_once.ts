import { monotonicMs, utcNow } from "../base/clock.ts";
import type { Outcome } from "../experiment/outcome.ts";
import type { Run } from "../experiment/run.ts";
import type { Guard } from "../process/guard.ts";
import {
  type ChildProcess,
  type ProcessExit,
  type ProcessSpec,
  spawnDetached,
  type SpawnFailure,
} from "../process/spawn.ts";
import { livingMembers, signalGroup } from "../process/process_group.ts";
import { type PipeReader, readPipe } from "../process/read_pipe.ts";
import { type Sweep, sweep } from "../process/sweep.ts";
import { encodeAssignment } from "../protocol/assignment.ts";
import { type Frame, PROTOCOL_VERSION } from "../protocol/frame.ts";
import type { AttemptFacts, RecordTiming } from "../results/record.ts";
import type { RunFolder } from "../results/run_folder.ts";
import { BoundedLog } from "../storage/bounded_log.ts";
import { AttemptView } from "./attempt_view.ts";
import { Deadline, pause } from "./deadline.ts";
import { type Cause, decideOutcome, type Limit } from "./decide_outcome.ts";
import type { StopSwitch } from "./stop.ts";

/** How long pipes and group may outlive the worker before that counts as a leak. */
const DRAIN_MS = 200;
/** How long SIGKILL may take before the process counts as unkillable. */
const KILL_PATIENCE_MS = 10_000;

/** The limits of one attempt in seconds; null is none. */
export interface AttemptLimits {
  readonly total_s: number;
  readonly startup_s: number | null;
  readonly silence_s: number | null;
  /** Between a forwarded stop signal and SIGKILL. */
  readonly grace_s: number;
}

/** One attempt to make. */
export interface AttemptRequest {
  readonly run: Run;
  readonly run_id: string;
  /** 1-based. */
  readonly attempt: number;
  readonly limits: AttemptLimits;
  readonly devices: readonly string[];
  /** Absolute folder of the study file. */
  readonly base_dir: string;
  readonly folder: RunFolder;
}

/** How to start the worker of a run, or why that is not possible. */
export type Launch = { readonly spec: ProcessSpec } | { readonly failure: SpawnFailure };

/** What an attempt needs from its surroundings. */
export interface AttemptDeps {
  readonly launch: (request: AttemptRequest) => Launch;
  readonly guard: Guard;
  readonly stop: StopSwitch;
  /** Aborts when the limit of the whole study has passed. */
  readonly study_limit: { readonly signal: AbortSignal; readonly seconds: number };
  /** The worker exists and is guarded, its assignment not yet sent; null where it could not be started. */
  readonly onStarted: (child: ChildProcess | null) => void;
  readonly onFrame: (frame: Frame, view: AttemptView) => void;
}

/**
 * Makes one attempt: from spawn until nothing of it is left. Returns what was seen, whatever happened to the
 * worker; throws only what is fatal to the study (SaveError) or a bug of ours, and then leaves no process behind.
 */
export async function runOnce(request: AttemptRequest, deps: AttemptDeps): Promise<AttemptFacts> {
  const startedAt = utcNow();
  const startedMs = monotonicMs();
  const launch = deps.launch(request);
  const spawned = "failure" in launch ? launch : spawnDetached(launch.spec);
  const attempt = "failure" in spawned
    ? notSpawned(spawned.failure, deps)
    : await superviseChild(spawned.child, request, deps);
  const endedMs = monotonicMs();
  const { helloMs, settledMs, view } = attempt;
  const timing: RecordTiming = {
    started_at: startedAt,
    ended_at: utcNow(),
    startup_s: helloMs === null ? null : (helloMs - startedMs) / 1000,
    run_s: helloMs === null ? null : ((settledMs ?? attempt.exitMs) - helloMs) / 1000,
    teardown_s: settledMs === null ? null : (endedMs - settledMs) / 1000,
    duration_s: (endedMs - startedMs) / 1000,
  };
  const { run, run_id, devices } = request;
  return {
    run: {
      run_id,
      index: run.index,
      config_hash: run.config_hash,
      cycle: run.cycle,
      attempt: request.attempt,
      devices,
    },
    config: run.config,
    outcome: attempt.outcome,
    worker: view.hello === null ? null : {
      backend: view.hello.backend,
      versions: view.hello.versions,
      devices: view.hello.devices,
      pid: view.hello.pid,
    },
    measurement: view.measurement,
    samples: view.samples,
    phases: view.phases.phases,
    timing,
    warnings: view.warnings,
  };
}

/** What supervision leaves behind. */
interface Supervised {
  readonly outcome: Outcome;
  readonly view: AttemptView;
  readonly helloMs: number | null;
  readonly settledMs: number | null;
  readonly exitMs: number;
}

function notSpawned(failure: SpawnFailure, deps: AttemptDeps): Supervised {
  deps.onStarted(null);
  const view = new AttemptView("", { log: () => {}, request: () => {}, frame: () => {} });
  const outcome = decideOutcome({
    spawn_failure: failure,
    cause: null,
    exit: { code: null, signal: null },
    closing: false,
    has_result: false,
    protocol_issue: null,
    leaked: false,
  });
  return { outcome, view, helloMs: null, settledMs: null, exitMs: monotonicMs() };
}

async function superviseChild(
  child: ChildProcess,
  request: AttemptRequest,
  deps: AttemptDeps,
): Promise<Supervised> {
  const supervisor = new Supervisor(child, request, deps);
  try {
    await deps.guard.add(child.pid);
    deps.onStarted(child);
    await supervisor.run();
  } finally {
    supervisor.dispose();
    await deps.guard.remove(child.pid);
  }
  return supervisor.supervised;
}

/** The state of one living attempt: what was seen, what ended it, and what is armed against it. */
class Supervisor {
  readonly view: AttemptView;
  readonly #token = crypto.randomUUID();
  readonly #child: ChildProcess;
  readonly #request: AttemptRequest;
  readonly #deps: AttemptDeps;
  readonly #log: BoundedLog;
  readonly #armed = new DisposableStack();
  readonly #startup: Deadline;
  readonly #silence: Deadline;
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

  constructor(child: ChildProcess, request: AttemptRequest, deps: AttemptDeps) {
    this.#child = child;
    this.#request = request;
    this.#deps = deps;
    this.view = new AttemptView(this.#token, {
      log: (bytes) => this.#log.write(bytes),
      request: ({ type: _, ...fields }) => request.folder.addRequest(JSON.stringify(fields, bigintAsText)),
      frame: (frame) => this.#onFrame(frame),
    });
    this.#log = new BoundedLog(request.folder.logPath, (error) => {
      this.view.warn("log", `The worker's log could not be written: ${error.message}`);
    });
    const { total_s, startup_s, silence_s } = request.limits;
    this.#arm("total", total_s, new Deadline(total_s));
    this.#startup = this.#arm("startup", startup_s, new Deadline(startup_s));
    this.#silence = this.#arm("silence", silence_s, new Deadline(silence_s));
    this.#whenAborted(deps.study_limit.signal, () => this.#limitPassed("study", deps.study_limit.seconds));
    this.#armed.use(deps.stop.listen((signal, urgency) => this.#stopRequested(signal, urgency)));
    this.#stdout = readPipe(child.stdout, (bytes) => this.#guarded(() => this.view.push(bytes)));
    this.#stderr = readPipe(child.stderr, (bytes) => this.#log.write(bytes));
  }

  /** Hands out the assignment and stays until nothing of the attempt is left. */
  async run(): Promise<void> {
    const stdin = this.#child.stdin.getWriter();
    // A worker that is gone already shows in its exit; the pipe stays open as its lifeline.
    stdin.write(this.#assignment()).catch(() => {});
    // A stop that came while we were registering has not been heard by this attempt.
    if (this.#deps.stop.requested !== null) this.#stopRequested(this.#deps.stop.requested, "first");
    const exit = await Promise.race([this.#child.exited, this.#neverDies.promise]);
    this.#exitMs = monotonicMs();
    this.#disarm();
    const pipesHeld = await this.#drain();
    const found = await sweep(this.#sweepTarget(), exit === null ? 0 : KILL_PATIENCE_MS);
    // A survivor may hold a pipe that never lets go.
    const closed = Promise.all([this.#stdout.cancel(), this.#stderr.cancel(), stdin.close().catch(() => {})]);
    await Promise.race([closed, pause(DRAIN_MS)]);
    this.#guarded(() => this.view.end());
    if (this.#fatal !== null) throw this.#fatal;
    this.#outcome = this.#decide(exit, pipesHeld, found);
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

  /** Safe at any point: whatever still lives dies, whatever is armed is disarmed. */
  dispose(): void {
    this.#disarm();
    if (this.#outcome === null) signalGroup(this.#child.pid, "SIGKILL");
    this.#log.close();
  }

  #assignment(): Uint8Array {
    const { run, run_id, attempt, devices, base_dir, folder } = this.#request;
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

  #stopRequested(signal: "SIGHUP" | "SIGINT" | "SIGTERM", urgency: "first" | "again"): void {
    // With the result in hand we are only closing: the user's stop takes nothing from this run.
    if (!this.view.hasResult) this.#cause ??= { kind: "stop", signal };
    else this.#closing = true;
    if (urgency === "again") return this.#kill();
    signalGroup(this.#child.pid, signal);
    const grace = this.#armed.use(new Deadline(this.#request.limits.grace_s));
    this.#whenAborted(grace.signal, () => this.#kill());
  }

  #limitPassed(limit: Limit, seconds: number): void {
    this.#cause ??= { kind: "limit", limit, seconds };
    this.#kill();
  }

  #kill(): void {
    this.#killed = true;
    signalGroup(this.#child.pid, "SIGKILL");
    this.#patience ??= setTimeout(() => this.#neverDies.resolve(null), KILL_PATIENCE_MS);
  }

  #arm(limit: Limit, seconds: number | null, deadline: Deadline): Deadline {
    this.#armed.use(deadline);
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
    const closed = Promise.all([this.#stdout.done, this.#stderr.done]).then(() => {
      open = false;
      over.abort();
    });
    await Promise.race([closed, pause(DRAIN_MS, over.signal)]);
    for (let pauseMs = 1; monotonicMs() < endMs; pauseMs *= 2) {
      if (livingMembers(this.#child.pid).length === 0) break;
      await pause(pauseMs);
    }
    return open;
  }

  #sweepTarget(): { pgid: number; start_ticks: number; keep: ReadonlySet<number> } {
    return {
      pgid: this.#child.pid,
      start_ticks: this.#child.start_ticks,
      keep: new Set([this.#deps.guard.pid]),
    };
  }

  #decide(exit: ProcessExit | null, pipesHeld: boolean, found: Sweep): Outcome {
    if (found.survivors.length > 0) {
      this.view.warn("survivors", `Processes ${found.survivors.join(", ")} live on in spite of SIGKILL`);
    }
    const dead = found.survivors.length === 0 ? exit : null;
    return decideOutcome({
      spawn_failure: null,
      cause: this.#cause,
      exit: dead,
      closing: this.#closing,
      has_result: this.view.hasResult,
      protocol_issue: this.view.protocolIssue,
      leaked: found.escaped.length > 0 || (!this.#killed && (pipesHeld || found.in_group.length > 0)),
    });
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

function bigintAsText(_key: string, value: unknown): unknown {
  if (typeof value !== "bigint") return value;
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : String(value);
}
