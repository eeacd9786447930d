import { join } from "node:path";
import { threadModule } from "../base/project_files.ts";
import { jsonObjectIn } from "../base/json.ts";
import { type AgentState, type BeatOrder, DONE, ORDER, STATES, writeBeat } from "./beat_file.ts";
import { readOrNull, SHARED } from "./shared_files.ts";

/** How often an agent shows in a lease that it lives. */
export const BEATS_A_LEASE = 6;

/** How long the last beat may take; after it the others have to wait for the lease. */
const LEAVING_MS = 2000;

/** Bytes; a beat has some forty. */
const LONGEST = 1000;

/** A beat as others read it. */
export interface Beat {
  readonly count: number;
  readonly state: AgentState;
}

/**
 * Shows the other agents that this one lives: a number that grows, in a file that is replaced whole, by a thread of its own,
 * so that nothing that this process computes keeps it waiting. A process that is stopped shows nothing.
 */
export class Heart implements Disposable {
  readonly #path: string;
  readonly #thread: Worker;
  readonly #shared: Int32Array;
  #isOver = false;

  /** The first beat is there when it returns. Throws what the system threw. */
  constructor(dir: string, agent: string, leaseMs: number) {
    this.#path = beatPath(dir, agent);
    this.#shared = new Int32Array(new SharedArrayBuffer(8));
    writeBeat(this.#path, 0, "working");
    this.#thread = new Worker(threadModule("lib/cluster/beat_thread.ts"), { type: "module" });
    const order: BeatOrder = { path: this.#path, everyMs: leaseMs / BEATS_A_LEASE, shared: this.#shared };
    this.#thread.postMessage(order);
  }

  /** Nothing more is begun; what runs is finished. */
  drain(): void {
    Atomics.store(this.#shared, ORDER, STATES.indexOf("draining"));
    Atomics.notify(this.#shared, ORDER);
  }

  /** All that this agent has claimed is free from now on. */
  [Symbol.dispose](): void {
    if (this.#isOver) return;
    this.#isOver = true;
    Atomics.store(this.#shared, ORDER, STATES.indexOf("left"));
    Atomics.notify(this.#shared, ORDER);
    // The thread writes it itself: two writers could put an older beat over a newer one.
    Atomics.wait(this.#shared, DONE, 0, LEAVING_MS);
    this.#thread.terminate();
  }
}

/** The last beat of an agent; null where there is none. Throws what the system threw. */
export function readBeat(dir: string, agent: string): Beat | null {
  const text = readOrNull(beatPath(dir, agent));
  return text === null ? null : beatIn(text);
}

/** The same, and when the file was made, by the clock of its file system. */
export function readBeatAndTime(
  dir: string,
  agent: string,
): { beat: Beat | null; mtime: Date | null } | null {
  try {
    // Of a file that is opened a server is asked; what is known of its name may be a minute old (nfs(5), "ac").
    using file = Deno.openSync(beatPath(dir, agent));
    const { mtime, size } = file.statSync();
    const bytes = new Uint8Array(Math.min(size, LONGEST));
    const length = file.readSync(bytes) ?? 0;
    return { beat: beatIn(new TextDecoder().decode(bytes.subarray(0, length))), mtime };
  } catch {
    return null;
  }
}

function beatIn(text: string): Beat | null {
  const { count, state } = jsonObjectIn(text) ?? {};
  const isKnown = state === "working" || state === "draining" || state === "left";
  return typeof count === "number" && isKnown ? { count, state } : null;
}

function beatPath(dir: string, agent: string): string {
  return join(dir, SHARED.beats, agent);
}
