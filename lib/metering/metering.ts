/**
 * lib/metering owns what surrounds the runs of one slot: recordings of the meter, baselines, gates for heat and memory.
 * It starts no worker and writes no record.
 */
import type { ExperimentConfig } from "../experiment/config.ts";
import type { BareReadings } from "./bare_baseline.ts";
import type { Tags } from "../process/tagged.ts";
import type { EnergyFacts, NoEnergyCode } from "../results/energy/facts.ts";
import type { RunFolder } from "../results/run_folder.ts";

/** Why there is no energy. */
export interface NoEnergy {
  readonly reason: string;
  /** The same for programs; left out where the sentence has none. */
  readonly code?: NoEnergyCode;
}

/** A device that runs need has gone. */
export interface DeviceLoss {
  /** Aborts when it happens. */
  readonly signal: AbortSignal;
  /** What was lost; empty before. */
  readonly text: string;
}

/** The metering of one attempt. */
export interface AttemptMeter {
  /** True where a GPU is metered that the attempt may use. */
  readonly meters_gpu: boolean;
  /** A window of the worker begins or ends: what only an edge is read for is read now. Does not wait. */
  edge(): void;
  /** The worker said in its hello what it computes on; empty where it said nothing. */
  hello(devices: readonly string[]): void;
  /** Ends the recording. The attempt is over and nothing of it lives. */
  end(): Promise<EnergyFacts | NoEnergy>;
}

/** The metering of the start of a server. */
export interface ServerMeter {
  /** It is about to be spawned; these are in the environment of its processes. */
  starting(tags: Tags): void;
  /** It is ready, and there until `gone` aborts; without that it will not be. */
  end(gone?: AbortSignal): Promise<EnergyFacts | NoEnergy>;
}

/** What a metered attempt is known by. */
export interface MeteredAttempt {
  readonly config: ExperimentConfig;
  readonly folder: RunFolder;
  /** Variables in the environment of its processes. */
  readonly tags: Readonly<Record<string, string>>;
  /** Those of the server that was started for it; left out where there is none. */
  readonly server_tags?: Readonly<Record<string, string>>;
}

/** A bare baseline. */
export interface TakenBaseline {
  readonly when: "before" | "after";
  readonly source: "fresh" | "cached";
  readonly devices: BareReadings;
  /** What moved since the one before. */
  readonly drifts: readonly string[];
}

/** What meters the energy of the runs of one slot. */
export interface Metering {
  /** A device that this slot's runs need has gone. */
  readonly loss: DeviceLoss;
  /** Before a run: waits for what a good measurement needs first. Ends at once when a signal aborts. */
  prepare(config: ExperimentConfig, ...signals: readonly AbortSignal[]): Promise<void>;
  /** Begins to record, right before the worker is started. Costs no time that the worker would wait for. */
  begin(attempt: MeteredAttempt): Promise<AttemptMeter>;
  /** Begins to record the start of a server for such a run. */
  beginServer(config: ExperimentConfig): Promise<ServerMeter>;
}

/** The bare baselines of a study: of all its boards at once, whichever slot they are in. */
export interface StudyBaselines {
  /** The one that runs are compared with; null where none was needed, or none could be taken. */
  readonly taken: TakenBaseline | null;
  /** A look at the bare machine once more, where there was one before; all runs are over. Null where nothing was taken. */
  takeAfter(seconds: number, ...signals: readonly AbortSignal[]): Promise<TakenBaseline | null>;
}

/** How the runs of a study have the machine by now. */
export interface Sharing {
  /** `off`: one run at a time; `staged`: one measured window at a time; `shared`: windows overlap. */
  readonly mode: "off" | "staged" | "shared";
  /** An audit has shown that runs beside others measure what they measure alone. */
  readonly is_audited: boolean;
}

/** One run at a time. */
export const ONE_AT_A_TIME: Sharing = { mode: "off", is_audited: false };

/** Nothing is metered, for that reason. */
export function unmetered(reason: string, code?: NoEnergyCode): Metering {
  return {
    loss: { signal: new AbortController().signal, text: "" },
    prepare: () => Promise.resolve(),
    begin: () => Promise.resolve(unmeteredAttempt(reason, code)),
    beginServer: () => Promise.resolve(unmeteredServer(reason, code)),
  };
}

/** Where nothing is metered. */
export const NO_BASELINES: StudyBaselines = { taken: null, takeAfter: () => Promise.resolve(null) };

/** One attempt without energy. */
export function unmeteredAttempt(reason: string, code?: NoEnergyCode): AttemptMeter {
  return {
    meters_gpu: false,
    edge: () => {},
    hello: () => {},
    end: () => Promise.resolve(noEnergy(reason, code)),
  };
}

/** The start of a server without energy. */
export function unmeteredServer(reason: string, code?: NoEnergyCode): ServerMeter {
  return { starting: () => {}, end: () => Promise.resolve(noEnergy(reason, code)) };
}

function noEnergy(reason: string, code: NoEnergyCode | undefined): NoEnergy {
  return code === undefined ? { reason } : { reason, code };
}
