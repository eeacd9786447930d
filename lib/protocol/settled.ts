import { isJsonObject } from "../base/json.ts";

/** In the folder of a run with `measure.steady`, while it is metered: see {@link Settled}. */
export const SETTLED_FILE = "settled.json";

/** Whether power and temperature of the metered devices have stopped to change; null where nothing measures it. */
export interface Settled {
  readonly power: boolean | null;
  readonly temperature: boolean | null;
}

/** Reads the text of that file; what is not there or cut is not known. */
export function parseSettled(text: string | null): Settled {
  let value: unknown = null;
  try {
    value = text === null ? null : JSON.parse(text);
  } catch {
    // Read while it was written.
  }
  const word = (name: string): boolean | null => {
    const told = isJsonObject(value) ? value[name] : null;
    return typeof told === "boolean" ? told : null;
  };
  return { power: word("power"), temperature: word("temperature") };
}
