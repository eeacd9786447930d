import { isJsonObject, type JsonObject } from "../base/json.ts";
import type { ExperimentConfig } from "./config.ts";
import { BACKENDS, ENGINE_DECLARATIONS } from "./engines.ts";
import { putPath } from "./put_path.ts";
import { readPath } from "./read_path.ts";
import { HIDDEN } from "./secret_names.ts";

/** A place of a configuration that says something of a variable of the worker's environment. */
export type VariablePlace =
  /** Its name, and the value stands there. */
  | { readonly kind: "set"; readonly name: string }
  /** The value there is a name. */
  | { readonly kind: "named" };

const FIELDS = BACKENDS.map((backend) => ENGINE_DECLARATIONS[backend].variable_fields).filter((fields) =>
  fields !== null
);

/** What stands at these keys of a configuration; null where it is no variable. */
export function variableAt(keys: readonly string[]): VariablePlace | null {
  const [above, name = ""] = [keys.slice(0, -1).join("."), keys.at(-1)];
  if (FIELDS.some(({ set }) => set === above)) return { kind: "set", name };
  return FIELDS.some(({ named }) => named === above) ? { kind: "named" } : null;
}

/** True for a word of a command line whose program gets variables of the study. */
export function isArgument(keys: readonly string[]): boolean {
  const above = keys.slice(0, -1).join(".");
  return FIELDS.some(({ set }) => above === [...set.split(".").slice(0, -1), "argv"].join("."));
}

/** A variable of llem's environment that a configuration asks for, and the field that does so. */
export interface AskedVariable {
  readonly field: string;
  readonly name: string;
}

/** Every variable that must be there before the first run: those passed by their names, and that of a server's key. */
export function askedVariables(config: ExperimentConfig): readonly AskedVariable[] {
  const { field = "", names = [] } = namedVariables(config) ?? {};
  const asked = names.map((name) => ({ field, name }));
  const { serves } = ENGINE_DECLARATIONS[config.backend];
  const key = serves === null ? undefined : readPath(config as JsonObject, serves.key);
  return serves === null || typeof key !== "string" ? asked : [...asked, { field: serves.key, name: key }];
}

/** The variables that a configuration takes from llem's environment by name, and the field that names them. */
export function namedVariables(
  config: ExperimentConfig,
): { readonly field: string; readonly names: readonly string[] } | null {
  const { variable_fields } = ENGINE_DECLARATIONS[config.backend];
  if (variable_fields === null) return null;
  const names = readPath(config, variable_fields.named);
  const texts = Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
  return { field: variable_fields.named, names: texts };
}

/**
 * The configuration as its variables count in its identity: one that is passed by its name counts by that, as one whose
 * value is a secret does. To move a token from one place to the other changes nothing.
 */
export function withNamesSet(config: ExperimentConfig): JsonObject {
  const { variable_fields } = ENGINE_DECLARATIONS[config.backend];
  const { names } = namedVariables(config) ?? { names: [] };
  if (variable_fields === null || names.length === 0) return config as JsonObject;
  const set = readPath(config, variable_fields.set);
  const all = { ...Object.fromEntries(names.map((name) => [name, HIDDEN])), ...set as JsonObject };
  const without = putPath(config as JsonObject, variable_fields.named.split("."), undefined);
  return putPath(without, variable_fields.set.split("."), all);
}

/** A configuration of an earlier llem, which had no variables by name, with the empty list of them. */
export function withNamedField(config: ExperimentConfig): ExperimentConfig {
  const { variable_fields } = ENGINE_DECLARATIONS[config.backend];
  if (variable_fields === null || readPath(config, variable_fields.named) !== undefined) return config;
  const above = variable_fields.named.split(".").slice(0, -1).join(".");
  // An engine may have none of these variables because what they are for is not there.
  if (!isJsonObject(readPath(config, above))) return config;
  return putPath(config as JsonObject, variable_fields.named.split("."), []) as unknown as ExperimentConfig;
}
