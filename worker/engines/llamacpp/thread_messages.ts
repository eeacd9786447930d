import type { Assignment } from "../../../lib/protocol/assignment.ts";
import type { ErrorFrame, Frame } from "../../../lib/protocol/frame.ts";
import type { AssetFolder } from "./assets.ts";

/** What the engine thread is told, once. */
export interface EngineRequest {
  readonly assignment: Assignment;
  /** Null where neither the library nor the model is one of ours. */
  readonly assets: AssetFolder | null;
}

/** What the engine thread says. Only the main thread writes to stdout. */
export type EngineMessage =
  | { readonly kind: "frames"; readonly frames: readonly Frame[] }
  | { readonly kind: "failed"; readonly error: ErrorFrame }
  | { readonly kind: "finished" };
