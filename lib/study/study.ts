import type { Issue } from "../base/issue.ts";
import type { Json } from "../base/json.ts";
import type { Execution } from "./execution.ts";

/** A study file as it was read: its name as the user gave it, its bytes, and a way to the files beside it. */
export interface StudySource {
  readonly file: string;
  readonly text: string | Uint8Array;
  /** Reads a `base` file; the path is relative to where `file` is. Without it a `base` cannot be used. */
  readonly readFile?: (path: string) => Uint8Array | string | FileTrouble;
}

/** Why a file could not be read, in words for people. */
export interface FileTrouble {
  readonly trouble: string;
}

/** A value given on the command line over the study file: as it is, or as YAML text still to be read. */
export type Override =
  & {
    /** Dotted path in the study file: `n`, `execution.n_cycles`, `sweep.params.batch`. */
    readonly path: string;
    /** The option as the user knows it, such as `--set`; messages name it as their file. */
    readonly source: string;
  }
  & ({ readonly value: Json } | { readonly text: string });

/** A checked study: what to expand, and how to carry it out. */
export interface Study {
  /** The file as the user gave it, null where flags alone made the study. */
  readonly file: string | null;
  /** `study` has a sweep, explicit experiments or several backends; `experiment` is one configuration. */
  readonly kind: "study" | "experiment";
  readonly name: string | null;
  readonly execution: Execution;
  /** How each backend's worker is started: `local`, `docker` or `docker:<image>`. */
  readonly runners: Readonly<Record<string, string>>;
}

/** What reading gave: a study, or the reasons why not; warnings either way. */
export interface StudyReading {
  /** Null exactly when there are issues. */
  readonly study: Study | null;
  readonly issues: readonly Issue[];
  readonly warnings: readonly Issue[];
}
