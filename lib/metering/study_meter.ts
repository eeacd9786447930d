import type { MeterTrouble } from "../meter/meter.ts";
import type { MeterClient } from "../meter/meter_client.ts";
import type { HelloMessage, MeterMessage } from "../meter/sample.ts";
import type { PowerTrace } from "../results/power_trace.ts";
import type { Emit } from "../journal/runner_event.ts";
import { boardDoesNotOpen, meterNotRestarted } from "./messages.ts";
import type { NoEnergy } from "./metering.ts";
import type { Temperatures } from "./thermal_gate.ts";

/** What the meter of a study is made of. */
export interface StudyMeterParts {
  readonly client: MeterClient;
  /** Starts another meter in the place of one that has ended. */
  readonly restart: () => Promise<MeterClient | NoEnergy>;
  readonly emit: Emit;
}

/** Hears that a board was lost. */
export type LossListener = (uuid: string, text: string) => void;

/** The meter process of a study, whichever it is by now, and what it said last. All slots share it. */
export class StudyMeter implements AsyncDisposable {
  readonly #parts: StudyMeterParts;
  /** Last known temperatures and limits, by uuid. */
  readonly #latest = new Map<string, number>();
  readonly #limits = new Map<string, number>();
  readonly #losses: { readonly uuid: string; readonly text: string }[] = [];
  /** What meters said while they came up: one that takes over for another tells the same of the same boards. */
  readonly #said = new Set<string>();
  /** The devices that were open once, with their drivers' numbers. */
  readonly #known = new Map<string, string>();
  readonly #lossListeners: LossListener[] = [];
  /** Traces that are still to be written to their end. */
  readonly #finishing = new Set<() => void>();
  /** The answer that is under way to whoever asks for the memory in use. */
  #reading: Promise<ReadonlyMap<string, number> | null> | null = null;
  #restarting: Promise<MeterClient | NoEnergy> | null = null;
  #client: MeterClient;
  /** Why another meter could not be started in the place of one that ended. */
  #noRestart = "";
  #failedRestarts = 0;

  constructor(parts: StudyMeterParts) {
    this.#parts = parts;
    this.#client = parts.client;
    this.#watch(parts.client);
  }

  /** The meter that was at work last. */
  get client(): MeterClient {
    return this.#client;
  }

  /** What it said when it came up. */
  get hello(): HelloMessage {
    return this.#client.hello;
  }

  /** The meter's own share of one CPU core since it began; null where that is too short to tell. */
  get cpuShare(): number | null {
    return this.#client.cpuShare;
  }

  /** The power limits in force, in watts by uuid, as they were last seen. */
  powerLimitsW(): ReadonlyMap<string, number> {
    return this.#limits;
  }

