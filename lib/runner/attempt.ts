import type { Launcher } from "../launch/attempt_request.ts";
import type { ContainmentMethod } from "../process/containment.ts";
import type { Guard } from "../process/guard.ts";
import type { ChildProcess } from "../process/spawn.ts";
import type { Frame } from "../protocol/frame.ts";
import type { AttemptView } from "./attempt_view.ts";
import type { MemoryGate } from "../metering/memory_gate.ts";
import type { Metering } from "../metering/metering.ts";
import type { StopSwitch } from "../process/stop.ts";
import type { Suspension } from "../process/suspension.ts";

/** What an attempt needs from its surroundings. */
export interface AttemptDeps {
  readonly launch: Launcher;
  readonly guard: Guard;
  readonly containment: ContainmentMethod;
  readonly memory: MemoryGate;
  readonly metering: Metering;
  readonly stop: StopSwitch;
  readonly suspension: Suspension;
  /** Aborts when the limit of the whole study has passed. */
  readonly study_limit: { readonly signal: AbortSignal; readonly seconds: number };
  /** The worker exists and is guarded, its assignment not yet sent; null where it could not be started. */
  readonly onStarted: (child: ChildProcess | null) => void;
  readonly onFrame: (frame: Frame, view: AttemptView) => void;
}
