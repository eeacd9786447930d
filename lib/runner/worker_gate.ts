import type { Deadline } from "../base/deadline.ts";
import { type Frame, MEASURED_PHASE } from "../protocol/frame.ts";
import type { RunFolder } from "../results/run_folder.ts";
import { SaveError } from "../storage/save_error.ts";
import type { AttemptGate } from "./attempt_listeners.ts";

/** What the gate of a worker is made of. */
export interface WorkerGateParts {
  /** Undefined where the worker has none to wait at. */
  readonly gate: AttemptGate | undefined;
  readonly folder: Pick<RunFolder, "openGate" | "removeGate">;
  /** Those that stand still while it waits. */
  readonly limits: readonly Deadline[];
  /** False once something has ended the attempt. */
  readonly isOpen: () => boolean;
  /** The file of the gate could not be made. */
  readonly onError: (error: SaveError) => void;
}

/** Where one worker stands with the gate at which it waits, once it has loaded, until it may be measured. */
export class WorkerGate {
  readonly #parts: WorkerGateParts;
  #step: "loading" | "waiting" | "passed" | "over" = "loading";

  constructor(parts: WorkerGateParts) {
    this.#parts = parts;
  }

  /** It has loaded: its wait counts for none of its limits. A `ready` that nobody asked for says nothing. */
  ready(): void {
    const { gate, limits, isOpen } = this.#parts;
    if (gate === undefined || this.#step !== "loading" || !isOpen()) return;
    this.#step = "waiting";
    for (const limit of limits) limit.hold();
    gate.ready(() => this.#pass());
  }

  /** True for what only one that was let through may send. */
  forbids(frame: Frame): boolean {
    if (this.#parts.gate === undefined || this.#step === "passed") return false;
    return frame.type === "result" || frame.type === "phase" && frame.name === MEASURED_PHASE;
  }

  /** It owes nothing more that others would have to wait for. */
  measured(): void {
    this.#parts.gate?.measured();
  }

  /** The file is no part of what a run leaves. Its turn may come all the same until others hear that it is over. */
  remove(): void {
    if (this.#step === "passed") this.#parts.folder.removeGate();
    this.#step = "over";
  }

  #pass(): void {
    const { folder, limits, isOpen, onError } = this.#parts;
    if (this.#step !== "waiting" || !isOpen()) return;
    this.#step = "passed";
    for (const limit of limits) limit.resume();
    try {
      folder.openGate();
    } catch (error) {
      if (!(error instanceof SaveError)) throw error;
      onError(error);
    }
  }
}
