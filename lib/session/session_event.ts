import type { Issue } from "../base/issue.ts";
import type { DownloadState } from "../hub/download_work.ts";
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
  /** How far downloads are before the first run, several times a second; null when they have ended. */
  | { readonly type: "downloading"; readonly state: DownloadState | null }
  /** The study file does not check. The session is refused afterwards. */
  | { readonly type: "invalid"; readonly issues: readonly Issue[] };

export type EmitSession = (event: SessionEvent) => void;

/** A notice that only matters to a caller that wants to follow. */
export function routineNotice(emit: EmitSession): (text: string) => void {
  return (text) => emit({ type: "notice", level: "routine", text });
}

/** Hears how far downloads are. */
export function downloadNotice(emit: EmitSession): (state: DownloadState | null) => void {
  return (state) => emit({ type: "downloading", state });
}

/** A notice for every caller. */
export function importantNotice(emit: EmitSession): (text: string) => void {
  return (text) => emit({ type: "notice", level: "important", text });
}
