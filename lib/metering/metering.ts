/**
 * lib/metering owns what surrounds the runs of one slot: recordings of the meter, baselines, gates for heat and memory.
 * It starts no worker and writes no record.
 */
import type { ExperimentConfig } from "../experiment/config.ts";
import type { EnergyFacts } from "../results/energy/facts.ts";
import type { RunFolder } from "../results/run_folder.ts";

/** Why there is no energy. */
export interface NoEnergy {
  readonly reason: string;
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
  /** A window of the worker begins or ends: what only an edge is read for is read now. Does not wait. */
  edge(): void;
  /** Ends the recording. The attempt is over and nothing of it lives. */
  end(): Promise<EnergyFacts | NoEnergy>;
}

/** What a metered attempt is known by. */
export interface MeteredAttempt {
  readonly config: ExperimentConfig;
  readonly folder: RunFolder;
  /** Variables in the environment of its processes. */
  readonly tags: Readonly<Record<string, string>>;
}

/** What meters the energy of a study. */
export interface Metering {
  readonly loss: DeviceLoss;
  /** Processes of the meter: no leftovers of an attempt. */
  readonly pids: ReadonlySet<number>;
  /** Before a run: waits for what a good measurement needs first. Ends at once when a signal aborts. */
  prepare(config: ExperimentConfig, ...signals: readonly AbortSignal[]): Promise<void>;
  /** Begins to record, right before the worker is started. Costs no time that the worker would wait for. */
  begin(attempt: MeteredAttempt): Promise<AttemptMeter>;
}

/** Nothing is metered, for that reason. */
export function unmetered(reason: string): Metering {
  return {
    loss: { signal: new AbortController().signal, text: "" },
    pids: new Set(),
    prepare: () => Promise.resolve(),
    begin: () => Promise.resolve(unmeteredAttempt(reason)),
  };
}

/** One attempt without energy. */
export function unmeteredAttempt(reason: string): AttemptMeter {
  return { edge: () => {}, end: () => Promise.resolve({ reason }) };
}
