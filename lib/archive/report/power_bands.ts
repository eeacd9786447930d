import { isFile, readRegularFile } from "../../base/files.ts";
import { largest, smallest } from "../../base/numbers.ts";
import { checkTracePages } from "../trace_pages.ts";
import type { PowerBand } from "./run_details.ts";

/** Columns of a band: as many as a page of a usual width can show. */
const BAND_COLUMNS = 200;
/** Some days of one board at 20 Hz. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Readings of one device, in the order of the file; times on CLOCK_MONOTONIC. */
interface Readings {
  readonly t_ns: number[];
  readonly power_w: number[];
}

/**
 * The power of a run's devices from its power.parquet, in columns of even width over the whole trace; seconds since `fromNs` on
 * CLOCK_MONOTONIC, or since the first reading. Empty where there is no such file, or it is damaged or longer than 64 MiB.
 */
export async function readPowerBands(path: string, fromNs: number | null): Promise<PowerBand[]> {
  if (!isFile(path)) return [];
  try {
    return bandsOf(await readPower(path), fromNs);
  } catch {
    return [];
  }
}

async function readPower(path: string): Promise<Map<string, Readings>> {
  const { parquetMetadata, parquetRead } = await import("hyparquet");
  const { buffer } = readRegularFile(path, MOST_BYTES);
  const metadata = parquetMetadata(buffer);
  await checkTracePages(metadata, (start, end) => buffer.slice(start, end));
  const devices = new Map<string, Readings>();
  let rowStart = 0;
  // A group at a time, so that no more than that stands in memory as rows.
  for (const { num_rows } of metadata.row_groups) {
    const rowEnd = rowStart + Number(num_rows);
    await parquetRead({
      file: buffer,
      metadata,
      columns: ["t_ns", "device", "power_w"],
      rowStart,
      rowEnd,
      onComplete: (rows) => rows.forEach(([t_ns, device, power_w]) => note(devices, t_ns, device, power_w)),
    });
    rowStart = rowEnd;
  }
  return devices;
}

function note(devices: Map<string, Readings>, t_ns: unknown, device: unknown, power_w: unknown): void {
  if (typeof t_ns !== "bigint" || typeof device !== "string" || typeof power_w !== "number") return;
  const readings = devices.get(device) ?? { t_ns: [], power_w: [] };
  devices.set(device, readings);
  readings.t_ns.push(Number(t_ns));
  readings.power_w.push(power_w);
}

/** All devices of a run have the same columns. */
export function bandsOf(devices: ReadonlyMap<string, Readings>, fromNs: number | null): PowerBand[] {
  const all = [...devices.values()];
  const first = smallest(all.map(({ t_ns }) => smallest(t_ns)));
  const last = largest(all.map(({ t_ns }) => largest(t_ns)));
  const column_s = Math.max(last - first, 1) / 1e9 / BAND_COLUMNS;
  const from_s = fromNs === null ? 0 : (first - fromNs) / 1e9;
  return [...devices].map(([device, { t_ns, power_w }]) => {
    const low_w: (number | null)[] = new Array(BAND_COLUMNS).fill(null);
    const high_w: (number | null)[] = new Array(BAND_COLUMNS).fill(null);
    t_ns.forEach((at, index) => {
      const value = power_w[index] ?? 0;
      const column = Math.min(Math.floor((at - first) / 1e9 / column_s), BAND_COLUMNS - 1);
      low_w[column] = Math.min(low_w[column] ?? Infinity, value);
      high_w[column] = Math.max(high_w[column] ?? -Infinity, value);
    });
    return { device, from_s, column_s, low_w, high_w };
  });
}
