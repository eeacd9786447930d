import type { ExperimentConfig } from "../experiment/config.ts";
import { cell, variedReader, type VariedValues } from "../results/varied.ts";
import { printable } from "../base/text.ts";

/** Names a run of one study by what tells it from the others: `n_threads=2 cycle 1`. */
export type NameRun = (run: { readonly config: ExperimentConfig; readonly cycle: number }) => string;

/** Prepares the naming once for all runs of a study. */
export function runNamer(configs: readonly ExperimentConfig[], nCycles: number): NameRun {
  const varied = variedReader(configs);
  const nameConfig = (config: ExperimentConfig): string =>
    variedText(varied(config)) || `${config.backend} ${config.model}`;
  // All runs of an experiment have the same configuration, which never changes.
  const names = new WeakMap<ExperimentConfig, string>();
  return ({ config, cycle }) => {
    const name = names.get(config) ?? nameConfig(config);
    names.set(config, name);
    return printable(nCycles > 1 ? `${name} cycle ${cycle}` : name);
  };
}

/** `n_threads=2 n_parallel=4`; empty where nothing varies. */
export function variedText(varied: VariedValues): string {
  return Object.entries(varied).filter(([, value]) => value !== null)
    .map(([path, value]) => `${shortLabel(path)}=${cell(value)}`).join(" ");
}

/** The last part of a dotted path says enough in a line. */
export function shortLabel(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1);
}
