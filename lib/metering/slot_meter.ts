import type { ExperimentConfig } from "../experiment/config.ts";
import { namesOnlyCpus } from "../experiment/only_cpus.ts";
import type { EnergyBackend } from "../experiment/method_schema.ts";
import { type MeterName, METERS } from "../meter/meter.ts";
import type { MeterClient } from "../meter/meter_client.ts";
import { type Identify, Recorder } from "../meter/recorder.ts";
import type { Tags } from "../process/tagged.ts";
import type {
  BareLevel,
  BaselineFacts,
  EnergyFacts,
  ServerWork,
  ThermalGateFacts,
} from "../results/energy/facts.ts";
import { cameUnseen, grownBoards } from "../results/energy/server_start.ts";
import { endsRun } from "./board_loss.ts";
import type { Presence } from "./company.ts";
import { Edges } from "./edges.ts";
import type { Emit } from "../journal/runner_event.ts";
import { besideIdentifier, identifier } from "./identify_process.ts";
import {
  type AttemptMeter,
  type DeviceLoss,
  type MeteredAttempt,
  type Metering,
  type NoEnergy,
  type ServerMeter,
  unmeteredAttempt,
  unmeteredServer,
} from "./metering.ts";
import * as messages from "./messages.ts";
import { BesideServer, type RunServer, serverElsewhere } from "./run_server.ts";
import { SettleWatch } from "./settle_watch.ts";
import type { SharedMetering } from "./shared_metering.ts";
import type { StudyMeter } from "./study_meter.ts";
import { passThermalGate, type Temperatures } from "./thermal_gate.ts";

/** What the metering of a slot is made of. */
export interface SlotMeterParts {
  readonly shared: SharedMetering;
  /** The uuids of the GPUs that runs of this slot may use; null: all. */
  readonly run_devices: readonly string[] | null;
  /** What meters a configuration; null for nothing. */
  readonly backendOf: (config: ExperimentConfig) => EnergyBackend | null;
  /** False where a configuration is known to use no GPU. */
  readonly holdsGpu: (config: ExperimentConfig) => boolean;
  /** The server that a configuration names by its address; null, or left out, where it names none. */
  readonly serverOf?: (config: ExperimentConfig) => RunServer | null;
  /** True where the study names the boards of its runs; left out where it does not. */
  readonly names_devices?: boolean;
  readonly update_period_ms: ReadonlyMap<string, number>;
  readonly emit: Emit;
}

/** What is left of the start of a server. */
interface ServerStart {
  readonly grown: Extract<ServerWork, { kind: "managed" }>["grown"];
  readonly cameUnseen: ReadonlySet<number>;
}

/** A meter at work, and which of its kinds a configuration lets in. */
interface ReadyMeter {
  readonly client: MeterClient;
  readonly meters: readonly MeterName[];
}

interface Recorded {
  readonly config: ExperimentConfig;
  readonly recorder: Recorder;
  readonly meters: readonly MeterName[];
  readonly baseline: BaselineFacts | null;
  readonly work: ServerWork | null;
  readonly presence: Presence;
}

/** Meters the runs of one slot: one recording for every attempt, and what is kept of the slot's boards from run to run. */
export class SlotMeter implements Metering {
  readonly #parts: SlotMeterParts;
  readonly #lost = new AbortController();
  /** Boards that runs may use and that are gone: uuid and what was said of it. */
  readonly #gone = new Map<string, string>();
  /** The loss that ended a run; empty where none did. */
  #loss = "";
  /** Configurations whose worker named only CPUs. */
  readonly #onCpu = new WeakSet<ExperimentConfig>();
  /** The run at hand; null before the first. */
  #config: ExperimentConfig | null = null;
  /** What is seen of the attempt at hand; null where none is metered. */
  #recorder: Recorder | null = null;
  #gate: ThermalGateFacts | null = null;
  /** What the start of the server showed that is there now: of its processes where they cannot be seen from here. */
  #start: ServerStart = { grown: null, cameUnseen: new Set() };

