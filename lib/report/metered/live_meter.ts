import type { MeterDevice } from "../../meter/meter.ts";
import { CpuShare } from "../../meter/cpu_share.ts";
import { PowerCurve } from "../../meter/power_curve.ts";
import type { MeterMessage, StateMessage } from "../../meter/sample.ts";
import type { Palette } from "../color.ts";
import { meterHeadings, meterShare, oneSecondAverage } from "./messages.ts";
import { textTable } from "../table.ts";
import { formatNumber, printable } from "../../base/text.ts";

/** Over so long the shown power is averaged. */
const AVERAGED_NS = 1e9;

/** What every device draws, since when and how it stands: a table that is drawn again and again. */
export class LiveMeter {
  readonly #devices: readonly MeterDevice[];
  readonly #curves: readonly PowerCurve[];
  readonly #states: (StateMessage | null)[];
  readonly #counters: {
    first: number;
    last: number;
    beganNs: number;
    lastNs: number;
    watts: number | null;
  }[];
  readonly #cpu = new CpuShare();
  #trouble = "";

  constructor(devices: readonly MeterDevice[]) {
    this.#devices = devices;
    this.#curves = devices.map(() => new PowerCurve());
    this.#states = devices.map(() => null);
    this.#counters = devices.map(() => ({ first: NaN, last: NaN, beganNs: NaN, lastNs: NaN, watts: null }));
  }

  take(message: MeterMessage): void {
    switch (message.type) {
      case "power":
        return message.power_w.forEach((watts, index) => {
          if (watts !== null) this.#curves[index]?.add(message.t_ns[index] ?? NaN, watts);
        });
      case "counter": {
        const counter = this.#counters[message.device];
        if (counter === undefined || message.energy_j === null) return;
        const seconds = (message.t_ns - counter.lastNs) / 1e9;
        const joules = message.energy_j - counter.last;
        if (seconds > 0) counter.watts = joules > 0 ? joules / seconds : null;
        if (Number.isNaN(counter.first)) {
          Object.assign(counter, { first: message.energy_j, beganNs: message.t_ns });
        }
        Object.assign(counter, { last: message.energy_j, lastNs: message.t_ns });
        return;
      }
      case "state":
        this.#states[message.device] = message;
        return;
      case "self":
        return this.#cpu.take(message);
      case "trouble":
        this.#trouble = message.text;
        return;
      case "hello":
      case "edge":
        return;
    }
  }

  /** The table as it stands, with the meter's last problem below it where there is any. */
  text({ bad }: Palette): string {
    const head = meterHeadings();
    const rows = this.#devices.map((device, index) => this.#row(device, index));
    const share = this.#cpu.share;
    const own = share === null ? "" : `${meterShare(share)}\n`;
    return `${textTable(head, rows)}${own}${
      this.#trouble === "" ? "" : `${bad(printable(this.#trouble))}\n`
    }`;
  }

  #row({ name, uuid, power }: MeterDevice, index: number): string[] {
    const state = this.#states[index] ?? null;
    const curve = this.#curves[index];
    const counter = this.#counters[index];
    const end = curve?.lastNs ?? null;
    const begin = curve?.firstNs ?? null;
    const watts = end === null
      ? counter?.watts ?? null
      : (curve?.energyJ(Math.max(begin ?? end, end - AVERAGED_NS), end) ?? 0) /
        (Math.min(end - (begin ?? end), AVERAGED_NS) / 1e9);
    // A counter that has not advanced has told nothing yet, which is not 0 J.
    const counted = counter === undefined || !(counter.last > counter.first)
      ? null
      : counter.last - counter.first;
    const joules = counted ?? (begin === null || end === null ? null : curve?.energyJ(begin, end) ?? null);
    const seconds = counted === null
      ? ((end ?? 0) - (begin ?? 0)) / 1e9
      : ((counter?.lastNs ?? 0) - (counter?.beganNs ?? 0)) / 1e9;
    return [
      `${printable(name)} ${printable(uuid).slice(0, 12)}${
        power === "average_1s" ? ` ${oneSecondAverage()}` : ""
      }`,
      cell(watts),
      cell(joules),
      formatNumber(Math.round(seconds)),
      cell(state?.temperature_c),
      cell(state?.sm_clock_mhz),
      cell(gibibytes(state?.memory_used_bytes ?? null)),
      cell(state?.utilization_pct),
      cell(state?.power_limit_w),
    ];
  }
}

function gibibytes(bytes: number | null): number | null {
  return bytes === null ? null : bytes / 2 ** 30;
}

function cell(value: number | null | undefined): string {
  return value === null || value === undefined || Number.isNaN(value) ? "-" : formatNumber(value);
}
