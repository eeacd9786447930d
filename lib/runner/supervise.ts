import { monotonicMs } from "../base/clock.ts";
import type { HiddenTexts } from "../experiment/hidden_texts.ts";
import type { Outcome } from "../experiment/outcome.ts";
import type { Cage } from "../process/cage.ts";
import { type Container, containerFailure } from "../process/container.ts";
import { STOP_SIGNALS, type StopSignal } from "../process/inherited.ts";
import { HeldProcess, type ProcessTag, type Remains } from "../process/held_process.ts";
import type { ChildProcess, ProcessExit, SpawnFailure } from "../process/spawn.ts";
import { encodeAssignment } from "../protocol/assignment.ts";
import type { Frame } from "../protocol/frame.ts";
import { lastLines } from "../storage/log_tail.ts";
import { BoundedLog } from "../storage/bounded_log.ts";
import type { AttemptRequest } from "../launch/attempt_request.ts";
import { assignmentOf, requestLine } from "./assignment_of.ts";
import type { AttemptListeners } from "./attempt_listeners.ts";
import { AttemptView } from "./attempt_view.ts";
import { pause } from "../base/abort.ts";
import type { Deadline } from "../base/deadline.ts";
import { type Cause, decideOutcome, type Limit } from "./decide_outcome.ts";
import type { Control, Host, Slot } from "./lifetimes.ts";
import type { OomWatch } from "./oom_watch.ts";
import { OtherClock } from "./other_clock.ts";
import { WorkerGate } from "./worker_gate.ts";
import type { SaveError } from "../storage/save_error.ts";
import * as messages from "./messages.ts";

/** How much later than its worker a runner may hear of a signal that went to both. */
const HEAR_STOP_MS = 250;

/** A limit so much late says that our loop stood still: a frame that came in time may wait unread. */
const LATE_MS = 20;
/** So long for reading it. */
const READ_MS = 50;

/** The variable that tells an attempt's processes from all others, wherever they go. */
export const ATTEMPT_TAG = "LLEM_ATTEMPT_ID";

/** A worker that was just started, and what holds it. */
export interface StartedWorker {
  readonly child: ChildProcess;
  readonly cage: Cage;
  /** A variable of its environment, ATTEMPT_TAG. */
  readonly tag: ProcessTag;
  /** What the child runs the worker in; null for a worker of this machine. */
  readonly container: Container | null;
  /** Path of its temporary folder; left out where it has none. */
  readonly temporary?: string;
  /** What its hello has to say of llem; left out for a worker of the user's own. */
  readonly llem_version?: string;
  /** Watched since before it was started. */
  readonly oom: OomWatch;
  /** What of its frames goes no further; null where it was given no secret. */
  readonly hidden: HiddenTexts | null;
  /** Aborts where the server that was started for it ends; null where there is none. */
  readonly server_ended: AbortSignal | null;
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
 * Speaks the protocol with a living worker and stays until nothing of it is left. Whatever is thrown on the way (SaveError,
 * a bug of ours), the worker is dead by then. Call it in the tick of the spawn.
 */
export async function superviseWorker(
  worker: StartedWorker,
  request: AttemptRequest,
  host: Pick<Host, "guard">,
  slot: Pick<Slot, "metering">,
  control: Control,
  listeners: AttemptListeners,
): Promise<Supervised> {
  const supervisor = new Supervisor(worker, request, host, slot, control, listeners);
  try {
    return await supervisor.run();
  } finally {
    await supervisor.leave();
  }
}

/** The state of one living attempt: what was seen, and what ended it. */
class Supervisor {
  readonly #view: AttemptView;
  readonly #token = crypto.randomUUID();
  readonly #worker: StartedWorker;
  readonly #request: AttemptRequest;
  readonly #slot: Pick<Slot, "metering">;
  readonly #control: Control;
  readonly #listeners: AttemptListeners;
  readonly #log: BoundedLog;
  readonly #process: HeldProcess;
  readonly #listening = new DisposableStack();
  readonly #total: Deadline;
  readonly #startup: Deadline;
  readonly #silence: Deadline;
  /** Runs from the frame with which the worker has handed in its result, or its error. */
  readonly #close: Deadline;
  readonly #gate: WorkerGate;
  /** Why the file of the gate could not be made. */
  #gateError: SaveError | null = null;
  #cause: Cause | null = null;
  /** Why we ended the worker when it had handed in all: its exit says nothing. */
  #closing: Cause | null = null;
  /** A limit passed when it had handed in all and had not ended. */
  #isOverdue = false;
  #helloMs: number | null = null;
  #settledMs: number | null = null;

