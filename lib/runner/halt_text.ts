import type { Execution } from "../study/execution.ts";
import type { HaltReason } from "./next_step.ts";

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
