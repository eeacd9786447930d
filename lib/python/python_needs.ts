import type { ExperimentConfig } from "../experiment/config.ts";
import { readPath } from "../experiment/read_path.ts";
import type { OtherBuilds } from "./pip.ts";

/** The oldest releases that an engine's worker runs with, by module; a module that is left out may be of any. */
export type OldestReleases = Readonly<Record<string, string>>;

/** What an engine that lives in Python asks of an interpreter, and its names in messages. */
export interface PythonNeeds {
  /** The backend's name. */
  readonly backend: string;
  /** The dotted path of the field that names the interpreter. */
  readonly field: string;
  /** Modules that every run needs. */
  readonly modules: readonly string[];
  /** Modules that a run of this configuration needs, those of every run first, in the order in which they are told. */
  readonly modulesOf: (config: ExperimentConfig) => readonly string[];
  /** What only some studies need. */
  readonly optional: readonly string[];
  readonly oldest: OldestReleases;
  /** The builds that this machine takes in place of the usual ones; left out where the usual ones run anywhere. */
  readonly other_builds?: () => OtherBuilds;
  /**
   * Hardware that packages do not bring and this machine lacks, as a sentence without its full stop; null, or left
   * out, where it has all.
   */
  readonly lackingHardware?: () => string | null;
}

/** The interpreter that a configuration names, as it stands in the study; null where it names none. */
export function namedInterpreter(config: ExperimentConfig, field: string): string | null {
  const name = readPath(config, field);
  return typeof name === "string" ? name : null;
}
