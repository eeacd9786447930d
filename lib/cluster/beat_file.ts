/** What an agent says of itself: it makes runs, it finishes those that it has begun, or it has gone. */
export const STATES = ["working", "draining", "left"] as const;
export type AgentState = typeof STATES[number];

/** What the thread that keeps the heartbeat is started with. */
export interface BeatOrder {
  readonly path: string;
  readonly everyMs: number;
  /** Of two numbers: at ORDER what it is to say, as a place in STATES; at DONE 1 once it has said that it left. */
  readonly shared: Int32Array;
}

export const ORDER = 0;
export const DONE = 1;

/** Replaces a beat whole. Not synced: of what a power cut leaves, only that the number stands still matters. */
export function writeBeat(path: string, count: number, state: AgentState): void {
  Deno.writeTextFileSync(`${path}.new`, `${JSON.stringify({ count, state })}\n`);
  Deno.renameSync(`${path}.new`, path);
}
