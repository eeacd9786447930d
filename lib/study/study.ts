import type { Issue } from "../base/issue.ts";
import type { Json, JsonObject } from "../base/json.ts";
import type { Backend } from "../experiment/engines.ts";
import type { StudySecrets } from "./find_secrets.ts";
import type { Cluster } from "./cluster.ts";
import type { Execution } from "./execution.ts";
import type { Search } from "./search_schema.ts";
import type { Slo } from "./slo_schema.ts";

/** A study file as it was read: its name as the user gave it, its bytes, and a way to the files beside it. */
export interface StudySource {
  readonly file: string;
  readonly text: string | Uint8Array;
  /** Reads a `base` file; the path is absolute, or as seen from the folder of `file`. Without it a `base` is refused. */
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
  /** How several nodes share it. */
  readonly cluster: Cluster;
  /** Where each metric of `execution.until` is named; empty where the number of cycles is fixed. */
  readonly until_places: Readonly<Record<string, IssueLocation>>;
  /** How each backend's worker is started: `local`, `docker` or `docker:<image>`. */
  readonly runners: Readonly<Record<string, string>>;
  /** Shared fields and what is swept over them; null where the file lists its experiments only. */
  readonly grid: Grid | null;
  /** The experiments that the file lists, in its order. */
  readonly entries: readonly Entry[];
  /** What results are judged by; null where the file makes no promise. */
  readonly slo: Slo | null;
  /** Its first probe is a value of the grid; null where nothing is searched. */
  readonly search: Search | null;
  /** Where the file gives `measure.min_seconds` for all experiments; null where it does not. */
  readonly min_seconds_place: IssueLocation | null;
  /** Where `execution.parallel` and the number of devices are given; null each where they are not. */
  readonly parallel_places: Readonly<
    Record<"parallel" | "devices_per_run" | "devices", IssueLocation | null>
  >;
}

/**
 * A configuration as far as a file gives it: checked value by value, defaults not yet filled in, sections of several
 * backends perhaps side by side.
 */
export type Draft = JsonObject;

/** A grid of experiments: every combination of the dimensions' values over the shared fields. */
export interface Grid {
  readonly shared: Draft;
  /** In nesting order, the last varies fastest. The backend is one of them, outermost unless it is swept itself. */
  readonly dimensions: readonly Dimension[];
  /** Where the sweep stands in the file. */
  readonly location: IssueLocation;
}

/** One swept path and its values. */
export interface Dimension {
  /** Dotted path in the configuration. */
  readonly path: string;
  /** The backend whose section the path lies in; null where it is every backend's. */
  readonly owner: Backend | null;
  readonly values: readonly DimensionValue[];
}

export interface DimensionValue {
  /** Undefined leaves the path out, so that its default holds. */
  readonly value: Json | undefined;
  /** Why points with this value are left out; null where the value fits. */
  readonly problem: string | null;
  readonly location: IssueLocation;
}

/** An experiment that the file lists, over its shared fields. */
export interface Entry {
  readonly draft: Draft;
  readonly backend: Backend;
  readonly location: IssueLocation;
}

/** Where something stands, as an issue tells it. */
export type IssueLocation = Pick<Issue, "file" | "line" | "column">;

/** What reading gave: a study, or the reasons why not; warnings either way. */
export interface StudyReading {
  /** Null exactly when there are issues. */
  readonly study: Study | null;
  readonly issues: readonly Issue[];
  readonly warnings: readonly Issue[];
  /** What looks like a secret; none of it is in the issues and warnings. */
  readonly secrets: StudySecrets;
}
