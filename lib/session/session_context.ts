import type { LoadReading } from "../doctor/load.ts";
import type { StopSwitch } from "../process/stop.ts";
import type { EmitSession } from "./session_event.ts";

/** What a session shares with its caller: how it is stopped, and where its events go. */
export interface SessionContext {
  readonly stop: StopSwitch;
  readonly emit: EmitSession;
  /** The load when the caller began, for a look at what others use; left out where nobody wants to know. */
  readonly load?: LoadReading | null;
}
