import {
  type ChildProcess,
  type ProcessSpec,
  spawnDetached,
  type Spawned,
  type SpawnFailure,
} from "../process/spawn.ts";
import { pause } from "../base/abort.ts";
import type { Cause } from "./decide_outcome.ts";
import type { Control } from "./lifetimes.ts";

/** What a system that is short of processes or descriptors says; it may have some a moment later. */
const SHORT_OF = new Set(["EAGAIN", "EMFILE", "ENFILE"]);

/** Pauses between the tries, in ms: about a second and a half in all. */
const PAUSES_MS = [50, 100, 200, 400, 800];

/** A child, or why there is none; `refusals` counts the tries that failed for want of something. */
export type PatientSpawn =
  & { readonly refusals: number }
  & (
    | Extract<Spawned, { readonly child: ChildProcess }>
    /** `cause` is what ended the waiting, null where it was the last try. */
    | { readonly failure: SpawnFailure; readonly cause: Cause | null }
  );

type WaitControl = Pick<Control, "stop" | "limit">;

/** Starts a program; where the system is short of something, tries again for a while. */
export async function spawnPatiently(
  spec: ProcessSpec,
  { stop, limit }: WaitControl,
): Promise<PatientSpawn> {
  for (let refusals = 0;; refusals++) {
    const spawned = spawnDetached(spec);
    if ("child" in spawned) return { ...spawned, refusals };
    if (!SHORT_OF.has(spawned.failure.errno)) return { failure: spawned.failure, refusals, cause: null };
    const pauseMs = PAUSES_MS[refusals];
    if (pauseMs === undefined) return { failure: spawned.failure, refusals: refusals + 1, cause: null };
    await pause(pauseMs, stop.signal, limit.signal);
    const cause = endOfWaiting({ stop, limit });
    if (cause !== null) return { failure: spawned.failure, refusals: refusals + 1, cause };
  }
}

/** What ended a wait before an attempt has a process; null where nothing did. */
export function endOfWaiting({ stop, limit }: WaitControl): Cause | null {
  if (stop.requested !== null) return { kind: "stop", signal: stop.requested };
  if (!limit.signal.aborted) return null;
  return { kind: "limit", limit: "study", seconds: limit.seconds ?? 0 };
}
