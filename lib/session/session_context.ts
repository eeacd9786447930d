import type { StopSwitch } from "../process/stop.ts";
import type { EmitSession } from "./session_event.ts";

/** What a session shares with its caller: how it is stopped, and where its events go. */
export interface SessionContext {
  readonly stop: StopSwitch;
  readonly emit: EmitSession;
}
