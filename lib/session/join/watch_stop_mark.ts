import { BEATS_A_LEASE } from "../../cluster/beats.ts";
import { readStopMark } from "../../cluster/stop_mark.ts";
import type { SessionContext } from "../session_context.ts";
import { importantNotice } from "../session_event.ts";
import { asksToDrain, asksToStop } from "./messages.ts";
import type { SharedDir } from "./shared_dir.ts";

/** Obeys what `llem stop` leaves for agents, which is looked for with every heartbeat, and lets the heartbeat say so. */
export function watchStopMark(
  dir: string,
  { heart, leaseMs }: Pick<SharedDir, "heart" | "leaseMs">,
  { stop, emit }: SessionContext,
): Disposable {
  const say = importantNotice(emit);
  let told: "drain" | "stop" | null = null;
  const look = (): void => {
    if (stop.signal.aborted || stop.draining.aborted) heart.drain();
    const mode = markIn(dir);
    if (mode === null || mode === told || told === "stop" || stop.requested !== null) return;
    told = mode;
    say(mode === "drain" ? asksToDrain() : asksToStop());
    if (mode === "drain") stop.drain();
    else stop.request("SIGTERM");
    heart.drain();
  };
  const timer = setInterval(look, leaseMs / BEATS_A_LEASE);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** A file that cannot be read now says nothing. */
function markIn(dir: string): "drain" | "stop" | null {
  try {
    return readStopMark(dir)?.mode ?? null;
  } catch {
    return null;
  }
}
