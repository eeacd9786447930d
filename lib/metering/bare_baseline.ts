import type { MeterClient } from "../meter/meter_client.ts";
import { Recorder } from "../meter/recorder.ts";
import type { DeviceRecording } from "../meter/recording.ts";
import { DRIFT_SHARE, DRIFT_W } from "../results/energy/rules.ts";
import { pause } from "../base/abort.ts";
import { idlePowerMoved } from "./messages.ts";

/** What a device drew while no worker was there. */
export interface BareReading {
  readonly power_w: number;
  /** Standard deviation of the readings; null where only a counter told. */
  readonly sd_w: number | null;
  readonly seconds: number;
  /** UTC, ISO 8601. */
  readonly taken_at: string;
  readonly temperature_c: number | null;
}

/** Bare readings by uuid. */
export type BareReadings = Readonly<Record<string, BareReading>>;

/** Power counts as settled when two looks in a row differ by no more than this (rule R10). */
const SETTLED_W = 1;
const SETTLED_PART = 0.02;
export const SETTLING_LOOK_MS = 2_000;
const LONGEST_SETTLING_MS = 20_000;

/**
 * Meters the machine as it is for so long, once its power has settled. Null where a signal or the meter's end ended it.
 */
export async function takeBaseline(
  client: MeterClient,
  { seconds, look_ms }: { readonly seconds: number; readonly look_ms: number },
  ...signals: readonly AbortSignal[]
): Promise<BareReadings | null> {
  await settle(client, look_ms, signals);
  const recorder = new Recorder(client.hello.devices, () => ({ name: null, own: false }));
  using _ = client.listen((message) => recorder.take(message));
  await client.edge();
  const began = performance.now();
  await pause(seconds * 1000, ...signals);
  await client.edge();
  if (client.hasEnded || performance.now() - began < seconds * 900) return null;
  if (signals.some(({ aborted }) => aborted)) return null;
  const taken_at = new Date().toISOString();
  const readings = recorder.recording().devices.map((
    device,
  ) => [device.device.uuid, bareReading(device, taken_at)]);
  return Object.fromEntries(readings.filter(([, reading]) => reading !== null));
}

async function settle(client: MeterClient, lookMs: number, signals: readonly AbortSignal[]): Promise<void> {
  const endMs = performance.now() + LONGEST_SETTLING_MS;
  let before = Infinity;
  while (performance.now() < endMs && !client.hasEnded && !signals.some(({ aborted }) => aborted)) {
    const recorder = new Recorder(client.hello.devices, () => ({ name: null, own: false }));
    using _ = client.listen((message) => recorder.take(message));
    await pause(lookMs, ...signals);
    const now = recorder.recording().devices.reduce(
      (sum, device) => sum + (meanPower(device)?.power_w ?? 0),
      0,
    );
    if (Math.abs(now - before) <= Math.max(SETTLED_W, SETTLED_PART * now)) return;
    before = now;
  }
}

function bareReading(device: DeviceRecording, taken_at: string): BareReading | null {
  const mean = meanPower(device) ?? meanOfCounter(device);
  const temperature_c = device.states.findLast((state) => state.temperature_c !== null)?.temperature_c ??
    null;
  return mean === null ? null : { ...mean, taken_at, temperature_c };
}

type Mean = Pick<BareReading, "power_w" | "sd_w" | "seconds">;

function meanPower({ power }: DeviceRecording): Mean | null {
  const { firstNs, lastNs } = power;
  if (firstNs === null || lastNs === null || firstNs === lastNs) return null;
  const seconds = (lastNs - firstNs) / 1e9;
  const mean = (power.energyJ(firstNs, lastNs) ?? 0) / seconds;
  const knots = [...power.knots(firstNs, lastNs)];
  const squares = knots.reduce((sum, [, watts]) => sum + (watts - mean) ** 2, 0);
  return { power_w: mean, sd_w: Math.sqrt(squares / Math.max(1, knots.length - 1)), seconds };
}

function meanOfCounter({ counters }: DeviceRecording): Mean | null {
  const told = counters.filter(({ energy_j }) => energy_j !== null);
  const [first, last] = [told[0], told.at(-1)];
  if (first === undefined || last === undefined || last.t_ns <= first.t_ns) return null;
  const seconds = (last.t_ns - first.t_ns) / 1e9;
  const joules = (last.energy_j ?? 0) - (first.energy_j ?? 0);
  // A counter that does not advance tells nothing: what is powered draws power.
  return joules <= 0 ? null : { power_w: joules / seconds, sd_w: null, seconds };
}

/** How far levels have moved, in words, one for each device whose level did. */
export function drifts(before: BareReadings, after: BareReadings): string[] {
  return Object.entries(after).flatMap(([uuid, { power_w }]) => {
    const earlier = before[uuid]?.power_w;
    if (earlier === undefined || Math.abs(power_w - earlier) <= Math.max(DRIFT_W, DRIFT_SHARE * earlier)) {
      return [];
    }
    return [idlePowerMoved(uuid, earlier, power_w)];
  });
}
