import { firstAtOrAfter } from "./counter_energy.ts";
import { THROTTLE_CAUSES, type ThrottleCause } from "./meter.ts";
import type { CounterSample, DeviceRecording, StateSample } from "./recording.ts";
import { secondsOf, type Stretch, touches } from "./stretch.ts";

/** What held a device back, over stretches of time. */
export interface DeviceThrottle {
  /** `counters`: exact, from cumulative counters. `sampled`: the share of states that showed it, short events missed. */
  readonly source: "counters" | "sampled" | null;
  /** Seconds by cause, for the causes that can be told. */
  readonly seconds: Readonly<Record<string, number>>;
  /** The causes that make the number one of a board in trouble, not of the work. */
  readonly disqualifying: readonly string[];
}

/** NVML's bits of clock event reasons that mean something. Source: nvml.h. */
const EVENT_BITS: Readonly<Record<string, number>> = {
  sw_power_cap: 0x4,
  hw_slowdown: 0x8,
  sync_boost: 0x10,
  sw_thermal: 0x20,
  hw_thermal: 0x40,
  hw_power_brake: 0x80,
};

/** Source: measurement.md 2.3. A software power cap is what a limited board does under load. */
const DISQUALIFYING: readonly string[] = ["hw_thermal", "hw_power_brake", "sw_thermal", "hw_slowdown"];
/** Less of the window than this cannot move a number that is told to a per cent. */
const LEAST_SHARE = 0.001;

/** Seconds by cause over stretches (in order, apart from each other). */
export function throttleOf(
  { counters, states }: DeviceRecording,
  stretches: readonly Stretch[],
): DeviceThrottle {
  const total = secondsOf(stretches);
  const counted = countedSeconds(counters, stretches);
  const sampled = sampledSeconds(states, stretches, total);
  const source = Object.keys(counted).length > 0 ? "counters" : sampled !== null ? "sampled" : null;
  // No counter tells a hardware slowdown of unnamed cause: the bit is all there is.
  const seconds = { ...(source === "counters" ? pick(sampled, "hw_slowdown") : sampled), ...counted };
  const namesThermal = "hw_thermal" in seconds || "sw_thermal" in seconds;
  const disqualifying = Object.entries(seconds)
    .filter(([cause]) => DISQUALIFYING.includes(cause) || cause === "thermal" && !namesThermal)
    .filter(([, value]) => value > LEAST_SHARE * total)
    .map(([cause]) => cause);
  return { source, seconds, disqualifying };
}

function pick(seconds: Readonly<Record<string, number>> | null, name: string): Record<string, number> {
  const value = seconds?.[name];
  return value === undefined ? {} : { [name]: value };
}

function countedSeconds(
  counters: readonly CounterSample[],
  stretches: readonly Stretch[],
): Record<string, number> {
  const found: Record<string, number> = {};
  for (const cause of THROTTLE_CAUSES) {
    const line = counters.flatMap(({ t_ns, throttle_ns }) => {
      const ns = throttle_ns?.[cause];
      return ns === undefined ? [] : [{ t_ns, ns }];
    });
    const seconds = growth(line, stretches);
    if (seconds !== null) found[cause satisfies ThrottleCause] = seconds;
  }
  return found;
}

/** Seconds that a counter grew in the stretches, on straight lines between readings; null where they are not enclosed. */
function growth(
  line: readonly { readonly t_ns: number; readonly ns: number }[],
  stretches: readonly Stretch[],
): number | null {
  let sum = 0;
  for (const { begin_ns, end_ns } of stretches) {
    const [begin, end] = [valueAt(line, begin_ns), valueAt(line, end_ns)];
    if (begin === null || end === null) return null;
    sum += Math.max(0, end - begin);
  }
  return sum / 1e9;
}

/** Beyond the first and the last reading the counter is taken to stand, for as long as two regular readings are apart. */
const HELD_NS = 2e9;

function valueAt(
  line: readonly { readonly t_ns: number; readonly ns: number }[],
  tNs: number,
): number | null {
  const after = firstAtOrAfter(line, tNs);
  const [before, next] = [line[after - 1], line[after]];
  if (next?.t_ns === tNs) return next.ns;
  if (before !== undefined && next !== undefined) {
    return before.ns + (next.ns - before.ns) * (tNs - before.t_ns) / (next.t_ns - before.t_ns);
  }
  const only = before ?? next;
  return only !== undefined && Math.abs(only.t_ns - tNs) <= HELD_NS ? only.ns : null;
}

function sampledSeconds(
  states: readonly StateSample[],
  stretches: readonly Stretch[],
  totalS: number,
): Record<string, number> | null {
  const masks = states.flatMap(({ t_ns, event_reasons }) =>
    event_reasons !== null && touches(stretches, t_ns, t_ns) ? [event_reasons] : []
  );
  if (masks.length === 0) return null;
  return Object.fromEntries(
    Object.entries(EVENT_BITS).map(([cause, bit]) => {
      const hits = masks.filter((mask) => (mask & bit) !== 0).length;
      return [cause, hits / masks.length * totalS];
    }),
  );
}
