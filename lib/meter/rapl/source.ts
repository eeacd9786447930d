/**
 * lib/meter/rapl/ reads the energy counters of CPU packages and memory below /sys/class/powercap (Intel's and AMD's RAPL).
 */
import { join } from "node:path";
import { monotonicNs } from "../../base/clock.ts";
import {
  type AbsentMeter,
  type CounterReading,
  type MeterDevice,
  type MeterSource,
  NO_STATE,
  type ReportTrouble,
  type StateReading,
  type UnreadPart,
} from "../meter.ts";
import { MirrorTrial } from "./mirror_trial.ts";
import { explainNoZones, explainUnreadable } from "./absence.ts";
import * as messages from "./messages.ts";
import { leftOut, namelessParts, type RaplZone, raplZones, zoneFolders } from "./zones.ts";
import { readAttribute, type SysfsFailure, textOf } from "../sysfs.ts";
import { tellOnce } from "../tell_once.ts";
import { WrappingCounter } from "./wrapping_counter.ts";

const POWERCAP = "/sys/class/powercap";
const NO_COUNTERS: CounterReading = { energy_j: null, throttle_ns: null };

/** True where a powercap zone of a CPU is listed, whether it can be read or not. */
export function hasRapl(root = POWERCAP): boolean {
  return zoneFolders(root).length > 0;
}

/**
 * Energy of CPU packages and of their memory, of Intel and AMD, by the kernel's powercap tree (see
 * https://docs.kernel.org/power/powercap/powercap.html). There is no power to read, only counters; they want to be
 * looked at twice a minute at least. `clock` gives nanoseconds on CLOCK_MONOTONIC.
 */
export function openRapl(
  report: ReportTrouble,
  root = POWERCAP,
  clock: () => number = () => Number(monotonicNs()),
): MeterSource | AbsentMeter {
  const zones = raplZones(root);
  const inContainer = ["/.dockerenv", "/run/.containerenv"].some((path) => textOrEmpty(path) !== null);
  if (zones.length === 0) {
    return explainNoZones({ root, tree: treeOf(root), in_container: inContainer, virtual: isVirtual() });
  }
  const failures = zones.map((zone) => [zone, readCounter(zone)] as const)
    .filter((pair): pair is readonly [RaplZone, SysfsFailure] => typeof pair[1] !== "number");
  const first = failures[0]?.[1];
  if (first !== undefined && failures.length === zones.length) {
    return explainUnreadable(first.why === "permission" ? "permission" : "other", first.text, inContainer);
  }
  const tell = tellOnce(report);
  for (const [zone, failure] of failures) tellFailure(tell, zone, failure, inContainer);
  const failed = new Set(failures.map(([zone]) => zone));
  const parts = [...failures.map(([zone, failure]) => unreadPart(zone, failure)), ...namelessParts(root)];
  return new RaplSource(
    zones.filter((zone) => !failed.has(zone)),
    { tell, report, clock, leftOut: leftOut(root), parts },
  );
}

/** One zone that can be read. */
interface Metered {
  readonly zone: RaplZone;
  /** Null where the kernel tells no range: a wrap cannot be undone. */
  readonly counter: WrappingCounter;
  /** Earlier zones of its kind that it may mirror. */
  readonly trials: readonly { readonly other: RaplZone; readonly trial: MirrorTrial }[];
}

interface RaplParts {
  /** Passes each trouble once. */
  readonly tell: ReportTrouble;
  /** Passes every one. */
  readonly report: ReportTrouble;
  readonly clock: () => number;
  readonly leftOut: readonly string[];
  readonly parts: readonly UnreadPart[];
}

class RaplSource implements MeterSource {
  readonly devices: readonly MeterDevice[];
  readonly unread_parts: readonly UnreadPart[];
  readonly #metered: readonly Metered[];
  readonly #tell: ReportTrouble;
  readonly #report: ReportTrouble;
  readonly #clock: () => number;

