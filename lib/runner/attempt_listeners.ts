import type { Guarded } from "../process/guard.ts";
import type { ChildProcess } from "../process/spawn.ts";
import type { Frame } from "../protocol/frame.ts";
import type { ServerBook } from "../servers/spawn_server.ts";
import type { AttemptView } from "./attempt_view.ts";

/** Where an attempt waits between its load and its measurement, while others are measured. */
export interface AttemptGate {
  /** Its worker has loaded. `pass` is called once it may be measured, perhaps at once; never where the attempt ends before. */
  readonly ready: (pass: () => void) => void;
  /** It has been measured: its worker has sent its result or an error. */
  readonly measured: () => void;
}

/** What hears of an attempt under way. What a listener throws ends the attempt, and is thrown on. */
export interface AttemptListeners {
  /** A worker is guarded by these marks and is spawned when this returns. */
  readonly onStarting: (marks: Omit<Guarded, "pgid">) => void;
  /** The worker exists and is guarded, its assignment not yet sent; null where it could not be started. */
  readonly onStarted: (child: ChildProcess | null) => void;
  readonly onFrame: (frame: Frame, view: AttemptView) => void;
  /** Lets the attempt be measured; left out where it need not wait for that. */
  readonly gate?: AttemptGate;
  /** Hears of a server that is started for the attempt, also after that; left out where nobody does. */
  readonly servers?: ServerBook;
}
