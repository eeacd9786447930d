import { largest, smallest } from "../base/numbers.ts";
import type { CounterSample, StateSample } from "./recording.ts";
import type { MeterDevice } from "./meter.ts";
import { parseMeterMessage } from "./message_schema.ts";
import {
  deviceNotInHello,
  helloMissing,
  readingsForOtherDevices,
  secondHello,
  traceEmpty,
} from "./messages.ts";
import type { HelloMessage, MeterMessage, TroubleMessage } from "./sample.ts";

/** A reading of power at a moment. */
export interface PowerSample {
  readonly t_ns: number;
  readonly power_w: number | null;
}

/** What a trace holds of one device, in the order of time. */
export interface DeviceTrace {
  readonly device: MeterDevice;
  readonly power: readonly PowerSample[];
  readonly counters: readonly CounterSample[];
  readonly states: readonly StateSample[];
}

/** A recorded trace. */
export interface Trace {
  readonly devices: readonly DeviceTrace[];
  readonly troubles: readonly TroubleMessage[];
  /** Times of the first and the last sample; null where there is none. */
  readonly first_ns: number | null;
  readonly last_ns: number | null;
  readonly period_ms: number;
}

/** What stops a trace from being read. */
export interface DamagedTrace {
  /** 1-based. */
  readonly line: number;
  readonly damage: string;
}

/** Reads the text of a trace: lines as the meter process writes them, its hello first. */
export function parseTrace(text: string): Trace | DamagedTrace {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  let hello: HelloMessage | null = null;
  const messages: MeterMessage[] = [];
  for (const [index, line] of lines.entries()) {
    const message = parseMeterMessage(line);
    const damage = "damage" in message ? message.damage : misplaced(message, hello);
    if (damage !== null || "damage" in message) return { line: index + 1, damage: damage ?? "" };
    if (message.type === "hello") hello = message;
    messages.push(message);
  }
  return hello === null ? { line: 1, damage: traceEmpty() } : traceOf(hello, messages);
}

/** What is wrong with a message at its place; null where nothing is. */
function misplaced(message: MeterMessage, hello: HelloMessage | null): string | null {
  if (message.type === "hello") return hello === null ? null : secondHello();
  if (hello === null) return helloMissing();
  const devices = hello.devices.length;
  if (message.type === "power") {
    const fits = message.t_ns.length === devices && message.power_w.length === devices;
    return fits ? null : readingsForOtherDevices(devices);
  }
  const isUnknown = "device" in message && typeof message.device === "number" && message.device >= devices;
  return isUnknown ? deviceNotInHello(message.device) : null;
}

function traceOf(hello: HelloMessage, messages: readonly MeterMessage[]): Trace {
  const counters = messages.filter((message) => message.type === "counter");
  const states = messages.filter((message) => message.type === "state");
  const powers = messages.filter((message) => message.type === "power");
  const devices = hello.devices.map((device, index): DeviceTrace => ({
    device,
    power: inOrder(powers.map(({ t_ns, power_w, impossible_w }) => ({
      t_ns: t_ns[index] ?? 0,
      power_w: power_w[index] ?? impossible_w?.[index] ?? null,
    }))),
    counters: inOrder(counters.filter((counter) => counter.device === index)),
    states: inOrder(states.filter((state) => state.device === index)),
  }));
  const samples = devices.flatMap(({ power, counters, states }) => [power, counters, states]);
  const firsts = samples.map((list) => list[0]?.t_ns).filter((t) => t !== undefined);
  const lasts = samples.map((list) => list.at(-1)?.t_ns).filter((t) => t !== undefined);
  return {
    devices,
    troubles: inOrder(messages.filter((message) => message.type === "trouble")),
    first_ns: firsts.length === 0 ? null : smallest(firsts),
    last_ns: lasts.length === 0 ? null : largest(lasts),
    period_ms: hello.period_ms,
  };
}

function inOrder<T extends { readonly t_ns: number }>(samples: readonly T[]): T[] {
  return [...samples].sort((a, b) => a.t_ns - b.t_ns);
}
