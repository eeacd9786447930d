import { pause } from "../base/abort.ts";
import { monotonicMs, monotonicNs } from "../base/clock.ts";
import type { ServerWish } from "../engines/server_wish.ts";
import { portOwner } from "../process/listeners.ts";
import { exchange } from "./exchange.ts";
import * as messages from "./messages.ts";
import { askForProof } from "./proof.ts";

/** From the end of one probe to the next. */
const PAUSE_MS = 250;
/** The longest that a probe may take: a server that was stopped accepts connections and never answers. */
const PROBE_MS = 2000;
/** Errors of a server's own to the request that proves it, until it is given up. */
const MOST_STUMBLES = 3;

/** What is asked of a server that was just started. */
export interface Newborn {
  readonly port: number;
  /** Sent with the request that proves it; null where it needs none. */
  readonly key: string | null;
  /** Processes that are the server's, as of now; null where they cannot be told, as in a container, so that its port cannot. */
  readonly pids: (() => number[]) | null;
}

/**
 * What came of waiting:
 * - ready: it computes
 * - taken: the port is another program's; `pid` is null where it cannot be seen
 * - refused: it answered, and will not do what is asked
 * - late: its time is up; `stage` says what it had not done by then
 * - ended: the signal aborted first
 */
export type Readiness =
  | { readonly kind: "ready"; readonly healthy_ns: bigint; readonly ready_ns: bigint }
  | { readonly kind: "taken"; readonly pid: number | null }
  | { readonly kind: "refused"; readonly status: number; readonly words: string }
  | { readonly kind: "late"; readonly stage: string }
  | { readonly kind: "ended" };

/** Probes until it computes: its health path, then whose socket it is, then one request. */
export async function becomeReady(
  { port, key, pids }: Newborn,
  { health_path, proof, ready_s }: ServerWish,
  signal: AbortSignal,
): Promise<Readiness> {
  const endMs = monotonicMs() + ready_s * 1000;
  let stage = messages.stageNoAnswer(health_path);
  let healthy_ns: bigint | null = null;
  for (let stumbles = 0;; await pause(PAUSE_MS, signal)) {
    const leftMs = endMs - monotonicMs();
    if (signal.aborted) return { kind: "ended" };
    if (leftMs <= 0) return { kind: "late", stage };
    const health = await exchange(
      port,
      { method: "GET", path: health_path },
      Math.min(PROBE_MS, leftMs),
      signal,
    );
    if (health === null) continue;
    // Whoever answers: a foreign server may say 503 for ever.
    const owner = pids === null ? null : portOwner(port, pids());
    if (owner?.kind === "other") return { kind: "taken", pid: owner.pid };
    if (health.status !== 200) {
      stage = messages.stageHealth(health_path, health.status);
      continue;
    }
    if (owner?.kind === "nobody") {
      stage = messages.stageNobodyListens(port);
      continue;
    }
    healthy_ns ??= monotonicNs();
    stage = messages.stageProof(proof.path);
    // The first request may load the model: it has all the time that is left.
    const shown = await askForProof(port, proof, key, Math.max(1, endMs - monotonicMs()), signal);
    if (shown.kind === "proved") return { kind: "ready", healthy_ns, ready_ns: monotonicNs() };
    if (shown.kind === "stumbled") stumbles += 1;
    if (shown.kind === "refused" || shown.kind === "stumbled" && stumbles >= MOST_STUMBLES) {
      return signal.aborted ? { kind: "ended" } : { ...shown, kind: "refused" };
    }
  }
}