  constructor(zones: readonly RaplZone[], { tell, report, clock, leftOut, parts }: RaplParts) {
    this.unread_parts = parts;
    this.#tell = tell;
    this.#report = report;
    this.#clock = clock;
    this.devices = zones.map((zone) => deviceOf(zone, leftOut));
    this.#metered = zones.map((zone, index) => ({
      zone,
      counter: new WrappingCounter(zone.range_uj ?? Infinity),
      trials: zones.slice(0, index).filter(({ kind }) => kind === zone.kind)
        .map((other) => ({ other, trial: new MirrorTrial(zone.range_uj ?? Infinity) })),
    }));
    // Counting starts now, so that the first reading asked for is no zero.
    zones.forEach((_, index) => this.counters(index));
  }

  powerW(): null {
    return null;
  }

  counters(device: number): CounterReading {
    const metered = this.#metered[device];
    if (metered === undefined) return NO_COUNTERS;
    const { zone, counter } = metered;
    const tNs = this.#clock();
    const raw = readCounter(zone);
    if (typeof raw !== "number") {
      tellFailure(this.#tell, zone, raw, false);
      return NO_COUNTERS;
    }
    if (this.#isMirror(metered)) return NO_COUNTERS;
    const look = counter.add(tNs, raw);
    if (look.kind === "grown") return { energy_j: look.energy_j, throttle_ns: null };
    this.#report({
      code: "reset",
      device: zone.uuid,
      text: messages.energyLost(zone.uuid, look.why),
      remedy: null,
    });
    return NO_COUNTERS;
  }

  state(): StateReading {
    return NO_STATE;
  }

  [Symbol.dispose](): void {}

  /** Looks at the pairs that are not judged yet. */
  #isMirror({ zone, trials }: Metered): boolean {
    for (const { other, trial } of trials) {
      if (trial.wants(this.#clock())) this.#look(zone, other, trial);
      if (trial.verdict !== "mirror") continue;
      this.#tell({
        code: "read",
        device: zone.uuid,
        text: messages.duplicateCounter(zone.uuid, other.uuid),
        remedy: null,
      });
      return true;
    }
    return false;
  }

  #look(zone: RaplZone, other: RaplZone, trial: MirrorTrial): void {
    const first = this.#clock();
    const a = readCounter(other);
    const second = this.#clock();
    const b = readCounter(zone);
    if (typeof a === "number" && typeof b === "number") trial.see({ t_ns: [first, second], uj: [a, b] });
  }
}

function deviceOf(zone: RaplZone, leftOut: readonly string[]): MeterDevice {
  const others = [...new Set(leftOut)];
  return {
    uuid: zone.uuid,
    name: zone.kind === "cpu" ? `CPU ${zone.uuid}` : `memory ${zone.uuid}`,
    kind: zone.kind,
    meter: "rapl",
    power: null,
    counter: true,
    mig: null,
    absent: {
      power: messages.countersOnly(),
      state: messages.noState(),
      ...(zone.range_uj === null ? { wrap: messages.noRange() } : {}),
      ...(others.length === 0 ? {} : { parts: messages.overlappingParts(others) }),
    },
    facts: { zone: zone.path, zone_name: zone.name, max_energy_range_uj: zone.range_uj },
  };
}

/** Where the kernel tells no range: half of what 64 bits hold, since a register without a value holds all of it. */
const MOST_UJ = 2 ** 63;

function unreadPart({ uuid, kind }: RaplZone, { text }: SysfsFailure): UnreadPart {
  return { uuid, kind, meter: "rapl", reason: text };
}

function readCounter(zone: RaplZone): number | SysfsFailure {
  const text = readAttribute(join(zone.path, "energy_uj"));
  if (typeof text !== "string") return text;
  const { range_uj } = zone;
  if (/^\d+$/.test(text) && Number(text) > (range_uj ?? MOST_UJ)) {
    const path = join(zone.path, "energy_uj");
    return { why: "other", text: messages.counterAboveRange(path, text, range_uj ?? MOST_UJ) };
  }
  return /^\d+$/.test(text)
    ? Number(text)
    : { why: "other", text: messages.counterNotANumber(`${zone.path}/energy_uj`, text.slice(0, 40)) };
}

function tellFailure(
  tell: ReportTrouble,
  zone: RaplZone,
  { why, text }: SysfsFailure,
  inContainer: boolean,
): void {
  tell({
    code: why === "permission" ? "permission" : "read",
    device: zone.uuid,
    text: messages.zoneUnreadable(zone.uuid, text),
    remedy: why === "permission" ? messages.permissionRemedy(inContainer) : null,
  });
}

/** What there is instead of zones that tell a name. */
function treeOf(root: string): "none" | "masked" | "no_package" {
  const folders = zoneFolders(root);
  if (folders.length === 0) return "none";
  return folders.every((path) => textOf(join(path, "name")) === null) ? "masked" : "no_package";
}

function isVirtual(): boolean {
  return /^flags\s*:.*\bhypervisor\b/m.test(textOf("/proc/cpuinfo") ?? "");
}

function textOrEmpty(path: string): string | null {
  const text = readAttribute(path);
  return typeof text === "string" ? text : null;
}
