import { join } from "node:path";
import { readRegularText, removeIfThere } from "../base/files.ts";
import { isJsonObject, type Json } from "../base/json.ts";
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
}

const STOP_FILE = "stop.json";

/** The wish to stop; null where there is none. What cannot be understood is a stop: somebody wanted one. */
export function readStopMark(dir: string): StopMark | null {
  let text: string;
  try {
    text = readRegularText(join(dir, STOP_FILE));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  return markOf(text) ?? { schema: "llem.stop/1", mode: "stop", at: "", host: "" };
}

/** Durable when it returns. Throws what the system threw. */
export function writeStopMark(disk: Disk, dir: string, mark: Omit<StopMark, "schema">): void {
  const whole: StopMark = { schema: "llem.stop/1", ...mark };
  disk.replace(join(dir, STOP_FILE), new TextEncoder().encode(`${JSON.stringify(whole, null, 2)}\n`));
}

/** Takes the wish away; true where there was one. */
export function removeStopMark(dir: string): boolean {
  const was = readStopMark(dir) !== null;
  removeIfThere(join(dir, STOP_FILE));
  return was;
}

function markOf(text: string): StopMark | null {
  let value: Json;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isJsonObject(value)) return null;
  const { mode, at, host } = value;
  if (mode !== "drain" && mode !== "stop") return null;
  return { schema: "llem.stop/1", mode, at: `${at ?? ""}`, host: `${host ?? ""}` };
}
