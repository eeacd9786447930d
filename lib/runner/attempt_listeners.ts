import type { Guarded } from "../process/guard.ts";
import type { ChildProcess } from "../process/spawn.ts";
import type { Frame } from "../protocol/frame.ts";
import type { ServerBook } from "../servers/spawn_server.ts";
import type { AttemptView } from "./attempt_view.ts";

/** What hears of an attempt under way. What a listener throws ends the attempt, and is thrown on. */
export interface AttemptListeners {
  /** A worker is guarded by these marks and is spawned when this returns. */
  readonly onStarting: (marks: Omit<Guarded, "pgid">) => void;
  /** The worker exists and is guarded, its assignment not yet sent; null where it could not be started. */
  readonly onStarted: (child: ChildProcess | null) => void;
  readonly onFrame: (frame: Frame, view: AttemptView) => void;
  /** Hears of a server that is started for the attempt, also after that; left out where nobody does. */
  readonly servers?: ServerBook;
}
