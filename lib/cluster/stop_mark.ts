import { join } from "node:path";
import { readRegularText, removeIfThere } from "../base/files.ts";
import { isJsonObject, jsonObjectIn } from "../base/json.ts";
import type { Disk } from "../storage/disk.ts";

/** stop.json: what `llem stop` leaves in a study directory for the agents that share it. */
export interface StopMark {
  readonly schema: "llem.stop/1";
  /** `drain`: the runs at hand may end; `stop`: they are interrupted. */
  readonly mode: "drain" | "stop";
  /** UTC, ISO 8601. */
  readonly at: string;
  /** Where it was asked for. */
  readonly host: string;
  /** The one process that is meant, where no agents share the study; null for all agents. */
  readonly process: { readonly pid: number; readonly start_ticks: number } | null;
}

const STOP_FILE = "stop.json";

/** The wish that all agents stop; null where there is none. Throws what the system threw. */
export function readStopMark(dir: string): StopMark | null {
  const mark = readMark(dir);
  return mark?.process === null ? mark : null;
}

/** The mark, also one for a single process. What cannot be understood is a stop: somebody wanted one. */
export function readMark(dir: string): StopMark | null {
  let text: string;
  try {
    text = readRegularText(join(dir, STOP_FILE));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  return markOf(text) ?? { schema: "llem.stop/1", mode: "stop", at: "", host: "", process: null };
}

/** Durable when it returns. Throws what the system threw. */
export function writeStopMark(disk: Disk, dir: string, mark: Omit<StopMark, "schema">): void {
  const whole: StopMark = { schema: "llem.stop/1", ...mark };
  disk.replace(join(dir, STOP_FILE), new TextEncoder().encode(`${JSON.stringify(whole, null, 2)}\n`));
}

/** Takes the wish away; true where there was one. */
export function removeStopMark(dir: string): boolean {
  const was = readMark(dir) !== null;
  removeIfThere(join(dir, STOP_FILE));
  return was;
}

function markOf(text: string): StopMark | null {
  const value = jsonObjectIn(text);
  if (value === null) return null;
  const { mode, at, host, process } = value;
  if (mode !== "drain" && mode !== "stop") return null;
  const one = isJsonObject(process)
    ? { pid: Number(process["pid"]), start_ticks: Number(process["start_ticks"]) }
    : null;
  return { schema: "llem.stop/1", mode, at: `${at ?? ""}`, host: `${host ?? ""}`, process: one };
}
