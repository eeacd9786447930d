import type { z } from "zod";
import type { JsonObject } from "../base/json.ts";
import type { ServedLoad } from "./engines/openai/load.ts";
import type { Rule } from "./rule.ts";

/** The field that allows an engine to run code that comes with a model. It is always part of the identity. */
export interface RemoteCode {
  /** Dotted. */
  readonly path: string;
  /**
   * What a field left open meant to llenergymeasure and to earlier versions of llem, which wrote null for it; null where
   * neither has the field.
   */
  readonly formerly: boolean | null;
}

/**
 * What a field that names a file says: a path (`file`), a program, where a slash makes it a path (`program`), a path or a
 * name of the hub (`hub`), or a program with its arguments (`command_line`).
 */
export type PathKind = "file" | "program" | "hub" | "command_line";

/** Fields of an engine that measures a server, by their dotted paths. */
export interface ServerFields {
  /** The address of a server that runs already. */
  readonly address: string;
  /** The server that llem starts: a section with `lifetime` and `ready_path`. */
  readonly server: string;
  /** Names the variable with the key of the server. */
  readonly key: string;
  /** When requests are sent: a section with `arrivals`, `rate` and `concurrency`. */
  readonly load: string;
  /** The short form of a closed load. */
  readonly concurrency: string;
  /** The load of a section that keeps the rules; null for one of an earlier version, which had none. */
  readonly loadOf: (section: JsonObject) => ServedLoad | null;
}

/** Fields of a load that its name tells: `poisson 2/s` is its arrivals and its rate. */
const NAMED_BY_LOAD: readonly string[] = [
  "arrivals",
  "concurrency",
  "rate",
  "to",
  "seconds",
  "shape",
  "file",
  "speed",
];

/** Dotted paths of the fields whose values the name of a load tells. */
export function namedLoadFields({ load, concurrency }: ServerFields): string[] {
  return [concurrency, ...NAMED_BY_LOAD.map((name) => `${load}.${name}`)];
}

/** A field that a search for the highest load may be over. */
export interface SearchedLoad {
  /** Dotted. */
  readonly path: string;
  /** It takes whole numbers. */
  readonly whole: boolean;
}

/** All of them of an engine. */
export function searchedLoads({ load, concurrency }: ServerFields): SearchedLoad[] {
  return [
    { path: `${load}.rate`, whole: false },
    { path: `${load}.concurrency`, whole: true },
    { path: concurrency, whole: true },
  ];
}

/** What an engine adds to the configuration of an experiment, and what it makes of the fields that all engines share. */
export interface EngineDeclaration {
  /** The field of an experiment that bears the engine's name and holds its options; null where it has none. */
  readonly section: z.ZodType | null;
  /** Why the section must be given: what a run needs it for, and what to add. Null where all of it may be left out. */
  readonly needs_section: { readonly what: string; readonly hint: string } | null;
  /** Further fields of an experiment that only this engine reads, by name. */
  readonly fields: z.core.$ZodLooseShape;
  /** Rules between fields of the section. */
  readonly rules: readonly Rule[];
  /**
   * How llenergymeasure knows the engine; null where it does not. A design that both can run is shuffled by the same
   * seed there and here, so this decides about seeds.
   */
  readonly upstream: {
    /** Keys of the section that only llem has: a configuration that gives one is none of llenergymeasure's. */
    readonly keys_of_ours: readonly string[];
  } | null;
  /**
   * Names that other tools use for a setting, and the dotted path that stands for it here. A name alone is meant wherever a
   * file has it and nothing is nearer; one with the path of its place is meant in that place alone.
   */
  readonly former_names: Readonly<Record<string, string>>;
  /**
   * What the engine makes of `precision`: it loads the model so (`asked`), the model brings its own (`of_model`), or its
   * worker alone knows, so that the field has no default (`unknown`).
   */
  readonly precision: "asked" | "of_model" | "unknown";
  /**
   * What `model` names: a GGUF file of this machine (`gguf_file`); a folder, a GGUF file or a repository of the hub,
   * with adapters on top (`hub`); or something that llem does not look for (`elsewhere`).
   */
  readonly models: "gguf_file" | "hub" | "elsewhere";
  /**
   * Further fields that name files, by their dotted paths: what hashes and joins studies goes by what a path means, not by
   * its spelling.
   */
  readonly path_fields: Readonly<Record<string, PathKind>>;
  /**
   * Names of models that only this engine runs: on a command line without a study file such a name chooses the engine.
   * Empty where names alone do not tell.
   */
  readonly model_names: readonly RegExp[];
  /** The dotted path of the field that names the model's branch, tag or commit; null where there is none. */
  readonly revision: string | null;
  /**
   * Dotted paths of the fields for the environment of its worker: a mapping that sets variables, and a list of names that
   * are taken from llem's own. Null for an engine that has none.
   */
  readonly variable_fields: { readonly set: string; readonly named: string } | null;
  /** Dotted paths of declared fields that may hold a secret: arguments of a program, an address with a password. */
  readonly secret_fields: { readonly arguments: string | null; readonly address: string | null };
  /** What allows code of a model to be run; null for an engine that runs none. */
  readonly remote_code: RemoteCode | null;
  /**
   * False for a worker of the user's own: llem does not know what it makes of a workload. It may know names of datasets
   * that llem does not, and needs none because of a default.
   */
  readonly workload_known: boolean;
  /**
   * The dotted path of the field that says how many prompts are worked on at once, in batches that begin and end together
   * (`static`); null where llem does not know.
   */
  readonly concurrency: { readonly path: string; readonly batches: "static" } | null;
  /**
   * For an engine that is measured under load: it takes prompts with a shared prefix and in turns, and windows in a steady
   * state. Null for any other.
   */
  readonly serves: ServerFields | null;
  /** Its section with settings that can be written in two ways written in one, for the identity; null where there are none. */
  readonly meaning: ((section: JsonObject) => JsonObject) | null;
  /** Variables of the environment that stand for options of the engine: they are recorded with a study. */
  readonly variables: readonly string[];
}