  constructor(
    worker: StartedWorker,
    request: AttemptRequest,
    host: Pick<Host, "guard">,
    slot: Pick<Slot, "metering">,
    control: Control,
    listeners: AttemptListeners,
  ) {
    this.#worker = worker;
    this.#request = request;
    this.#slot = slot;
    this.#control = control;
    this.#listeners = listeners;
    const { child, cage, tag, container, temporary, hidden } = worker;
    this.#view = new AttemptView(
      this.#token,
      {
        log: (bytes) => this.#log.write(bytes),
        request: (frame) => request.folder.addRequest(requestLine(frame)),
        frame: (frame) => this.#onFrame(frame),
      },
      new OtherClock(),
      undefined,
      hidden,
      request.slo ?? null,
    );
    // Says at once where it cannot be opened, so after the view.
    this.#log = new BoundedLog(request.folder.logPath, (error) => {
      this.#view.warn("log", messages.logNotWritten(error.message));
    });
    this.#process = new HeldProcess({
      child,
      cage,
      tag,
      container,
      ...temporary === undefined ? {} : { temporary },
      guard: host.guard,
      stdout: (bytes) => this.#view.steps(bytes),
      stderr: (bytes) => this.#log.write(bytes),
      warn: (code, text) => this.#view.warn(code, text),
    });
    const { total_s, startup_s, silence_s } = request.limits;
    this.#total = this.#arm("total", total_s);
    this.#startup = this.#arm("startup", startup_s);
    this.#silence = this.#arm("silence", silence_s);
    this.#close = this.#arm("close", null);
    this.#gate = new WorkerGate({
      gate: listeners.gate,
      folder: request.folder,
      limits: [this.#total, this.#startup, this.#silence],
      isOpen: () => this.#cause === null && this.#settledMs === null,
      onError: (error) => {
        this.#gateError = error;
        this.#process.kill();
      },
    });
    const { limit, stop, suspension } = control;
    this.#process.killWhen(limit.signal, () => this.#limitPassed("study", limit.seconds ?? 0));
    this.#process.killWhen(slot.metering.loss.signal, () => this.#deviceLost());
    this.#listening.use(stop.listen((signal, urgency) => this.#stopRequested(signal, urgency)));
    this.#listening.use(suspension.onPausing(() => this.#process.signal("SIGSTOP")));
    this.#listening.use(suspension.listen((pausedMs, cause) => this.#suspended(pausedMs, cause)));
    this.#watchServer(worker.server_ended);
    // From here on the listener hears of a stop; one from before it never does.
    if (stop.requested !== null) this.#stopRequested(stop.requested, "first");
  }

  /** Hands out the assignment and stays until nothing of the attempt is left. */
  async run(): Promise<Supervised> {
    await this.#process.enlist();
    this.#listeners.onStarted(this.#worker.child);
    this.#process.write(encodeAssignment(assignmentOf(this.#request, this.#token)));
    const exit = await this.#process.ended;
    const exitMs = monotonicMs();
    await this.#hearStop(exit);
    // A sleep of the machine of which no tick has told yet, or a stop of ours of which no signal has.
    const doubtMs = this.#control.suspension.doubtMs();
    if (doubtMs > 0) await pause(doubtMs);
    this.#listening.dispose();
    const remains = await this.#process.settle(exit);
    if (this.#gateError !== null) throw this.#gateError;
    const isOurEnd = this.#closing !== null || this.#process.wasKilled && exit?.signal === "SIGKILL";
    this.#view.end(isOurEnd);
    const outcome = this.#decide(remains, await this.#isOom(exit));
    return { outcome, view: this.#view, helloMs: this.#helloMs, settledMs: this.#settledMs, exitMs };
  }

  /** Safe at any point: whatever still lives dies. */
  async leave(): Promise<void> {
    this.#listening.dispose();
    try {
      await this.#process.release();
    } finally {
      this.#gate.remove();
      this.#log.close();
    }
  }

  /**
   * Schedulers and shells signal every process of a job at once, so a worker may have died of the signal before we
   * heard of it ourselves: that is a stop and no crash. Waits for the stop, whose listener then names the cause.
   */
  async #hearStop(exit: ProcessExit | null): Promise<void> {
    if (this.#cause !== null || this.#view.hasResult) return;
    const signal = exit?.signal ?? null;
    if (signal !== null && signal in STOP_SIGNALS) await pause(HEAR_STOP_MS, this.#control.stop.signal);
  }

  #onFrame(frame: Frame): void {
    if (frame.type === "hello" && this.#helloMs === null) {
      this.#helloMs = monotonicMs();
      this.#startup[Symbol.dispose]();
      this.#refuseOther(frame.versions["llem"]);
    }
    if (frame.type === "phase") this.#process.look();
    if (frame.type === "ready") this.#gate.ready();
    if (this.#gate.forbids(frame)) this.#refuseOutOfTurn();
    if (frame.type === "error") this.#cause ??= { kind: "error_frame", frame };
    if (frame.type === "error" || frame.type === "result") this.#handedIn();
    this.#silence.restart(this.#request.limits.silence_s);
    this.#listeners.onFrame(frame, this.#view);
  }

  /** What another llem's worker measures, and how, nobody knows. A hello that does not say is no proof. */
  #refuseOther(found: string | undefined): void {
    const { llem_version: own, container } = this.#worker;
    if (own === undefined || found === undefined || found === own) return;
    this.#cause ??= {
      kind: "other_worker",
      message: messages.otherWorker(found, own, container?.image ?? null),
    };
    this.#process.kill();
  }

  /** It takes from another run what that is measured for. */
  #refuseOutOfTurn(): void {
    this.#cause ??= { kind: "out_of_turn" };
    this.#process.kill();
  }

  /** It owes no further frame, only its end, which has a limit of its own. */
  #handedIn(): void {
    if (this.#settledMs !== null) return;
    // It may have come with the machine's waking, before any tick.
    this.#control.suspension.look();
    this.#settledMs = monotonicMs();
    this.#gate.measured();
    this.#startup[Symbol.dispose]();
    this.#silence[Symbol.dispose]();
    this.#close.restart(this.#request.limits.close_s);
  }

  #stopRequested(signal: StopSignal, urgency: "first" | "again"): void {
    this.#endBecause({ kind: "stop", signal });
    if (urgency === "again") this.#process.kill();
    else this.#process.terminate(signal, this.#request.limits.grace_s);
  }

  /**
   * Whatever the worker was measuring has a hole in it. What was in hand before has none: the worker goes on closing, and the
   * pause does not count. A result that was read only after we were stopped was not in hand before.
   */
  #suspended(pausedMs: number, how: "stopped" | "slept"): void {
    // The machine's sleep is not on this clock.
    const onClockMs = how === "stopped" ? pausedMs : 0;
    if (this.#settledMs === null || this.#settledMs > monotonicMs() - onClockMs) {
      this.#cause ??= { kind: "suspended", seconds: pausedMs / 1000 };
      return this.#process.kill();
    }
    this.#total.extend(onClockMs);
    // Of the pause it is not known to the millisecond when it began.
    this.#close.restart(this.#request.limits.close_s);
    this.#process.signal("SIGCONT");
  }

  /** A board that is gone or wants a reset computes nothing any more; its worker may hang for ever. */
  #deviceLost(): void {
    this.#endBecause({ kind: "device_lost", text: this.#slot.metering.loss.text });
  }

  /** Without its server the worker can do nothing more. One that has handed in all needs none. */
  #watchServer(ended: AbortSignal | null): void {
    if (ended === null) return;
    const lost = (): void => {
      if (this.#settledMs !== null) return;
      const error = { type: "server_died", message: messages.serverGone(), retryable: null };
      this.#cause ??= { kind: "server_failed", error };
      this.#process.kill();
    };
    ended.addEventListener("abort", lost);
    this.#listening.defer(() => ended.removeEventListener("abort", lost));
    if (ended.aborted) lost();
  }

  /** With all in hand we are only closing: what comes from outside takes nothing from this run. */
  #endBecause(cause: Cause): void {
    if (this.#settledMs !== null) this.#closing ??= cause;
    else this.#cause ??= cause;
  }

  #limitPassed(limit: Limit | "close", seconds: number): void {
    if (this.#settledMs !== null || limit === "close") this.#isOverdue = true;
    else this.#cause ??= { kind: "limit", limit, seconds };
  }

  #arm(limit: Limit | "close", seconds: number | null): Deadline {
    const onPassed = (): void => this.#limitPassed(limit, seconds ?? 0);
    const doubtMs = (lateMs: number): number =>
      this.#control.suspension.doubtMs() || (lateMs > LATE_MS ? READ_MS : 0);
    return this.#process.killAfter(seconds, onPassed, doubtMs);
  }

  /** Asked only where the worker failed by itself: what we killed the kernel did not. */
  async #isOom(exit: ProcessExit | null): Promise<boolean | null> {
    if (exit === null || this.#process.wasKilled || this.#closing !== null) return false;
    if (this.#cause !== null && this.#cause.kind !== "error_frame") return false;
    if (exit.code === 0 && this.#view.hasResult && this.#cause === null) return false;
    // In a pid namespace or a container our child only waits for the worker, whose id we do not know.
    const isInside = this.#worker.cage.kind === "pidns" || this.#worker.container !== null;
    const pid = isInside ? null : this.#worker.child.pid;
    return await this.#worker.oom.tookPartOf(pid, exit, this.#process.hadCompany);
  }

  #decide({ exit, pipes_held, swept, unremoved }: Remains, oom: boolean | null): Outcome {
    const { in_group, escaped, unclaimed, survivors } = swept;
    if (survivors.length > 0) {
      this.#view.warn("survivors", messages.processesSurvived(survivors));
    }
    if (unclaimed.length > 0) this.#view.warn("unclaimed", messages.processesUnclaimed(unclaimed));
    const wasKilled = this.#process.wasKilled;
    // With no cause it had handed in all when we killed it. One that ended in the very moment of our kill shows how it ended.
    const isHandedIn = this.#isOverdue || this.#cause === null || this.#cause.kind === "error_frame";
    const closed_by_force = isHandedIn && wasKilled && exit?.signal === "SIGKILL";
    if (closed_by_force) {
      const cause = this.#isOverdue ? null : this.#closing;
      this.#view.warn(
        "closed_by_force",
        messages.closedByForce(forceOf(cause, this.#request.limits.close_s)),
      );
    }
    return decideOutcome({
      spawn_failure: this.#startFailure(exit),
      unremoved,
      cause: this.#cause,
      exit: survivors.length === 0 ? exit : null,
      closing: this.#closing !== null,
      closed_by_force,
      has_result: this.#view.hasResult,
      protocol_issue: this.#view.protocolIssue,
      issue_repeats: this.#view.protocolIssueRepeats,
      oom,
      leaked: escaped.length > 0 || (!wasKilled && (pipes_held || in_group.length > 0)),
    });
  }

  /** Docker tells by its own exit codes that the worker never came to be. */
  #startFailure(exit: ProcessExit | null): SpawnFailure | null {
    if (this.#worker.container === null || this.#helloMs !== null || this.#cause !== null) return null;
    if (this.#process.wasKilled) return null;
    return containerFailure(exit?.code ?? null, () => {
      const { hidden } = this.#worker;
      return lastLines(this.#request.folder.logPath, (line) => hidden?.hide(line) ?? line);
    });
  }
}

/** What a kill of a worker that had handed in all came from; what is no stop and no loss is a limit. */
function forceOf(cause: Cause | null, close_s: number): Parameters<typeof messages.closedByForce>[0] {
  return cause?.kind === "stop" || cause?.kind === "device_lost" ? cause : { kind: "limit", close_s };
}
