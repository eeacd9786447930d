/**
 * lib/meter/amd/ reads AMD's GPUs below /sys/class/drm: hwmon, and the energy counter in gpu_metrics.
 */
import { join } from "node:path";
import { monotonicNs } from "../../base/clock.ts";
import { type AmdCard, amdDevices, driverOf, readAmdCard, readGpuMetrics, wattsOf } from "./card.ts";
import { CounterTrial } from "./counter_trial.ts";
import { ENERGY_UNIT_J } from "./gpu_metrics.ts";
import * as messages from "./messages.ts";
import {
  type AbsentMeter,
  type CounterReading,
  type LeftOutBoard,
  type MeterDevice,
  type MeterSource,
  type MeterTrouble,
  NO_STATE,
  type ReportTrouble,
  type StateReading,
} from "../meter.ts";
import { numberOf, readAttribute, type SysfsFailure, textOf } from "../sysfs.ts";
import { tellOnce } from "../tell_once.ts";

const DRM = "/sys/class/drm";
const NO_COUNTERS: CounterReading = { energy_j: null, throttle_ns: null };

/** True where a GPU of AMD is listed, whether it can be metered or not. */
export function hasAmd(root = DRM): boolean {
  return amdDevices(root).length > 0;
}

/**
 * GPUs that amdgpu drives, by sysfs (see https://docs.kernel.org/gpu/amdgpu/thermal.html). Power is an average whose time
 * nobody tells; the counter of energy is held against it before it is believed. `clock` gives nanoseconds on
 * CLOCK_MONOTONIC.
 */
export function openAmd(
  report: ReportTrouble,
  root = DRM,
  clock: () => number = () => Number(monotonicNs()),
): MeterSource | AbsentMeter {
  const found = amdDevices(root);
  if (found.length === 0) return { meter: "amd", reason: messages.noAmdGpu(root), remedy: null };
  const driven = found.map(([card, device]) => readAmdCard(card, device) ?? unread(card, device))
    .filter((card) => card !== null);
  // The driver counts what it drives, also where that tells nothing.
  const cards = driven.flatMap((card, index) => "unread" in card ? [] : [{ ...card, index }]);
  const left_out = driven.flatMap((card, index) => "unread" in card ? [leftOut(card.unread, index)] : []);
  for (const { index, reason, remedy } of left_out) {
    report({ code: "read", device: null, text: messages.amdGpuLeftOut(index, reason), remedy });
  }
  if (cards.length === 0) {
    return {
      meter: "amd",
      reason: messages.noAmdgpuSensors(found.map(([card]) => card)),
      remedy: messages.loadAmdgpu(),
      left_out,
    };
  }
  return new AmdSource(cards.map((card) => meteredOf(card, cards)), left_out, report, clock);
}

/** A GPU that amdgpu drives and that offers no sensors; null for one of another driver, or of none. */
function unread(card: string, device: string): { readonly unread: string } | null {
  return driverOf(device) === "amdgpu" ? { unread: card } : null;
}

function leftOut(card: string, index: number): LeftOutBoard {
  const reason = messages.sensorsMissing(card);
  const remedy = messages.sensorsMissingRemedy();
  return { meter: "amd", index, uuid: null, code: "read", reason, remedy };
}

/** A GPU that can be read, with the driver's number of it. */
interface NumberedCard extends AmdCard {
  readonly index: number;
}

/** One GPU as it stood when it was opened. */
interface Metered {
  readonly card: AmdCard;
  readonly device: MeterDevice;
  readonly trial: CounterTrial;
}

/** How far the accumulator of a GPU has come; null before the first look. */
interface Count {
  readonly last: bigint;
  readonly energy_j: number;
}

class AmdSource implements MeterSource {
  readonly devices: readonly MeterDevice[];
  readonly #metered: readonly Metered[];
  readonly #counts = new Map<number, Count>();
  readonly #report: ReportTrouble;
  readonly #tell: ReportTrouble;
  readonly #clock: () => number;

  constructor(
    metered: readonly Metered[],
    readonly left_out: readonly LeftOutBoard[],
    report: ReportTrouble,
    clock: () => number,
  ) {
    this.devices = metered.map(({ device }) => device);
    this.#metered = metered;
    this.#report = report;
    this.#tell = tellOnce(report);
    this.#clock = clock;
  }

  powerW(index: number): number | null {
    const metered = this.#metered[index];
    const file = metered?.card.power_file ?? null;
    if (metered === undefined || file === null || metered.device.power === null) return null;
    const text = readAttribute(join(metered.card.hwmon, file));
    if (typeof text !== "string") return this.#failed(metered, "power", text);
    if (!/^\d+$/.test(text)) {
      return this.#failed(metered, "power", { why: "other", text: messages.notANumber(file, text) });
    }
    const powerW = Number(text) / 1e6;
    // Nothing that is powered draws nothing: whoever samples discards it.
    if (metered.device.counter && powerW > 0) metered.trial.power(this.#clock(), powerW);
    return powerW;
  }

  counters(index: number): CounterReading {
    const metered = this.#metered[index];
    if (metered === undefined || !metered.device.counter || metered.trial.conviction !== null) {
      return NO_COUNTERS;
    }
    const tNs = this.#clock();
    const metrics = readGpuMetrics(metered.card.device);
    if ("why" in metrics) return this.#failed(metered, "energy", metrics) ?? NO_COUNTERS;
    if (typeof metrics.energy !== "bigint") {
      const failure = { why: "other", text: metrics.energy.absent } as const;
      return this.#failed(metered, "energy", failure) ?? NO_COUNTERS;
    }
    const energyJ = this.#count(index, metered, metrics.energy);
    if (energyJ === null) return NO_COUNTERS;
    metered.trial.counter(tNs, energyJ);
    const { conviction } = metered.trial;
    if (conviction === null) return { energy_j: energyJ, throttle_ns: null };
    this.#tell(
      trouble(
        metered,
        "read",
        messages.counterRejected(conviction),
      ),
    );
    return NO_COUNTERS;
  }

