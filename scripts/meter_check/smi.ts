import { PowerCurve } from "../../lib/meter/power_curve.ts";

const NS_PER_MS = 1e6;

/** One line of nvidia-smi's log of power. */
export interface SmiReading {
  readonly uuid: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** Null where the board does not tell (`[N/A]`). */
  readonly powerW: number | null;
}

/** Reads `uuid, 2026/01/31 12:00:00.123, 71.20`, whose time is the machine's local one; null for any other line. */
export function parseSmiLine(line: string): SmiReading | null {
  const [uuid, time, power, ...rest] = line.split(",").map((cell) => cell.trim());
  if (uuid === undefined || time === undefined || power === undefined || rest.length > 0) return null;
  const parts = /^(\d{4})\/(\d\d)\/(\d\d) (\d\d):(\d\d):(\d\d)\.(\d{3})$/.exec(time)?.slice(1).map(Number);
  if (parts === undefined) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0] = parts;
  const atMs = new Date(year, month - 1, day, hour, minute, second, ms).getTime();
  return { uuid, atMs, powerW: /^\d+(\.\d+)?$/.test(power) ? Number(power) : null };
}

/** Joules by board over a window: the trapezoids of its readings. Null where a board told fewer than two numbers. */
export function integrate(
  readings: readonly SmiReading[],
  beginMs: number,
  endMs: number,
): Map<string, number | null> {
  const boards = Map.groupBy(readings, ({ uuid }) => uuid);
  return new Map([...boards].map(([uuid, list]) => {
    const curve = new PowerCurve();
    const told = list.filter(({ powerW }) => powerW !== null);
    for (const { atMs, powerW } of told) curve.add((atMs - beginMs) * NS_PER_MS, powerW ?? NaN);
    return [uuid, told.length < 2 ? null : curve.energyJ(0, (endMs - beginMs) * NS_PER_MS)];
  }));
}
