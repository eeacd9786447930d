import type { StopSignal } from "../process/inherited.ts";
import type { Execution } from "../study/execution.ts";
import type { Control, Slot } from "./lifetimes.ts";

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

/** What keeps the study from going on now; null where nothing does. */
export function haltOf({ metering }: Pick<Slot, "metering">, { stop, limit }: Control): Halt | null {
  if (stop.requested !== null) return { kind: "signal", signal: stop.requested };
  if (stop.draining.aborted) return { kind: "drained" };
  const { loss } = metering;
  if (loss.signal.aborted) return { kind: "device_lost", text: loss.text };
  if (limit.signal.aborted) return { kind: "study_limit", seconds: limit.seconds };
  return null;
}

/** Why a study ended before its last run, in words. */
export function haltText(reason: HaltReason, { max_failures }: Pick<Execution, "max_failures">): string {
  switch (reason.kind) {
    case "signal":
      return `stopped by ${reason.signal}`;
    case "drained":
      return "asked by SIGUSR2 to begin no further run";
    case "device_lost":
      return `a device was lost: ${reason.text}`;
    case "study_limit":
      return `the study took longer than ${reason.seconds} s`;
    case "unkillable":
      return "a worker cannot be killed; its device is not to be trusted";
    case "max_failures":
      return `${reason.failed_runs} runs failed (execution.max_failures is ${max_failures})`;
  }
}
