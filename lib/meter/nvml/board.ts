import {
  type CounterReading,
  type GpuProcess,
  type MeterDevice,
  NO_STATE,
  type StateReading,
  type ThrottleCause,
} from "../meter.ts";
import { callIfThere, Calls, type CallTrouble, either } from "./calls.ts";
import { CLOCK, FIELD, powerUsageKind, THROTTLE_FIELDS } from "./constants.ts";
import { type BoardFacts, readBoardFacts, type SystemFacts } from "./facts.ts";
import { GrowingCounter } from "./growing_counter.ts";
import { ProcessList } from "./process_list.ts";
import * as messages from "./messages.ts";
import { fieldCode, OK } from "./return_codes.ts";
import { oneU32, oneU64, type Run, watts, whichU32 } from "./simple_calls.ts";
import {
  fieldRequest,
  type MemoryBytes,
  memoryV2Request,
  readFieldInteger,
  readFieldReturn,
  readMemoryV1,
  readMemoryV2,
  readTemperature,
  readUtilization,
  SIZE,
  type Struct,
  struct,
  temperatureRequest,
} from "./structs.ts";
import type { NvmlSymbols } from "./symbols.ts";

/** What a counter holds that holds no value. */
const ALL_ONES = 0xffff_ffff_ffff_ffffn;

/** One board and its buffers. Its handle is kept for life. */
export class NvmlBoard {
  readonly device: MeterDevice;
  readonly #symbols: NvmlSymbols;
  readonly #handle: bigint;
  readonly #calls: Calls;
  readonly #energy = new GrowingCounter();
  readonly #throttle = new Map<ThrottleCause, GrowingCounter>();
  readonly #instantPower = fieldRequest([FIELD.instantPower]);
  readonly #averagePower = fieldRequest([FIELD.averagePower]);
  readonly #energyField = fieldRequest([FIELD.totalEnergy]);
  readonly #throttleFields = fieldRequest(THROTTLE_FIELDS.map(([, field]) => field));
  readonly #memoryTemperature = fieldRequest([FIELD.memoryTemperature]);
  readonly #temperature = temperatureRequest();
  readonly #oldTemperature = new Uint32Array(1);
  readonly #memoryV2 = memoryV2Request();
  readonly #memoryV1 = struct(SIZE.memoryV1);
  readonly #utilization = struct(SIZE.utilization);
  readonly #eventReasons = new BigUint64Array(1);
  readonly #processes: readonly ProcessList[];