  state(index: number): StateReading {
    const card = this.#metered[index]?.card;
    if (card === undefined) return NO_STATE;
    const temperature = (label: string): number | null => scaled(card.temperatures[label], 1e3);
    return {
      ...NO_STATE,
      // Instinct boards tell no edge.
      temperature_c: temperature("edge") ?? temperature("junction"),
      memory_temperature_c: temperature("mem"),
      sm_clock_mhz: scaled(join(card.hwmon, "freq1_input"), 1e6),
      memory_clock_mhz: scaled(join(card.hwmon, "freq2_input"), 1e6),
      memory_used_bytes: numberOf(join(card.device, "mem_info_vram_used")),
      memory_total_bytes: numberOf(join(card.device, "mem_info_vram_total")),
      utilization_pct: numberOf(join(card.device, "gpu_busy_percent")),
      power_limit_w: wattsOf(join(card.hwmon, "power1_cap")),
    };
  }

  [Symbol.dispose](): void {}

  /** Joules since the first look; null where the accumulator ran back, which only a reset does. */
  #count(index: number, metered: Metered, now: bigint): number | null {
    const count = this.#counts.get(index) ?? { last: now, energy_j: 0 };
    if (now < count.last) {
      this.#counts.set(index, { last: now, energy_j: 0 });
      metered.trial.restart();
      this.#report(
        trouble(metered, "reset", messages.counterWentBack()),
      );
      return null;
    }
    const energy_j = count.energy_j + Number(now - count.last) * ENERGY_UNIT_J;
    this.#counts.set(index, { last: now, energy_j });
    return energy_j;
  }

  /** Tells that a reading failed, or that the whole GPU is gone. */
  #failed(metered: Metered, what: "power" | "energy", { why, text }: SysfsFailure): null {
    if (why === "gone" && textOf(join(metered.card.device, "vendor")) === null) {
      this.#tell(trouble(metered, "lost", messages.gpuGone()));
    } else {
      this.#tell(
        trouble(metered, why === "permission" ? "permission" : "read", messages.readingFailed(what, text)),
      );
    }
    return null;
  }
}

function trouble({ device, card }: Metered, code: MeterTrouble["code"], text: string): MeterTrouble {
  const remedy = code === "permission" ? messages.permissionRemedy(card.hwmon) : null;
  return { code, device: device.uuid, text: messages.cardTrouble(card.card, device.name, text), remedy };
}

/** Looks once at what the GPU can tell. */
function meteredOf(card: NumberedCard, all: readonly AmdCard[]): Metered {
  const metrics = readGpuMetrics(card.device);
  const noEnergy = "why" in metrics
    ? metrics.text
    : typeof metrics.energy === "bigint"
    ? null
    : metrics.energy.absent;
  const power = card.power_file === null ? null : numberOf(join(card.hwmon, card.power_file));
  const energyIsZero = !("why" in metrics) && (typeof metrics.energy !== "bigint" || metrics.energy === 0n);
  // Both at zero on a board that is on: the second die of an MI250X, whose first one tells the power of both.
  const isSilentDie = power === 0 && energyIsZero;
  const silent = messages.readsZero();
  const absent = {
    ...(isSilentDie ? { power: silent, energy: silent } : {
      ...(card.power_file === null ? { power: messages.noPowerFile() } : {}),
      ...(noEnergy === null ? {} : { energy: noEnergy }),
    }),
    ...(noEnergy === null && power === null ? { energy_check: messages.counterNotChecked() } : {}),
    processes: messages.noProcessList(),
    event_reasons: messages.noThrottleCauses(),
  };
  const device: MeterDevice = {
    uuid: uuidOf(card, all),
    name: card.name,
    kind: "gpu",
    meter: "amd",
    power: card.power_file === null || isSilentDie ? null : "average",
    counter: noEnergy === null && !isSilentDie,
    mig: null,
    absent,
    facts: {
      ...card.facts,
      index: card.index,
      power_file: card.power_file,
      gpu_metrics: "why" in metrics ? null : metrics.version,
      // An MI300A counts its CPU cores, too.
      covers: /MI300A/i.test(card.name) ? "GPU and CPU" : "GPU",
    },
  };
  return { card, device, trial: new CounterTrial() };
}

/** By the GPU's own number, unless several cards show the same one. */
function uuidOf(card: AmdCard, all: readonly AmdCard[]): string {
  const { unique_id, pci } = card;
  const isOwn = unique_id !== null && all.filter((other) => other.unique_id === unique_id).length === 1;
  return isOwn && /[1-9a-f]/i.test(unique_id) ? `AMD-${unique_id}` : pci ?? card.card;
}

/** A whole number of a file in a smaller unit; null where there is none. */
function scaled(path: string | undefined, unit: number): number | null {
  const value = path === undefined ? null : numberOf(path);
  return value === null ? null : value / unit;
}
