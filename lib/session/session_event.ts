import type { Issue } from "../base/issue.ts";
import type { RunnerEvent } from "../journal/runner_event.ts";

/** What a session reports to its caller. Listeners must neither throw nor wait. */
export type SessionEvent =
  | RunnerEvent
  | {
    readonly type: "notice";
    /** `routine` is what a caller that wants only trouble leaves out. */
    readonly level: "routine" | "important";
    /** One line, without a full stop that the caller would have to add. */
    readonly text: string;
  }
  /** The study file does not check. The session is refused afterwards. */
  | { readonly type: "invalid"; readonly issues: readonly Issue[] };

export type EmitSession = (event: SessionEvent) => void;

/** A notice that only matters to a caller that wants to follow. */
export function routineNotice(emit: EmitSession): (text: string) => void {
  return (text) => emit({ type: "notice", level: "routine", text });
}

/** A notice for every caller. */
export function importantNotice(emit: EmitSession): (text: string) => void {
  return (text) => emit({ type: "notice", level: "important", text });
}