  /** The last known temperatures of these boards; none where the meter has ended: what it said last does not get any cooler. */
  temperatures(uuids: readonly string[]): Temperatures {
    return new Map(this.#client.hasEnded ? [] : [...this.#latest].filter(([uuid]) => uuids.includes(uuid)));
  }

  /**
   * MiB in use on every GPU, by uuid; null where the meter cannot tell. The meter is asked once for all who ask at the same
   * time.
   */
  readMemory(): Promise<ReadonlyMap<string, number> | null> {
    this.#reading ??= this.#readMemory().finally(() => this.#reading = null);
    return this.#reading;
  }

  async #readMemory(): Promise<ReadonlyMap<string, number> | null> {
    const used = new Map<string, number>();
    const { devices } = this.#client.hello;
    using _ = this.#client.listen((message) => {
      const uuid = message.type === "state" ? devices[message.device]?.uuid : undefined;
      if (message.type !== "state" || uuid === undefined || message.memory_used_bytes === null) return;
      used.set(uuid, Math.round(message.memory_used_bytes / 2 ** 20));
    });
    await this.#client.look();
    return used.size === 0 ? null : used;
  }

  /** A meter that lives, be it another one than before; else why there is none. All who ask meanwhile get the same one. */
  async atWork(): Promise<MeterClient | NoEnergy> {
    if (!this.#client.hasEnded) return this.#client;
    this.#restarting ??= this.#restart().finally(() => this.#restarting = null);
    return await this.#restarting;
  }

  async #restart(): Promise<MeterClient | NoEnergy> {
    if (this.#failedRestarts >= MOST_FAILED_RESTARTS) return { reason: this.#noRestart };
    const next = await this.#parts.restart();
    if ("reason" in next) {
      this.#failedRestarts += 1;
      this.#noRestart = meterNotRestarted(next.reason);
      this.#parts.emit({ type: "warning", code: "meter_restart", text: this.#noRestart });
      return { reason: this.#noRestart };
    }
    this.#client = next;
    this.#failedRestarts = 0;
    this.#latest.clear();
    this.#watch(next);
    return next;
  }

  /** True for a board that was open and is gone. */
  hasLost(uuid: string): boolean {
    return this.#losses.some((loss) => loss.uuid === uuid);
  }

  /** Hears of every board that is lost, and now of those that were lost before. */
  onLoss(listener: LossListener): void {
    this.#lossListeners.push(listener);
    for (const { uuid, text } of this.#losses) listener(uuid, text);
  }

  /** Encoding a trace takes milliseconds: they pass while the next worker starts. */
  finishLater(trace: PowerTrace): void {
    const finish = (): void => {
      clearTimeout(timer);
      this.#finishing.delete(finish);
      trace.finish();
    };
    const timer = setTimeout(finish, FINISH_TRACE_MS);
    this.#finishing.add(finish);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const finish of [...this.#finishing]) finish();
    await this.#client[Symbol.asyncDispose]();
  }

  #watch(client: MeterClient): void {
    const { devices, left_out = [] } = client.hello;
    for (const device of devices) this.#known.set(device.uuid, numberOf(device.meter, device.facts["index"]));
    client.listen((message: MeterMessage) => {
      if (message.type === "trouble") this.#hear(message);
      const uuid = message.type === "state" ? devices[message.device]?.uuid : undefined;
      if (message.type !== "state" || uuid === undefined) return;
      const { temperature_c, power_limit_w } = message;
      if (temperature_c !== null) this.#latest.set(uuid, temperature_c);
      if (power_limit_w !== null) this.#limits.set(uuid, power_limit_w);
    });
    for (const trouble of client.early) this.#hear(trouble, this.#said);
    for (const { meter, index, code, reason } of left_out) {
      const [uuid] = [...this.#known].find(([, number]) => number === numberOf(meter, index)) ?? [];
      if (uuid !== undefined && code !== "permission") {
        this.#lose(uuid, boardDoesNotOpen(uuid, reason));
      }
    }
  }

  /** What is among the `known` is not told again. */
  #hear(trouble: MeterTrouble, known?: Set<string>): void {
    const { code, device, text, remedy } = trouble;
    const said = remedy === null ? text : `${text}. ${remedy}`;
    if (known?.has(said) !== true) this.#parts.emit({ type: "warning", code: `meter_${code}`, text: said });
    known?.add(said);
    if (code === "lost" && device !== null) this.#lose(device, text);
  }

  /** A board that has never been open is no loss: whoever asked for it by name has been refused. */
  #lose(uuid: string, text: string): void {
    if (!this.#known.has(uuid)) return;
    if (this.hasLost(uuid)) return;
    this.#losses.push({ uuid, text });
    for (const listener of this.#lossListeners) listener(uuid, text);
  }
}

function numberOf(meter: string, index: unknown): string {
  return `${meter} ${index}`;
}

/** A meter that dies at once would be started before every run. */
const MOST_FAILED_RESTARTS = 3;

/** When a trace is written to its end: after its record, and while the next worker starts. */
const FINISH_TRACE_MS = 20;
