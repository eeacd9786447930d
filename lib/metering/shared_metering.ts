import type { Emit } from "../journal/runner_event.ts";
import type { RunBeside } from "../results/energy/facts.ts";
import { type BareReadings, drifts, SETTLING_LOOK_MS, takeBaseline } from "./bare_baseline.ts";
import { Company } from "./company.ts";
import * as messages from "./messages.ts";
import { ONE_AT_A_TIME, type Sharing, type StudyBaselines, type TakenBaseline } from "./metering.ts";
import type { StudyMeter } from "./study_meter.ts";
import type { Temperatures } from "./thermal_gate.ts";

/** Where bare baselines are kept from one study to the next. */
export interface BaselineStore {
  /** What was taken here under the same conditions and is not old; empty where there is nothing. */
  load(): BareReadings;
  save(readings: BareReadings): void;
}

/** What the slots of a study share. */
export interface SharedParts {
  readonly meter: StudyMeter;
  readonly baselines: BaselineStore;
  /** The uuids of the boards of the study; null: all. */
  readonly devices: readonly string[] | null;
  /** How runs have the machine by now; left out where they have it one at a time. */
  readonly sharing?: () => Sharing;
  /** The last runs that others of the study made on this machine; left out where there are no others. */
  readonly elsewhere?: () => readonly RunBeside[];
  /** How long the baseline is which runs beside each other need; null, or left out, where they need none. */
  readonly baseline_s?: () => number | null;
  /** How long a look is whether the power of the idle machine has settled; the usual time unless named. */
  readonly settling_look_ms?: number;
  readonly emit: Emit;
}

/**
 * What belongs to the machine, or to a board, and not to a slot: the meter, bare baselines, the temperature that a board comes
 * back to, and who is there. Bare power is idle power of all boards at once, so it is taken while nobody is there: of runs that
 * are made one at a time before the first that needs it, of several at a time before the first of all.
 */
export class SharedMetering implements StudyBaselines {
  readonly meter: StudyMeter;
  readonly company = new Company();
  readonly #parts: SharedParts;
  #taken: TakenBaseline | null = null;
  /** Where the boards were when they were first looked at. */
  readonly #references = new Map<string, number>();
  /** The look at the idle machine before several runs at a time; null before it. */
  #opening: Promise<void> | null = null;
  #endedByLoss = false;

  constructor(parts: SharedParts) {
    this.#parts = parts;
    this.meter = parts.meter;
  }

  get taken(): TakenBaseline | null {
    return this.#taken;
  }

  /** The last runs that others of the study made on this machine. */
  elsewhere(): readonly RunBeside[] {
    return this.#parts.elsewhere?.() ?? [];
  }

  get sharing(): Sharing {
    return this.#parts.sharing?.() ?? ONE_AT_A_TIME;
  }

  /**
   * Before a run of several at a time: whoever comes first looks at the idle machine, everybody else waits for that. Nothing
   * where runs are made one at a time.
   */
  async open(...signals: readonly AbortSignal[]): Promise<void> {
    if (this.sharing.mode === "off") return;
    this.#opening ??= this.#lookAtIdle(signals);
    await this.#opening;
    // A stop ends the look. Should there be runs after it all the same, the first of them looks again.
    if (signals.some(({ aborted }) => aborted) && this.company.entries === 0) this.#opening = null;
  }

  /** The baseline before a run that needs one, of boards that it may use. */
  async takeBefore(seconds: number, gpus: readonly string[], signals: readonly AbortSignal[]): Promise<void> {
    if (this.#taken !== null || gpus.length === 0) return;
    const cached = this.#parts.baselines.load();
    if (gpus.every((uuid) => cached[uuid] !== undefined)) {
      this.#taken = { when: "before", source: "cached", devices: cached, drifts: [] };
      return;
    }
    this.#wait(seconds, messages.takingBaseline(seconds));
    const devices = await this.#take(seconds, signals);
    if (devices === null) return;
    this.#taken = { when: "before", source: "fresh", devices, drifts: [] };
    this.#parts.baselines.save(devices);
  }

  async takeAfter(seconds: number, ...signals: readonly AbortSignal[]): Promise<TakenBaseline | null> {
    if (this.#taken === null || this.#endedByLoss) return null;
    if ("reason" in await this.meter.atWork() || !this.company.isEmpty) return null;
    this.#wait(seconds, messages.takingBaselineAfter(seconds));
    const devices = await this.#take(seconds, signals);
    if (devices === null) return null;
    const moved = drifts(this.#taken.devices, devices);
    if (moved.length > 0) {
      const text = messages.baselineMoved(moved);
      this.#parts.emit({ type: "warning", code: "baseline_drift", text });
    }
    this.#parts.baselines.save(devices);
    return { when: "after", source: "fresh", devices, drifts: moved };
  }

  /**
   * What these boards are to come back to: where they were when they were first looked at or, where that was cooler, what a
   * cached baseline was taken at, since a study may begin on a warm machine.
   */
  references(now: Temperatures): Temperatures {
    for (const [uuid, celsius] of now) {
      if (this.#references.has(uuid)) continue;
      this.#references.set(uuid, Math.min(celsius, this.#taken?.devices[uuid]?.temperature_c ?? celsius));
    }
    return this.#references;
  }

  /** The loss of a board ends all runs, where they are made one at a time: there is nothing to be metered afterwards. */
  tellLoss(): void {
    if (this.sharing.mode === "off") this.#endedByLoss = true;
  }

  /** The boards of these that are metered and there. */
  boards(uuids: readonly string[] | null): string[] {
    const { devices } = this.meter.hello;
    // Of a board that is gone the last temperature stays.
    const isThere = (uuid: string): boolean => (uuids?.includes(uuid) ?? true) && !this.meter.hasLost(uuid);
    return devices.filter(({ kind, uuid }) => kind === "gpu" && isThere(uuid)).map(({ uuid }) => uuid);
  }

  async #lookAtIdle(signals: readonly AbortSignal[]): Promise<void> {
    if ("reason" in await this.meter.atWork()) return;
    const boards = this.boards(this.#parts.devices);
    const seconds = this.#parts.baseline_s?.() ?? null;
    if (seconds !== null) await this.takeBefore(seconds, boards, signals);
    await this.meter.client.look();
    this.references(this.meter.temperatures(boards));
  }

  /** Of the study's boards and of the host. Null where somebody came meanwhile, as well. */
  async #take(seconds: number, signals: readonly AbortSignal[]): Promise<BareReadings | null> {
    const { devices } = this.#parts;
    // What another study does on other boards is no idle power of theirs.
    const others = new Set(this.boards(null).filter((uuid) => devices?.includes(uuid) === false));
    const look_ms = this.#parts.settling_look_ms ?? SETTLING_LOOK_MS;
    const { entries } = this.company;
    const readings = await takeBaseline(this.meter.client, { seconds, look_ms }, ...signals);
    if (readings === null || this.company.entries !== entries) return null;
    return Object.fromEntries(Object.entries(readings).filter(([uuid]) => !others.has(uuid)));
  }

  #wait(seconds: number, text: string): void {
    this.#parts.emit({ type: "waiting", what: "baseline", seconds, text });
  }
}
