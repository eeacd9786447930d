import type { ExperimentConfig } from "../experiment/config.ts";
import type { EnergyBackend } from "../experiment/method_schema.ts";
import { type MeterName, METERS, type MeterTrouble } from "../meter/meter.ts";
import type { MeterClient } from "../meter/meter_client.ts";
import { Recorder } from "../meter/recorder.ts";
import type { HelloMessage, MeterMessage } from "../meter/sample.ts";
import type { BareLevel, BaselineFacts, EnergyFacts, ThermalGateFacts } from "../results/energy/facts.ts";
import type { PowerTrace } from "../results/power_trace.ts";
import { type BareReadings, drifts, SETTLING_LOOK_MS, takeBaseline } from "./bare_baseline.ts";
import { Edges } from "./edges.ts";
import type { Emit } from "../journal/runner_event.ts";
import { identifier } from "./identify_process.ts";
import {
  type AttemptMeter,
  type DeviceLoss,
  type MeteredAttempt,
  type Metering,
  type NoEnergy,
  unmeteredAttempt,
} from "./metering.ts";
import { passThermalGate, type Temperatures } from "./thermal_gate.ts";

/** Where bare baselines are kept from one study to the next. */
export interface BaselineStore {
  /** What was taken here under the same conditions and is not old; empty where there is nothing. */
  load(): BareReadings;
  save(readings: BareReadings): void;
}

/** What the metering of a study is made of. */
export interface StudyMeterParts {
  readonly client: MeterClient;
  /** Starts another meter in the place of one that has ended. */
  readonly restart: () => Promise<MeterClient | NoEnergy>;
  /** The uuids of the GPUs that runs may use; null: all. */
  readonly run_devices: readonly string[] | null;
  /** What meters a configuration; null for nothing. */
  readonly backendOf: (config: ExperimentConfig) => EnergyBackend | null;
  /** False where a configuration is known to use no GPU. */
  readonly holdsGpu: (config: ExperimentConfig) => boolean;
  readonly update_period_ms: ReadonlyMap<string, number>;
  readonly baselines: BaselineStore;
  /** How long a look is whether the power of the idle machine has settled; the usual time unless given. */
  readonly settling_look_ms?: number;
  readonly emit: Emit;
}

/** A bare baseline of this study. */
export interface TakenBaseline {
  readonly when: "before" | "after";
  readonly source: "fresh" | "cached";
  readonly devices: BareReadings;
  /** What moved since the one before. */
  readonly drifts: readonly string[];
}

/** Meters a study: one meter process for all of it, one recording for every attempt. */
export class StudyMeter implements Metering, AsyncDisposable {
  readonly #parts: StudyMeterParts;
  readonly #lost = new AbortController();
  /** Last known temperatures and limits, by uuid. */
  readonly #latest = new Map<string, number>();
  readonly #limits = new Map<string, number>();
  #client: MeterClient;
  /** Why another meter could not be started in the place of one that ended. */
  #noRestart = "";
  #failedRestarts = 0;
  /** What was lost first of what runs may use; empty where nothing was. */
  #loss = "";
  /** The run at hand needs GPUs, or may. */
  #usesGpu = false;
  #taken: TakenBaseline | null = null;
  /** Where the machine was when the study began. */
  #reference: Temperatures | null = null;
  #gate: ThermalGateFacts | null = null;
  /** Traces that are still to be written to their end. */
  readonly #finishing = new Set<() => void>();

  constructor(parts: StudyMeterParts) {
    this.#parts = parts;
    this.#client = parts.client;
    this.#watch(parts.client);
  }