  /** Reads everything once, and so learns what this board can tell. */
  constructor(
    symbols: NvmlSymbols,
    handle: bigint,
    index: number,
    uuid: string,
    system: SystemFacts,
    report: (trouble: CallTrouble) => void,
  ) {
    this.#symbols = symbols;
    this.#handle = handle;
    this.#calls = new Calls(uuid, report);
    this.#processes = (["compute", "graphics", "mps"] as const).map((kind) => new ProcessList(kind, symbols));
    const facts = readBoardFacts(symbols, this.#calls, handle, index);
    if (facts.mig?.enabled === true) this.#calls.miss("utilization", messages.notReportedInMigMode());
    this.device = this.#describe(uuid, facts, system);
  }

  get isLost(): boolean {
    return this.#calls.isLost;
  }

  /** True once any call has succeeded. */
  get hasAnswered(): boolean {
    return this.#calls.hasAnswered;
  }

  /** Watts; see `device.power` for what they are. */
  powerW(): number | null {
    const instant = this.#oneField("instant_power", this.#instantPower);
    if (instant !== null) return Number(instant) / 1000;
    // Never one for the other when an instant reading fails now and then: they are different quantities.
    if (!("instant_power" in this.#calls.absent)) return null;
    const usage = watts(oneU32(this.#run("power"), this.#symbols.nvmlDeviceGetPowerUsage, this.#handle));
    if (usage !== null || !("power" in this.#calls.absent)) return usage;
    const average = this.#oneField("average_power", this.#averagePower);
    return average === null ? null : Number(average) / 1000;
  }

  /** For a board whose instant power fails from the start: from then on it is asked for the other. */
  #averagePowerW(): number | null {
    this.#calls.miss("instant_power", messages.notReadAtStart());
    return this.powerW();
  }

  counters(): CounterReading {
    return { energy_j: this.#energyJ(), throttle_ns: this.#throttleNs() };
  }

  state(): StateReading {
    if (this.isLost) return NO_STATE;
    const memory = this.#memory();
    return {
      temperature_c: this.#temperatureC(),
      memory_temperature_c: numberOf(this.#oneField("memory_temperature", this.#memoryTemperature)),
      sm_clock_mhz: this.#clockMhz("sm_clock", CLOCK.sm),
      memory_clock_mhz: this.#clockMhz("memory_clock", CLOCK.memory),
      event_reasons: this.#reasons(),
      memory_used_bytes: memory?.used ?? null,
      memory_total_bytes: memory?.total ?? null,
      utilization_pct: this.#utilizationPct(),
      power_limit_w: watts(
        oneU32(
          this.#run("power_limit_enforced"),
          this.#symbols.nvmlDeviceGetEnforcedPowerLimit,
          this.#handle,
        ),
      ),
      processes: this.#listProcesses(),
    };
  }

  #describe(uuid: string, facts: BoardFacts, system: SystemFacts): MeterDevice {
    const { mig, capability, architecture } = facts;
    const plainName = facts.name ?? messages.unknownBoard();
    const power = this.powerW() ?? this.#averagePowerW();
    const counters = this.counters();
    const state = this.state();
    const { absent } = this.#calls;
    const hasInstant = !("instant_power" in absent);
    const hasUsage = !("power" in absent);
    const hasPower = hasInstant || hasUsage || !("average_power" in absent);
    const hasCounter = counters.energy_j !== null || !("energy" in absent);
    const usage = hasUsage ? powerUsageKind({ name: plainName, architecture, capability }) : "average_1s";
    return {
      uuid,
      name: mig?.enabled === true ? messages.wholeBoard(plainName) : plainName,
      kind: "gpu",
      meter: "nvml",
      power: power === null && !hasPower ? null : hasInstant ? "instant" : usage,
      counter: hasCounter,
      mig,
      absent: { ...absent },
      facts: { ...system, ...facts.json, memory_total_bytes: state.memory_total_bytes },
    };
  }

  #energyJ(): number | null {
    const raw = this.#rawEnergyMj();
    if (raw === null || raw === ALL_ONES) return null;
    const step = this.#energy.next(raw);
    if ("reset" in step) {
      this.#calls.tellReset(messages.counterReset(this.device.uuid, raw));
      return null;
    }
    return Number(step.grown) / 1000;
  }

  /** Millijoules since the driver was loaded: by the function, or by the field where there is no function. */
  #rawEnergyMj(): bigint | null {
    const { absent } = this.#calls;
    if (!("energy_function" in absent)) {
      return oneU64(
        this.#run("energy_function"),
        this.#symbols.nvmlDeviceGetTotalEnergyConsumption,
        this.#handle,
      ) ?? ("energy_function" in absent ? this.#rawEnergyMj() : null);
    }
    return this.#oneField("energy", this.#energyField);
  }

  #throttleNs(): CounterReading["throttle_ns"] {
    const { view } = this.#throttleFields;
    if (!this.#calls.read("throttle_time", () => this.#getFields(this.#throttleFields))) return null;
    const known = THROTTLE_FIELDS.flatMap(([cause], index): [ThrottleCause, number][] => {
      const code = fieldCode(readFieldReturn(view, index));
      if (!this.#calls.judge(`throttle_time_${cause}`, code)) return [];
      const raw = readFieldInteger(view, index);
      const grown = raw === null ? null : this.#grownNs(cause, raw);
      return grown === null ? [] : [[cause, grown]];
    });
    return known.length === 0 ? null : Object.fromEntries(known);
  }

  /** Null when it began anew, which its energy counter tells of. */
  #grownNs(cause: ThrottleCause, raw: bigint): number | null {
    const counter = this.#throttle.get(cause) ?? new GrowingCounter();
    this.#throttle.set(cause, counter);
    const step = counter.next(raw);
    return "reset" in step ? null : Number(step.grown);
  }

  #temperatureC(): number | null {
    const { nvmlDeviceGetTemperatureV, nvmlDeviceGetTemperature } = this.#symbols;
    let isOld = false;
    const isRead = this.#calls.read("temperature", () =>
      either(
        () => callIfThere(nvmlDeviceGetTemperatureV, this.#handle, this.#temperature.bytes),
        () => {
          isOld = true;
          return callIfThere(nvmlDeviceGetTemperature, this.#handle, 0, this.#oldTemperature);
        },
      ));
    if (!isRead) return null;
    return isOld ? this.#oldTemperature[0] ?? null : readTemperature(this.#temperature.view);
  }

  #memory(): MemoryBytes | null {
    const { nvmlDeviceGetMemoryInfo_v2, nvmlDeviceGetMemoryInfo } = this.#symbols;
    let isOld = false;
    const isRead = this.#calls.read("memory", () =>
      either(
        () => callIfThere(nvmlDeviceGetMemoryInfo_v2, this.#handle, this.#memoryV2.bytes),
        () => {
          isOld = true;
          return callIfThere(nvmlDeviceGetMemoryInfo, this.#handle, this.#memoryV1.bytes);
        },
      ));
    if (!isRead) return null;
    return isOld ? readMemoryV1(this.#memoryV1.view) : readMemoryV2(this.#memoryV2.view);
  }

  #reasons(): number | null {
    const { nvmlDeviceGetCurrentClocksEventReasons, nvmlDeviceGetCurrentClocksThrottleReasons } =
      this.#symbols;
    const isRead = this.#calls.read("event_reasons", () =>
      either(
        () => callIfThere(nvmlDeviceGetCurrentClocksEventReasons, this.#handle, this.#eventReasons),
        () => callIfThere(nvmlDeviceGetCurrentClocksThrottleReasons, this.#handle, this.#eventReasons),
      ));
    return isRead ? numberOf(this.#eventReasons[0]) : null;
  }

  #utilizationPct(): number | null {
    const { nvmlDeviceGetUtilizationRates } = this.#symbols;
    const isRead = this.#calls.read(
      "utilization",
      () => callIfThere(nvmlDeviceGetUtilizationRates, this.#handle, this.#utilization.bytes),
    );
    return isRead ? readUtilization(this.#utilization.view) : null;
  }

  #clockMhz(feature: string, clock: number): number | null {
    return whichU32(this.#run(feature), this.#symbols.nvmlDeviceGetClockInfo, this.#handle, clock);
  }

  /** What could be read of the three lists; null where none could. */
  #listProcesses(): GpuProcess[] | null {
    const lists = this.#processes.map((list) => list.read(this.#calls, this.#handle));
    return lists.every((list) => list === null) ? null : lists.flatMap((list) => list ?? []);
  }

  /** The only element of a request; the element's own code counts as much as the call's. */
  #oneField(feature: string, request: Struct): bigint | null {
    const isRead = this.#calls.read(feature, () => {
      const code = this.#getFields(request);
      return code === OK ? fieldCode(readFieldReturn(request.view, 0)) : code;
    });
    return isRead ? readFieldInteger(request.view, 0) : null;
  }

  #getFields(request: Struct): number {
    const count = request.bytes.length / SIZE.fieldValue;
    return callIfThere(this.#symbols.nvmlDeviceGetFieldValues, this.#handle, count, request.bytes);
  }

  #run(feature: string): Run {
    return (call) => this.#calls.read(feature, call);
  }
}

function numberOf(value: bigint | null | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}
