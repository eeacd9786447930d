import { rootOfSquares } from "../../base/numbers.ts";
import { readingSpanMs } from "../../meter/integral_energy.ts";
import { deviceEnergy } from "../../meter/device_energy.ts";
import { secondsOf, type Stretch } from "../../meter/stretch.ts";
import { counterBeganAnew, type MeasuredDevice, sumOf } from "./device.ts";
import type { EnergyFacts } from "./facts.ts";
import * as messages from "./messages.ts";
import type { LevelRow } from "./record.ts";
import { DRIFT_SHARE, DRIFT_W, SHORTEST_PERIODS } from "./rules.ts";

/** A level of idle power, and its standard uncertainty over all devices. */
export interface Level {
  readonly row: LevelRow;
  readonly sd_w: number | null;
  readonly drifted: boolean;
}

/** What the devices drew without any worker. */
export function bareLevel(devices: readonly MeasuredDevice[], facts: EnergyFacts): Level {
  const { baseline } = facts;
  if (baseline === null) return noLevel(messages.noBaseline());
  const known = devices.flatMap(({ recording: { device }, period_ms }) => {
    const level = Object.hasOwn(baseline.devices, device.uuid) ? baseline.devices[device.uuid] : undefined;
    return level === undefined ? [] : [{ device, level, spanMs: readingSpanMs(device, period_ms) }];
  });
  if (known.length < devices.length) {
    return noLevel(baseline.reason ?? messages.deviceWithoutBaseline());
  }
  const sds = known.map(({ level, spanMs }) => {
    const readings = Math.max(1, level.seconds * 1e3 / spanMs);
    const mean = (level.sd_w ?? DRIFT_W) / Math.sqrt(readings);
    // A drift up to there is not noticed.
    return Math.hypot(mean, DRIFT_W / Math.sqrt(3));
  });
  return {
    row: {
      power_w: known.reduce((sum, { level }) => sum + level.power_w, 0),
      reason: null,
      drift_w: null,
      devices: Object.fromEntries(known.map(({ device, level }) => [device.uuid, level])),
    },
    sd_w: rootOfSquares(sds),
    drifted: false,
  };
}

/** What the devices drew while the worker idled, before and after `hull`. */
export function idleLevel(
  name: string,
  idle: readonly Stretch[],
  hull: Stretch,
  devices: readonly MeasuredDevice[],
  facts: EnergyFacts,
): Level {
  if (idle.length === 0) return noLevel(messages.noIdlePhase(name));
  const after = idle.filter(({ begin_ns }) => begin_ns >= hull.end_ns);
  const before = idle.filter(({ begin_ns }) => begin_ns < hull.end_ns);
  const sides = [before, after].filter((side) => side.length > 0).map((side) => sideOf(side, devices, facts));
  const bad = sides.find((side) => "reason" in side);
  if (bad !== undefined && "reason" in bad) return noLevel(`${name}: ${bad.reason}`);
  const good = sides.filter((side): side is Side => !("reason" in side));
  const [first, second] = good;
  if (first === undefined) return noLevel(`${name}: ${messages.noReading(null)}`);
  const mean = (pick: (side: Side) => number): number =>
    good.reduce((sum, side) => sum + pick(side), 0) / good.length;
  const drift = second === undefined ? null : second.power_w - first.power_w;
  const power = mean((side) => side.power_w);
  return {
    row: {
      power_w: power,
      reason: null,
      drift_w: drift,
      devices: Object.fromEntries(devices.map(({ recording: { device: { uuid } } }, index) => [uuid, {
        power_w: mean((side) => side.each[index] ?? 0),
        seconds: secondsOf(idle),
      }])),
    },
    // Between two levels that differ, any is as likely.
    sd_w: Math.hypot(mean((side) => side.sd_w), Math.abs(drift ?? 0) / Math.sqrt(12)),
    drifted: drift !== null && (Math.abs(drift) > DRIFT_W || Math.abs(drift) > DRIFT_SHARE * power),
  };
}

interface Side {
  readonly power_w: number;
  readonly sd_w: number;
  readonly each: readonly number[];
}

function sideOf(
  stretches: readonly Stretch[],
  devices: readonly MeasuredDevice[],
  facts: EnergyFacts,
): Side | { readonly reason: string } {
  const seconds = secondsOf(stretches);
  const each: number[] = [];
  let variance = 0;
  for (const { recording, period_ms, energy } of devices) {
    if (seconds < SHORTEST_PERIODS * period_ms / 1e3) return { reason: messages.idlePhaseTooShort() };
    const found = deviceEnergy(
      recording,
      stretches,
      period_ms,
      counterBeganAnew(recording.device.uuid, facts),
    );
    if (found.fault !== null) return { reason: found.fault };
    // By the meter of the headline where it tells: the two may differ at idle.
    const joules = (energy.source === "counter" ? found.counter_j : found.integral_j) ?? found.joules;
    if (joules === null) return { reason: messages.noReading(recording.device.uuid) };
    each.push(joules / seconds);
    variance += (found.edges_j ?? 0) ** 2 + (found.sampling_j ?? 0) ** 2;
  }
  return { power_w: sumOf(each) ?? 0, sd_w: Math.sqrt(variance) / seconds, each };
}

function noLevel(reason: string): Level {
  return { row: { power_w: null, reason, drift_w: null, devices: {} }, sd_w: null, drifted: false };
}
