import type { NoteFrame } from "../../../lib/protocol/frame.ts";

/** What the reader of a run's numbers should know. */
export interface Warning {
  readonly code: string;
  readonly text: string;
}

/** The frame that tells the runner. */
export function noteOf({ code, text }: Warning): NoteFrame {
  return { type: "note", level: "warning", code, text };
}
