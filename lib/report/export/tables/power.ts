import { THROTTLE_CAUSES } from "../../../meter/meter.ts";
import type { AttemptSource } from "../../../results/study_attempt.ts";
import type { Cell, Column, ColumnType, Row, Table } from "../table.ts";
import { columnsOf, rowOf } from "./field.ts";
import { ATTEMPT_FIELDS } from "./shared_fields.ts";

function column(
  name: string,
  type: ColumnType,
  unit: string | null,
): { describe(definition: string): Column } {
  return { describe: (definition) => ({ name, type, unit, definition }) };
}

/** Columns of power.parquet, by the same names. */
export const POWER_COLUMNS: readonly Column[] = [
  column("t_ns", "integer", "ns").describe("When it was read, on CLOCK_MONOTONIC of the machine."),
  column("device", "text", null).describe("UUID of the GPU, or name of a CPU package or memory."),
  column("power_w", "number", "W").describe("Power, as the device averages it."),
  column("energy_j", "number", "J").describe("The device's own energy counter."),
  column("temperature_c", "number", "degC").describe("Temperature of the GPU."),
  column("memory_temperature_c", "number", "degC").describe("Temperature of its memory."),
  column("sm_clock_mhz", "number", "MHz").describe("Clock of its multiprocessors."),
  column("memory_clock_mhz", "number", "MHz").describe("Clock of its memory."),
  column("memory_used_bytes", "integer", "bytes").describe("Memory in use on it, by anybody."),
  column("memory_total_bytes", "integer", "bytes").describe("Its memory."),
  column("utilization_pct", "number", "%").describe("Share of time in which a kernel ran on it."),
  column("power_limit_w", "number", "W").describe("Its power limit."),
  column("event_reasons", "integer", null).describe("NVML's bit mask of reasons for its clocks."),
  ...THROTTLE_CAUSES.map((cause) =>
    column(`throttle_${cause}_ns`, "integer", "ns").describe(
      `Time for which its clocks were held down: ${cause}.`,
    )
  ),
];

/** `power`: every reading of every device in every attempt. */
export function powerTable(source: AttemptSource): Table {
  return {
    name: "power",
    columns: [...columnsOf(ATTEMPT_FIELDS), ...POWER_COLUMNS],
    batches: batches(source),
  };
}

async function* batches(source: AttemptSource): AsyncGenerator<readonly Row[]> {
  for (const attempt of source.attempts()) {
    const own = rowOf(ATTEMPT_FIELDS, attempt);
    for await (const rows of source.power(attempt)) {
      yield rows.map((row) => [...own, ...POWER_COLUMNS.map(({ name }) => cellOf(row[name]))]);
    }
  }
}

function cellOf(value: unknown): Cell {
  return typeof value === "number" || typeof value === "bigint" || typeof value === "string" ? value : null;
}
