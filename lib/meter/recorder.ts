import { append } from "../base/numbers.ts";
import { CpuShare } from "./cpu_share.ts";
import { type GpuProcess, type MeterDevice, type MeterTrouble, NO_STATE } from "./meter.ts";
import { OnceASecond } from "./once_a_second.ts";
import { PowerCurve } from "./power_curve.ts";
import type { CounterSample, Recording, SeenProcess, StateSample } from "./recording.ts";
import type { CounterMessage, MeterMessage, StateMessage } from "./sample.ts";

/** At one a second about half a day; above it every second one of the older half goes. */
const MOST_SAMPLES = 50_000;
const MOST_PROCESSES = 1_000;
const MOST_TROUBLES = 100;

/** Tells who a process is: its name, and whether it belongs to what is recorded. Asked once a process. */
export type Identify = (pid: number) => Pick<SeenProcess, "name" | "own" | "run_id">;

/** Collects what a meter says, in bounded memory, until it is asked for the recording. */
export class Recorder {
  readonly #devices: readonly MeterDevice[];
  readonly #identify: Identify;
  readonly #curves: readonly PowerCurve[];
  readonly #impossible = new Map<number, PowerCurve>();
  readonly #counters: readonly CounterSample[][];
  readonly #states: readonly StateSample[][];
  readonly #processes = new Map<string, SeenProcess>();
  readonly #troubles: MeterTrouble[] = [];
  readonly #cpu = new CpuShare();
  readonly #slow: OnceASecond;

  /** `slow`: devices, by their places in the hello, whose power is kept once a second; none unless given. */
  constructor(devices: readonly MeterDevice[], identify: Identify, slow: readonly number[] = []) {
    this.#slow = new OnceASecond(slow);
    this.#devices = devices;
    this.#identify = identify;
    this.#curves = devices.map(() => new PowerCurve());
    this.#counters = devices.map(() => []);
    this.#states = devices.map(() => []);
  }

  take(message: MeterMessage): void {
    switch (message.type) {
      case "power":
        message.power_w.forEach((powerW, index) => {
          const tNs = message.t_ns[index] ?? NaN;
          if (powerW === null || !this.#slow.passes("power", index, tNs)) return;
          this.#curves[index]?.add(tNs, powerW);
        });
        message.impossible_w?.forEach((powerW, index) => {
          if (powerW !== null) this.#takeImpossible(index, message.t_ns[index] ?? NaN, powerW);
        });
        return;
      case "counter":
        return this.#takeCounter(message);
      case "state":
        return this.#takeState(message);
      case "trouble": {
        const { code, device, text, remedy } = message;
        if (this.#troubles.length < MOST_TROUBLES) this.#troubles.push({ code, device, text, remedy });
        return;
      }
      case "self":
        return this.#cpu.take(message);
      case "hello":
      case "edge":
        return;
    }
  }

  recording(): Recording {
    return {
      devices: this.#devices.map((device, index) => {
        const impossible = this.#impossible.get(index);
        return {
          device,
          power: this.#curves[index] ?? new PowerCurve(),
          ...(impossible === undefined ? {} : { impossible }),
          counters: this.#counters[index] ?? [],
          states: this.#states[index] ?? [],
        };
      }),
      processes: [...this.#processes.values()],
      troubles: this.#troubles,
      meter_cpu_share: this.#cpu.share,
    };
  }

  #takeImpossible(index: number, tNs: number, powerW: number): void {
    const curve = this.#impossible.get(index) ?? new PowerCurve();
    this.#impossible.set(index, curve);
    curve.add(tNs, powerW);
  }

  #takeCounter({ device, t_ns, energy_j, throttle_ns }: CounterMessage): void {
    const samples = this.#counters[device];
    if (samples === undefined) return;
    samples.push({ t_ns, energy_j, throttle_ns });
    if (samples.length > MOST_SAMPLES) thin(samples);
  }

  #takeState({ type: _, device, ...state }: StateMessage): void {
    const samples = this.#states[device];
    const uuid = this.#devices[device]?.uuid;
    if (samples === undefined || uuid === undefined) return;
    for (const process of state.processes ?? []) this.#see(process, uuid, state.t_ns);
    // The lists of processes are folded already; an edge may have nothing to say of a device that is avoided.
    samples.push({ ...NO_STATE, ...state, processes: null });
    if (samples.length > MOST_SAMPLES) thin(samples);
  }

  #see({ pid, memory_bytes, kind }: GpuProcess, device: string, tNs: number): void {
    const key = `${pid} ${device}`;
    const before = this.#processes.get(key);
    if (before === undefined && this.#processes.size >= MOST_PROCESSES) return;
    const { name, own, run_id } = before ?? this.#identify(pid);
    const most = Math.max(before?.memory_bytes ?? -1, memory_bytes ?? -1);
    this.#processes.set(key, {
      pid,
      name,
      device,
      first_ns: before?.first_ns ?? tNs,
      last_ns: tNs,
      memory_bytes: most < 0 ? null : most,
      kind: heavier(kind, before?.kind ?? kind),
      own,
      ...run_id === undefined ? {} : { run_id },
    });
  }
}

/** Lightest first: a desktop draws little, whoever computes may draw all that a board can. */
const KINDS: readonly GpuProcess["kind"][] = ["graphics", "mps", "compute"];

/** A process may stand in more than one of a board's lists. */
function heavier(a: GpuProcess["kind"], b: GpuProcess["kind"]): GpuProcess["kind"] {
  return KINDS.indexOf(a) > KINDS.indexOf(b) ? a : b;
}

/** Drops every second sample of the older half. */
function thin(samples: unknown[]): void {
  const half = samples.length >> 1;
  const kept = samples.filter((_, index) => index >= half || index % 2 === 0);
  samples.length = 0;
  append(samples, kept);
}
