import type { StopSignal } from "../process/inherited.ts";
import type { Execution } from "../study/execution.ts";
import type { Control, Slot } from "./lifetimes.ts";
import * as messages from "./messages.ts";

/** What keeps a study from beginning anything more. It never ends again. */
export type Halt =
  | { readonly kind: "signal"; readonly signal: StopSignal }
  | { readonly kind: "drained" }
  | { readonly kind: "device_lost"; readonly text: string }
  | { readonly kind: "study_limit"; readonly seconds: number | null };

/** Why a study ends before its last run. */
export type HaltReason =
  | Halt
  /** A worker lives on in spite of SIGKILL: what it holds must not be used. */
  | { readonly kind: "unkillable" }
  | { readonly kind: "max_failures"; readonly failed_runs: number };

/** Why not all runs were made, in words; what halted the study, where something did. */
export interface EndReason {
  readonly text: string;
  readonly halt: HaltReason | null;
}

/** What keeps the study from going on now; null where nothing does. */
export function haltOf({ metering }: Pick<Slot, "metering">, control: Control): Halt | null {
  const halt = haltOfStudy(control);
  const { loss } = metering;
  // Whoever stopped the study, or drained it, did so whatever was lost; its limit is passed while a lost device is waited for.
  if (loss.signal.aborted && (halt === null || halt.kind === "study_limit")) {
    return { kind: "device_lost", text: loss.text };
  }
  return halt;
}

/** The same, whatever has become of the devices of a slot: others may go on. */
export function haltOfStudy({ stop, limit }: Control): Exclude<Halt, { kind: "device_lost" }> | null {
  if (stop.requested !== null) return { kind: "signal", signal: stop.requested };
  if (stop.draining.aborted) return { kind: "drained" };
  return limit.signal.aborted ? { kind: "study_limit", seconds: limit.seconds } : null;
}

/** Why a study ended before its last run, in words. */
export function haltText(reason: HaltReason, { max_failures }: Pick<Execution, "max_failures">): string {
  switch (reason.kind) {
    case "signal":
      return messages.stoppedBySignal(reason.signal);
    case "drained":
      return messages.stoppedAfterCurrentRun();
    case "device_lost":
      return messages.deviceLost(reason.text);
    case "study_limit":
      return messages.studyTimedOut(reason.seconds);
    case "unkillable":
      return messages.devicesQuarantined();
    case "max_failures":
      return messages.tooManyFailures(reason.failed_runs, max_failures);
  }
}