  get loss(): DeviceLoss {
    return { signal: this.#lost.signal, text: this.#loss };
  }

  get pids(): ReadonlySet<number> {
    return new Set([this.#client.pid]);
  }

  async prepare(config: ExperimentConfig, ...signals: readonly AbortSignal[]): Promise<void> {
    this.#gate = null;
    this.#runBegins(config);
    if (this.#parts.backendOf(config) === null || !this.#parts.holdsGpu(config)) return;
    if (!await this.#isAtWork()) return;
    if (config.baseline.enabled) await this.#takeBefore(config.baseline.duration_seconds, signals);
    if (config.warmup.enabled) await this.#cool(config.warmup.thermal_floor_seconds, signals);
  }

  async begin(attempt: MeteredAttempt): Promise<AttemptMeter> {
    const { config, tags } = attempt;
    this.#runBegins(config);
    const backend = this.#parts.backendOf(config);
    const meters = admittedMeters(backend);
    if (meters.length === 0) return unmeteredAttempt("energy.backend is null");
    if (!await this.#isAtWork()) return unmeteredAttempt(this.#noRestart);
    const client = this.#client;
    if (!client.hello.devices.some(({ meter }) => meters.includes(meter))) {
      return unmeteredAttempt(`energy.backend is ${backend}, and nothing of it can be read here`);
    }
    let isBefore = true;
    const recorder = new Recorder(client.hello.devices, identifier(tags, () => !isBefore));
    const { folder } = attempt;
    const trace = folder.openTrace(client.hello.devices, (text) => {
      this.#parts.emit({ type: "warning", code: "trace", text });
    });
    const listening = client.listen((message) => {
      recorder.take(message);
      trace.add(message);
    });
    // Whoever is on a GPU by now is none of ours. No worker gets there in the milliseconds that the answer takes.
    const before = client.edge().then(() => {
      isBefore = false;
    });
    const edges = new Edges(() => client.edge());
    const baseline = this.#baselineFacts(config);
    return {
      edge: () => edges.ask(),
      end: async () => {
        await before;
        // The last edge was asked for when the window had ended: what comes after it is in no number.
        await edges.done;
        listening[Symbol.dispose]();
        this.#finishLater(trace);
        return this.#facts(config, recorder, meters, baseline);
      },
    };
  }

  /** A look at the bare machine once more, where there was one before; the study is over. Null where nothing was taken. */
  async takeAfter(seconds: number, ...signals: readonly AbortSignal[]): Promise<TakenBaseline | null> {
    if (this.#taken === null || this.#lost.signal.aborted || !await this.#isAtWork()) return null;
    this.#wait(
      "baseline",
      seconds,
      `metering the idle machine for ${seconds} s once its power has settled (baseline after the runs)`,
    );
    const devices = await this.#takeBaseline(seconds, signals);
    if (devices === null) return null;
    const moved = drifts(this.#taken.devices, devices);
    if (moved.length > 0) {
      const text = `The idle machine does not draw what it drew before: ${
        moved.join("; ")
      }. Net energies are off by as much`;
      this.#parts.emit({ type: "warning", code: "baseline_drift", text });
    }
    this.#parts.baselines.save(devices);
    return { when: "after", source: "fresh", devices, drifts: moved };
  }

  /** The bare baseline that runs are compared with; null where none was needed. */
  get baseline(): TakenBaseline | null {
    return this.#taken;
  }

  /** The meter's own share of one CPU core since it began; null where that is too short to tell. */
  get cpuShare(): number | null {
    return this.#client.cpuShare;
  }

  /** The power limits in force, in watts by uuid, as they were last seen. */
  powerLimitsW(): ReadonlyMap<string, number> {
    return this.#limits;
  }

  /** What the meter said when it came up. */
  get hello(): HelloMessage {
    return this.#client.hello;
  }

  /** MiB in use on every GPU, by uuid; null where the meter cannot tell. */
  async readMemory(): Promise<ReadonlyMap<string, number> | null> {
    const used = new Map<string, number>();
    const { devices } = this.#client.hello;
    using _ = this.#client.listen((message) => {
      const uuid = message.type === "state" ? devices[message.device]?.uuid : undefined;
      if (message.type !== "state" || uuid === undefined || message.memory_used_bytes === null) return;
      used.set(uuid, Math.round(message.memory_used_bytes / 2 ** 20));
    });
    await this.#client.edge();
    return used.size === 0 ? null : used;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const finish of [...this.#finishing]) finish();
    await this.#client[Symbol.asyncDispose]();
  }

  #facts(
    config: ExperimentConfig,
    recorder: Recorder,
    meters: readonly MeterName[],
    baseline: BaselineFacts | null,
  ): EnergyFacts {
    const { run_devices, holdsGpu, update_period_ms } = this.#parts;
    return {
      attribution: "run",
      recording: recorder.recording(),
      meters,
      run_devices,
      holds_gpu: holdsGpu(config),
      baseline,
      update_period_ms,
      gate: this.#gate,
    };
  }

  #baselineFacts(config: ExperimentConfig): BaselineFacts | null {
    if (!config.baseline.enabled) return { devices: {}, reason: "baseline.enabled is false" };
    if (!this.#parts.holdsGpu(config)) return { devices: {}, reason: "the run holds no GPU" };
    if (this.#taken === null) return null;
    const { devices, source } = this.#taken;
    const levels = Object.entries(devices).map(([uuid, reading]): [string, BareLevel] => {
      const age_s = Math.max(0, (Date.now() - Date.parse(reading.taken_at)) / 1000);
      return [uuid, { ...reading, age_s, source }];
    });
    return { devices: Object.fromEntries(levels), reason: null };
  }

  async #takeBefore(seconds: number, signals: readonly AbortSignal[]): Promise<void> {
    if (this.#taken !== null) return;
    const gpus = this.#runGpus();
    if (gpus.length === 0) return;
    const cached = this.#parts.baselines.load();
    if (gpus.every((uuid) => cached[uuid] !== undefined)) {
      this.#taken = { when: "before", source: "cached", devices: cached, drifts: [] };
      return;
    }
    this.#wait(
      "baseline",
      seconds,
      `metering the idle machine for ${seconds} s once its power has settled (baseline; kept for an hour)`,
    );
    const devices = await this.#takeBaseline(seconds, signals);
    if (devices === null) return;
    this.#taken = { when: "before", source: "fresh", devices, drifts: [] };
    this.#parts.baselines.save(devices);
  }

  #takeBaseline(seconds: number, signals: readonly AbortSignal[]): Promise<BareReadings | null> {
    const look_ms = this.#parts.settling_look_ms ?? SETTLING_LOOK_MS;
    return takeBaseline(this.#client, { seconds, look_ms }, ...signals);
  }

  async #cool(limitS: number, signals: readonly AbortSignal[]): Promise<void> {
    const client = this.#client;
    await client.edge();
    const gpus = this.#runGpus();
    // What a dead meter said last does not get any cooler.
    const read = (): Temperatures =>
      new Map(client.hasEnded ? [] : [...this.#latest].filter(([uuid]) => gpus.includes(uuid)));
    this.#reference ??= this.#referenceTemperatures(read());
    const onWait = (text: string): void => this.#wait("cooling", limitS, text);
    this.#gate = await passThermalGate({ read, reference: this.#reference, limitS, onWait }, ...signals);
  }

  /** What a cached baseline was taken at, where that was cooler: a study may begin on a warm machine. */
  #referenceTemperatures(now: Temperatures): Temperatures {
    return new Map([...now].map(([uuid, celsius]) => [
      uuid,
      Math.min(celsius, this.#taken?.devices[uuid]?.temperature_c ?? celsius),
    ]));
  }

  #runGpus(): string[] {
    const { run_devices } = this.#parts;
    return this.#client.hello.devices.filter(({ kind, uuid }) =>
      kind === "gpu" && (run_devices === null || run_devices.includes(uuid))
    ).map(({ uuid }) => uuid);
  }

  /** True where the meter lives, be it another one. */
  async #isAtWork(): Promise<boolean> {
    if (!this.#client.hasEnded) return true;
    if (this.#failedRestarts >= MOST_FAILED_RESTARTS) return false;
    const next = await this.#parts.restart();
    if ("reason" in next) {
      this.#failedRestarts += 1;
      this.#noRestart = `the meter process has ended, and no other could be started: ${next.reason}`;
      this.#parts.emit({ type: "warning", code: "meter_restart", text: this.#noRestart });
      return false;
    }
    this.#client = next;
    this.#failedRestarts = 0;
    this.#latest.clear();
    this.#watch(next);
    return true;
  }

  #watch(client: MeterClient): void {
    const { devices } = client.hello;
    client.listen((message: MeterMessage) => {
      if (message.type === "trouble") this.#hear(message);
      const uuid = message.type === "state" ? devices[message.device]?.uuid : undefined;
      if (message.type !== "state" || uuid === undefined) return;
      const { temperature_c, power_limit_w } = message;
      if (temperature_c !== null) this.#latest.set(uuid, temperature_c);
      if (power_limit_w !== null) this.#limits.set(uuid, power_limit_w);
    });
    for (const trouble of client.early) this.#hear(trouble);
  }

  /** Encoding a trace takes milliseconds: they pass while the next worker starts. */
  #finishLater(trace: PowerTrace): void {
    const finish = (): void => {
      clearTimeout(timer);
      this.#finishing.delete(finish);
      trace.finish();
    };
    const timer = setTimeout(finish, FINISH_TRACE_MS);
    this.#finishing.add(finish);
  }

  #runBegins(config: ExperimentConfig): void {
    this.#usesGpu = this.#parts.holdsGpu(config);
    this.#judgeLoss();
  }

  /** A board that is gone is no concern of a run that uses none. */
  #judgeLoss(): void {
    if (this.#loss !== "" && this.#usesGpu) this.#lost.abort();
  }

  #hear({ code, device, text, remedy }: MeterTrouble): void {
    const said = remedy === null ? text : `${text}. ${remedy}`;
    this.#parts.emit({ type: "warning", code: `meter_${code}`, text: said });
    if (code !== "lost" || (device !== null && !this.#runGpus().includes(device))) return;
    this.#loss ||= text;
    this.#judgeLoss();
  }

  #wait(what: "baseline" | "cooling", seconds: number, text: string): void {
    this.#parts.emit({ type: "waiting", what, seconds, text });
  }
}

/** A meter that dies at once would be started before every run. */
const MOST_FAILED_RESTARTS = 3;

/** When a trace is written to its end: after its record, and while the next worker starts. */
const FINISH_TRACE_MS = 20;

/** The meters that a configuration lets in. */
export function admittedMeters(backend: EnergyBackend | null): readonly MeterName[] {
  if (backend === null) return [];
  return backend === "auto" ? METERS : METERS.filter((meter) => meter === backend || meter === "replay");
}
