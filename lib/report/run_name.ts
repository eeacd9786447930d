import type { Json } from "../base/json.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import { NAMED_LOAD_FIELDS, type ServedLoad, servedLoadOf } from "../experiment/load.ts";
import { cell, variedReader, type VariedValues } from "../results/varied.ts";
import { printable } from "../base/text.ts";
import { servedLoadText } from "./served/messages.ts";

/** Names a run of one study by what tells it from the others: `n_threads=2 cycle 1`. */
export type NameRun = (run: { readonly config: ExperimentConfig; readonly cycle: number }) => string;

/** Prepares the naming once for all runs of a study. */
export function runNamer(configs: readonly ExperimentConfig[], nCycles: number): NameRun {
  const varied = variedReader(configs);
  const nameConfig = (config: ExperimentConfig): string =>
    variedText(varied(config), servedLoadOf(config)) || `${config.backend} ${config.model}`;
  // All runs of an experiment have the same configuration, which never changes.
  const names = new WeakMap<ExperimentConfig, string>();
  return ({ config, cycle }) => {
    const name = names.get(config) ?? nameConfig(config);
    names.set(config, name);
    return printable(nCycles > 1 ? `${name} cycle ${cycle}` : name);
  };
}

/** `n_threads=2 n_parallel=4`, or `poisson 2/s` for what makes a load; empty where nothing varies. */
export function variedText(varied: VariedValues, load: ServedLoad | null = null): string {
  const parts = labelledPaths(Object.keys(varied), load !== null).flatMap(({ label, path }) => {
    if (path === null) return load === null ? [] : [servedLoadText(load)];
    const value = varied[path] ?? null;
    return value === null ? [] : [`${label}=${cell(value)}`];
  });
  return parts.join(" ");
}

/** What a column or a part of a name is about: a path of the configuration, or, where that is null, the load as a whole. */
export interface LabelledPath {
  readonly label: string;
  readonly path: string | null;
}

/** The paths with their labels; those that together make a load as one, where there is a load to be named. */
export function labelledPaths(paths: readonly string[], hasLoad: boolean): LabelledPath[] {
  const isOfLoad = (path: string): boolean => hasLoad && NAMED_LOAD_FIELDS.has(path);
  const first = paths.find(isOfLoad);
  return paths.flatMap((path): LabelledPath[] => {
    if (!isOfLoad(path)) return [{ label: shortLabel(path), path }];
    return path === first ? [{ label: "load", path: null }] : [];
  });
}

/** A cell of such a column. */
export function labelledCell(
  { path }: LabelledPath,
  valueAt: (path: string) => Json | undefined,
  load: ServedLoad | null,
): string {
  return path === null ? load === null ? "" : servedLoadText(load) : cell(valueAt(path));
}

/** The last part of a dotted path says enough in a line. */
export function shortLabel(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1);
}
