import { z } from "zod";
import { isJsonObject, type JsonObject } from "../base/json.ts";
import { notJson, notMeterMessage } from "./messages.ts";
import { METERS, THROTTLE_CAUSES } from "./meter.ts";
import type { MeterMessage } from "./sample.ts";

/** What sample.ts declares, as a check of lines that come from a file. */
const count = z.number().int().nonnegative();
/** No `int()`: that refuses what is above 2^53, which nanoseconds are after 104 days of uptime. */
const time = z.number().nonnegative();
const figure = z.number().nullable();
const meter = z.enum(METERS);

const device = z.object({
  uuid: z.string().min(1),
  name: z.string(),
  kind: z.enum(["gpu", "cpu", "dram"]),
  meter,
  power: z.enum(["instant", "average_1s", "average"]).nullable(),
  counter: z.boolean(),
  mig: z.object({ enabled: z.boolean() }).nullable(),
  absent: z.record(z.string(), z.string()),
  facts: z.custom<JsonObject>(isJsonObject),
});

const leftOut = z.object({
  meter,
  index: count,
  uuid: z.string().nullable(),
  code: z.enum(["lost", "permission", "read"]),
  reason: z.string(),
  remedy: z.string().nullable(),
});

const migDevice = z.object({
  name: z.string(),
  board: z.string().nullable(),
  reason: z.string().nullable(),
  absent: z.boolean().exactOptional(),
});

const unreadPart = z.object({
  uuid: z.string().min(1),
  kind: z.enum(["cpu", "dram"]),
  meter,
  reason: z.string(),
});

const hello = z.object({
  type: z.literal("hello"),
  schema: z.literal("llem.meter/1"),
  pid: count,
  devices: z.array(device),
  absent: z.array(z.object({ meter, reason: z.string(), remedy: z.string().nullable() })),
  left_out: z.array(leftOut).exactOptional(),
  unread_parts: z.array(unreadPart).exactOptional(),
  mig_devices: z.array(migDevice).exactOptional(),
  period_ms: z.number().positive(),
});

const power = z.object({
  type: z.literal("power"),
  t_ns: z.array(time),
  power_w: z.array(figure),
  impossible_w: z.array(figure).exactOptional(),
});

const counter = z.object({
  type: z.literal("counter"),
  device: count,
  t_ns: time,
  edge: count.nullable(),
  energy_j: figure,
  throttle_ns: z.partialRecord(z.enum(THROTTLE_CAUSES), z.number()).nullable(),
});

const gpuProcess = z.object({
  pid: count,
  memory_bytes: figure,
  kind: z.enum(["compute", "graphics", "mps"]),
});

const state = z.object({
  type: z.literal("state"),
  device: count,
  t_ns: time,
  temperature_c: figure,
  memory_temperature_c: figure,
  sm_clock_mhz: figure,
  memory_clock_mhz: figure,
  event_reasons: figure,
  memory_used_bytes: figure,
  memory_total_bytes: figure,
  utilization_pct: figure,
  power_limit_w: figure,
  processes: z.array(gpuProcess).nullable(),
});

const trouble = z.object({
  type: z.literal("trouble"),
  t_ns: time,
  code: z.enum(["lost", "permission", "read", "reset", "hung", "ended"]),
  device: z.string().nullable(),
  text: z.string(),
  remedy: z.string().nullable(),
});

const self = z.object({ type: z.literal("self"), t_ns: time, cpu_s: z.number(), rss_bytes: count });

const message = z.discriminatedUnion("type", [hello, power, counter, state, trouble, self]);

/** A line of the meter process as a message, or what is wrong with it. Never throws. */
export function parseMeterMessage(line: string): MeterMessage | { readonly damage: string } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { damage: notJson() };
  }
  const checked = message.safeParse(value);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    const index = issue?.path.join(".") ?? "";
    return { damage: `${index === "" ? "" : `${index}: `}${issue?.message ?? notMeterMessage()}` };
  }
  return checked.data;
}
