/**
 * The thread that samples: a Web Worker of the meter process that opens the sources, reads them on a fixed grid and
 * writes what it read to stdout. It blocks and sleeps as it likes; meter_process.ts watches over it.
 */
import { cpuUsage } from "node:process";
import { monotonicNs } from "../base/clock.ts";
import { append } from "../base/numbers.ts";
import { ANSWERED, type Control, EDGES, inSight, STOP } from "./control.ts";
import { writeMessage } from "./message_line.ts";
import {
  type AbsentMeter,
  isAbsent,
  type LeftOutBoard,
  type MeterDevice,
  type MeterName,
  type MeterTrouble,
  type MigDevice,
  type UnreadPart,
} from "./meter.ts";
import { sourceOf } from "./open_sources.ts";
import type { MeterMessage } from "./sample.ts";
import { type SampledDevice, Sampler } from "./sampler.ts";

/** What the thread is started with. */
export interface ThreadOptions {
  readonly control: Control;
  readonly meters: readonly MeterName[];
  readonly period_ms: number;
  /** The devices of a thread that hung, in their order; empty for the first thread. */
  readonly known: readonly MeterDevice[];
  /** Devices that are not to be touched any more. */
  readonly avoid: readonly string[];
  /** Meters that are not to be opened any more, and why. */
  readonly given_up: readonly AbsentMeter[];
  /** Names of MIG devices whose boards are to be found. */
  readonly mig_devices?: readonly string[];
}

/** What the thread tells once, when its sources are open. */
export interface ThreadReady {
  readonly devices: readonly MeterDevice[];
}

interface ThreadScope {
  onmessage: (event: MessageEvent<ThreadOptions>) => void;
  postMessage(message: ThreadReady): void;
}

const scope = globalThis as unknown as ThreadScope;

/** How often the meter tells what it uses itself. */
const SELF_PERIOD_NS = 5e9;

scope.onmessage = ({ data: options }) => {
  const { control } = options;
  const nowNs = (): number => Number(monotonicNs());
  const emit = (message: MeterMessage): void => {
    // A call that returned after all, when another thread had taken over.
    if (Atomics.load(control, STOP) === 0) writeMessage(message);
  };
  const { devices, absent, left_out, unread_parts, mig_devices } = openAll(options, (trouble) => {
    emit({ type: "trouble", t_ns: nowNs(), ...trouble });
  });
  const listed = devices.map(({ device }) => device);
  if (options.known.length === 0) {
    const { period_ms } = options;
    const found = { devices: listed, absent, left_out, unread_parts, mig_devices };
    emit({ type: "hello", schema: "llem.meter/1", pid: Deno.pid, ...found, period_ms });
  }
  scope.postMessage({ devices: listed });
  if (devices.length > 0) {
    sample(options, new Sampler({ devices, control, periodMs: options.period_ms, emit, nowNs }), emit);
  }
};

/** Runs until it is told to stop. Nobody can send it a message: it looks at the cells. */
function sample(
  { control, period_ms }: ThreadOptions,
  sampler: Sampler,
  emit: (message: MeterMessage) => void,
): void {
  // Not what has been asked for by now: an edge that came while the sources opened is still to be answered.
  let edges = Atomics.load(control, ANSWERED);
  let selfNs = -Infinity;
  let nextMs = performance.now();
  while (Atomics.load(control, STOP) === 0) {
    const waitMs = nextMs - performance.now();
    if (waitMs > 0) Atomics.wait(control, EDGES, edges, waitMs);
    const asked = Atomics.load(control, EDGES);
    if (asked !== edges) {
      sampler.edge(asked, edges);
      edges = asked;
      Atomics.store(control, ANSWERED, asked);
    }
    if (performance.now() < nextMs) continue;
    sampler.tick();
    nextMs = Math.max(nextMs + period_ms, performance.now());
    const t_ns = Number(monotonicNs());
    if (t_ns - selfNs < SELF_PERIOD_NS) continue;
    selfNs = t_ns;
    emit({ type: "self", t_ns, cpu_s: cpuSeconds(), rss_bytes: Deno.memoryUsage().rss });
  }
}

/** Of all threads of this process (getrusage(2)). */
function cpuSeconds(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1e6;
}

interface Opened {
  readonly devices: readonly SampledDevice[];
  readonly absent: readonly AbsentMeter[];
  readonly left_out: readonly LeftOutBoard[];
  readonly unread_parts: readonly UnreadPart[];
  readonly mig_devices: readonly MigDevice[];
}

function openAll(
  { control, meters, known, avoid, given_up, mig_devices: asked = [] }: ThreadOptions,
  report: (trouble: MeterTrouble) => void,
): Opened {
  const absent = [...given_up];
  const found: SampledDevice[] = [];
  const left_out: LeftOutBoard[] = [];
  const unread_parts: UnreadPart[] = [];
  const mig_devices: MigDevice[] = [];
  for (const [index, meter] of meters.entries()) {
    if (given_up.some((other) => other.meter === meter)) continue;
    const wish = { avoid, mig_devices: asked, known: uuidsByIndex(known, meter) };
    const opened = inSight(control, "open", index, () => sourceOf(meter, wish)(report));
    append(left_out, opened.left_out ?? []);
    if (!isAbsent(opened)) {
      append(unread_parts, opened.unread_parts ?? []);
      append(mig_devices, opened.mig_devices ?? []);
    }
    if (isAbsent(opened)) absent.push(withoutBoards(opened));
    else opened.devices.forEach((device, at) => found.push({ device, at: { source: opened, index: at } }));
  }
  if (known.length === 0) return { devices: found, absent, left_out, unread_parts, mig_devices };
  const byUuid = new Map(found.map((one) => [one.device.uuid, one.at]));
  const devices = known.map((device) => ({
    device,
    at: avoid.includes(device.uuid) ? null : byUuid.get(device.uuid) ?? null,
  }));
  return { devices, absent, left_out, unread_parts, mig_devices };
}

function withoutBoards({ meter, reason, remedy }: AbsentMeter): AbsentMeter {
  return { meter, reason, remedy };
}

function uuidsByIndex(devices: readonly MeterDevice[], meter: MeterName): ReadonlyMap<number, string> {
  return new Map(devices.flatMap((device) => {
    const { index } = device.facts;
    return device.meter === meter && typeof index === "number" ? [[index, device.uuid] as const] : [];
  }));
}