  constructor(parts: SlotMeterParts) {
    this.#parts = parts;
    parts.shared.meter.onLoss((uuid, text) => this.#hearLoss(uuid, text));
  }

  get loss(): DeviceLoss {
    return { signal: this.#lost.signal, text: this.#loss };
  }

  get #meter(): StudyMeter {
    return this.#parts.shared.meter;
  }

  async prepare(config: ExperimentConfig, ...signals: readonly AbortSignal[]): Promise<void> {
    this.#gate = null;
    this.#runBegins(config);
    const { shared } = this.#parts;
    await shared.open(...signals);
    if (this.#parts.backendOf(config) === null || !this.#parts.holdsGpu(config)) return;
    const server = this.#serverOf(config);
    if (server?.kind === "elsewhere") return;
    if ("reason" in await this.#meter.atWork()) return;
    // What a server draws that is there already is no idle power of the bare machine, nor is what a neighbour does.
    if (config.baseline.enabled && server === null && shared.sharing.mode === "off") {
      const boards = shared.boards(this.#parts.run_devices);
      await shared.takeBefore(config.baseline.duration_seconds, boards, signals);
    }
    if (config.warmup.enabled) await this.#cool(config.warmup.thermal_floor_seconds, signals);
  }

  async begin(attempt: MeteredAttempt): Promise<AttemptMeter> {
    const { config, tags, server_tags } = attempt;
    this.#runBegins(config);
    const server = this.#serverOf(config);
    const isClient = server !== null || server_tags !== undefined;
    const hello = (devices: readonly string[]): void => {
      // What a client computes on says nothing of its server.
      if (namesOnlyCpus(devices) && !isClient) this.#onCpu.add(config);
      else this.#onCpu.delete(config);
    };
    const presence = this.#enter(attempt.folder.runId, [
      tags,
      ...server_tags === undefined ? [] : [server_tags],
    ]);
    const ready = await this.#readyFor(config, server);
    if ("reason" in ready) {
      const nothing = unmeteredAttempt(ready.reason, ready.code);
      const end = (): ReturnType<AttemptMeter["end"]> => {
        presence.leave();
        return nothing.end();
      };
      return { ...nothing, hello, end };
    }
    const { client, meters } = ready;
    let isBefore = true;
    const hasSpawned = (): boolean => !isBefore;
    const beside = server?.kind === "beside" ? new BesideServer(server.port) : null;
    const identify = beside === null
      ? identifier({
        tags,
        hasSpawned,
        ...server_tags === undefined
          ? {}
          : { serverTags: server_tags, cameWithServer: this.#start.cameUnseen },
      })
      : besideIdentifier(beside, hasSpawned);
    const { devices } = client.hello;
    const { own, others } = this.#places(client);
    const recorder = new Recorder(devices, namingRuns(identify, presence), others);
    this.#recorder = recorder;
    const { folder } = attempt;
    const warn = (text: string): void => this.#parts.emit({ type: "warning", code: "trace", text });
    const trace = folder.openTrace(devices, warn, others);
    const settling = config.measure.steady ? new SettleWatch(folder.path, others) : null;
    const listening = client.listen((message) => {
      recorder.take(message);
      trace.add(message);
      settling?.take(message);
    });
    // Whoever is on a GPU by now is none of ours. No worker gets there in the milliseconds that the answer takes.
    const before = client.edge(own).then(() => {
      isBefore = false;
    });
    const edges = new Edges(() => client.edge(own));
    const baseline = this.#baselineFacts(config);
    const work: ServerWork | null = beside?.work(this.#parts.names_devices === true) ??
      (server_tags === undefined ? null : { kind: "managed", grown: this.#start.grown });
    const metered = devices.filter(({ meter }) => meters.includes(meter));
    return {
      meters_gpu: this.#parts.holdsGpu(config) && beside?.isTunnel !== true &&
        metered.some(({ kind, uuid }) => kind === "gpu" && this.#mayUse(uuid)),
      edge: () => edges.ask(),
      hello,
      end: async () => {
        await before;
        // The last edge was asked for when the window had ended: what comes after it is in no number.
        await edges.done;
        listening[Symbol.dispose]();
        settling?.[Symbol.dispose]();
        this.#recorder = null;
        this.#meter.finishLater(trace);
        presence.leave();
        return this.#facts({ config, recorder, meters, baseline, work, presence });
      },
    };
  }

  async beginServer(config: ExperimentConfig): Promise<ServerMeter> {
    this.#start = { grown: null, cameUnseen: new Set() };
    const ready = await this.#readyFor(config, null);
    if ("reason" in ready) return unmeteredServer(ready.reason);
    const { client, meters } = ready;
    const ofServer: Tags[] = [];
    const presence = this.#enter("", ofServer);
    let tags: Tags | null = null;
    const hasSpawned = (): boolean => tags !== null;
    const identify: Identify = (pid) => identifier({ tags: tags ?? {}, hasSpawned })(pid);
    const { own, others } = this.#places(client);
    const recorder = new Recorder(client.hello.devices, identify, others);
    const listening = client.listen((message) => recorder.take(message));
    await client.edge(own);
    return {
      starting: (of) => {
        tags = of;
        ofServer.push(of);
      },
      end: async (gone) => {
        await client.edge(own);
        listening[Symbol.dispose]();
        const recording = recorder.recording();
        this.#start = { grown: grownBoards(recording), cameUnseen: cameUnseen(recording) };
        const work: ServerWork = { kind: "managed", grown: this.#start.grown };
        const facts = this.#facts({ config, recorder, meters, baseline: null, work, presence });
        // It stays on the machine, also between its runs.
        if (gone === undefined || gone.aborted) presence.leave();
        else gone.addEventListener("abort", presence.leave, { once: true });
        return facts;
      },
    };
  }

  /** What meters a run of that configuration, or why nothing does. */
  async #readyFor(config: ExperimentConfig, server: RunServer | null): Promise<ReadyMeter | NoEnergy> {
    const backend = this.#parts.backendOf(config);
    const meters = admittedMeters(backend);
    if (meters.length === 0) return { reason: messages.backendIsNull() };
    if (server?.kind === "elsewhere") return serverElsewhere(server.hostname);
    const client = await this.#meter.atWork();
    if ("reason" in client) return client;
    return client.hello.devices.some(({ meter }) => meters.includes(meter))
      ? { client, meters }
      : { reason: messages.backendUnreadable(String(backend)) };
  }

  #serverOf(config: ExperimentConfig): RunServer | null {
    return this.#parts.serverOf?.(config) ?? null;
  }

  /**
   * What of the meter's devices is the slot's, with the host's; null for all, where runs are made one at a time. Counters of the
   * others are not read at its edges: often read, they disturb some boards.
   */
  #places(
    { hello }: MeterClient,
  ): { readonly own: readonly number[] | null; readonly others: readonly number[] } {
    if (this.#parts.shared.sharing.mode === "off") return { own: null, others: [] };
    const places = hello.devices.map(({ kind, uuid }, place) => ({
      place,
      isOwn: kind !== "gpu" || this.#mayUse(uuid),
    }));
    const of = (isWanted: boolean): number[] =>
      places.flatMap(({ place, isOwn }) => isOwn === isWanted ? [place] : []);
    return { own: of(true), others: of(false) };
  }

  #enter(run_id: string, tags: readonly Tags[]): Presence {
    const { shared: { company }, run_devices: devices } = this.#parts;
    return company.enter({ run_id, slot: this, devices, tags });
  }

  #facts({ config, recorder, meters, baseline, work, presence }: Recorded): EnergyFacts {
    const { run_devices, names_devices, holdsGpu, update_period_ms } = this.#parts;
    const { left_out = [], mig_devices = [], unread_parts = [], absent } = this.#meter.hello;
    // Which boards this program may see says nothing of a server that it did not start.
    const isAnywhere = work?.kind === "beside" && names_devices !== true;
    return {
      attribution: "run",
      recording: recorder.recording(),
      meters,
      run_devices: isAnywhere ? null : run_devices,
      left_out,
      unread_parts,
      absent,
      mig_devices,
      holds_gpu: holdsGpu(config),
      baseline,
      update_period_ms,
      gate: this.#gate,
      ...work === null ? {} : { server: work },
      ...this.#company(presence),
    };
  }

  #company(presence: Presence): Pick<EnergyFacts, "beside" | "shared_unaudited"> {
    const { mode, is_audited } = this.#parts.shared.sharing;
    const elsewhere = this.#parts.shared.elsewhere();
    if (mode === "off" && elsewhere.length === 0) return {};
    const beside = [...presence.beside(), ...elsewhere];
    return mode === "shared" && !is_audited ? { beside, shared_unaudited: true } : { beside };
  }

  #baselineFacts(config: ExperimentConfig): BaselineFacts | null {
    if (!config.baseline.enabled) return { devices: {}, reason: messages.baselineDisabled() };
    if (!this.#parts.holdsGpu(config)) return { devices: {}, reason: messages.baselineWithoutGpu() };
    if (this.#serverOf(config) !== null) return { devices: {}, reason: messages.baselineBesideServer() };
    const { taken } = this.#parts.shared;
    if (taken === null) return null;
    const { devices, source } = taken;
    const levels = Object.entries(devices).map(([uuid, reading]): [string, BareLevel] => {
      const age_s = Math.max(0, (Date.now() - Date.parse(reading.taken_at)) / 1000);
      return [uuid, { ...reading, age_s, source }];
    });
    return { devices: Object.fromEntries(levels), reason: null };
  }

  async #cool(limitS: number, signals: readonly AbortSignal[]): Promise<void> {
    const { shared, run_devices } = this.#parts;
    const { client } = this.#meter;
    await client.look(this.#places(client).own);
    const boards = shared.boards(run_devices);
    const read = (): Temperatures => this.#meter.temperatures(boards);
    const reference = shared.references(read());
    const onWait = (text: string): void => {
      this.#parts.emit({ type: "waiting", what: "cooling", seconds: limitS, text });
    };
    const bySlope = shared.sharing.mode === "shared";
    this.#gate = await passThermalGate({ read, reference, limitS, bySlope, onWait }, ...signals);
  }

  #mayUse(uuid: string): boolean {
    const { run_devices } = this.#parts;
    return run_devices === null || run_devices.includes(uuid);
  }

  #runBegins(config: ExperimentConfig): void {
    this.#config = config;
    this.#recorder = null;
    this.#judgeLoss();
  }

  /** A board that is gone is no concern of a run that does not use it. */
  #judgeLoss(): void {
    if (this.#config === null || this.#lost.signal.aborted) return;
    const use = {
      uses_gpu: this.#parts.holdsGpu(this.#config) && !this.#onCpu.has(this.#config) &&
        this.#serverOf(this.#config)?.kind !== "elsewhere",
      processes: this.#recorder?.recording().processes ?? [],
      run_devices: this.#parts.run_devices,
    };
    const [, text] = [...this.#gone].find(([uuid]) => endsRun(uuid, use)) ?? [];
    if (text === undefined) return;
    this.#loss = text;
    this.#parts.shared.tellLoss();
    this.#lost.abort();
  }

  #hearLoss(uuid: string, text: string): void {
    if (this.#mayUse(uuid)) this.#gone.set(uuid, text);
    this.#judgeLoss();
  }
}

/** The same, and of a process that is not the run's own whether it is of another run of the study. */
function namingRuns(identify: Identify, presence: Presence): Identify {
  return (pid) => {
    const who = identify(pid);
    const run_id = who.own === false ? presence.runOf(pid) : null;
    return run_id === null ? who : { ...who, run_id };
  };
}

/** The meters that a configuration lets in. */
export function admittedMeters(backend: EnergyBackend | null): readonly MeterName[] {
  if (backend === null) return [];
  return backend === "auto" ? METERS : METERS.filter((meter) => meter === backend || meter === "replay");
}
