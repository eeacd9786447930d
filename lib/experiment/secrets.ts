import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import { experimentSchema } from "./config.ts";
import { HIDDEN, hideTokens, isSecretValue, type SecretName, secretName } from "./secret_names.ts";
import { BACKENDS, ENGINE_DECLARATIONS } from "./engines.ts";
import { variableAt } from "./worker_variables.ts";
import { mapShapeOf, type Shape } from "./shape.ts";

/** A value that was taken out of a configuration. */
export interface Secret {
  /** Keys from the outside in; the place in a list as its number. */
  readonly path: readonly string[];
  readonly value: string | number;
}

/** A configuration that may be written and shown, and what was taken out of it. */
export interface Hidden<Config> {
  readonly config: Config;
  readonly secrets: readonly Secret[];
}

/**
 * Takes out of a configuration, or of a part of one, what looks like a secret: in places that take any key by the name of
 * the key or by the value, in the arguments of a program by either. What is left says that something was there.
 */
export function hideSecrets<Config extends object>(config: Config): Hidden<Config> {
  const walk: Walk = { found: [], path: [] };
  lookIn(walk, mapShapeOf(experimentSchema), config as unknown as Json, DECLARED);
  if (walk.found.length === 0) return { config, secrets: [] };
  const hidden = walk.found.reduce<Json>(
    (whole, { path, shown }) => put(whole, path, shown),
    config as unknown as Json,
  );
  return {
    config: hidden as unknown as Config,
    secrets: walk.found.map(({ path, value }) => ({ path, value })),
  };
}

/** The configuration as it was, for whoever runs it. */
export function revealSecrets<Config extends object>(config: Config, secrets: readonly Secret[]): Config {
  return secrets.reduce<Json>(
    (whole, { path, value }) => put(whole, path, value),
    config as unknown as Json,
  ) as unknown as Config;
}

/** A value that would stand at these keys of a configuration, as it may be shown. */
export function shownAt(keys: readonly string[], value: Json): Json {
  const config = [...keys].reverse().reduce<Json>((inner, key) => ({ [key]: inner }), value);
  if (!isJsonObject(config)) return value;
  const shown = keys.reduce<Json>(
    (outer, key) => isJsonObject(outer) ? outer[key] ?? null : null,
    hideSecrets(config).config,
  );
  return shown;
}

interface Walk {
  readonly found: (Secret & { readonly shown: string })[];
  /** Keys so far. */
  readonly path: string[];
}

/** What is known of a place by the keys above it. */
interface Place {
  /** True where no declaration says what stands there. */
  readonly isFree: boolean;
  /** What the keys so far say. */
  readonly name: SecretName;
}

const DECLARED: Place = { isFree: false, name: null };

function lookIn(walk: Walk, shape: Shape | null, value: Json, place: Place): void {
  if (typeof value === "string" || typeof value === "number") return lookAt(walk, value, place);
  if (value === null || typeof value !== "object") return;
  if (Array.isArray(value)) return lookInList(walk, value, place);
  for (const [key, part] of Object.entries(value as JsonObject)) {
    const declared = shape?.kind === "map" ? shape.keys.get(key)?.shape ?? null : null;
    if (part === null || part === undefined || (declared !== null && !mayHold(declared, key))) continue;
    const isFree = place.isFree || (shape !== null && declared === null && shape.kind !== "either");
    const name = isFree ? stronger(place.name, secretName(key)) : null;
    below(walk, key, () => lookIn(walk, declared, part, { isFree, name }));
  }
}

function below(walk: Walk, key: string, look: () => void): void {
  walk.path.push(key);
  look();
  walk.path.pop();
}

const holders = new WeakMap<Shape, boolean>();

/** False for a declared field that can hold no secret at any depth: most of a configuration. */
function mayHold(shape: Shape, key: string): boolean {
  if (SECRET_KEYS.has(key)) return true;
  const known = holders.get(shape);
  if (known !== undefined) return known;
  const may = shape.kind === "dictionary" || shape.kind === "free" ||
    (shape.kind === "map" &&
      (shape.open || [...shape.keys].some(([below, slot]) => mayHold(slot.shape, below))));
  holders.set(shape, may);
  return may;
}

function stronger(one: SecretName, other: SecretName): SecretName {
  return one === "any" || other === "any" ? "any" : one ?? other;
}

/** An option of a program brings its value behind `=` or as the next argument. */
function lookInList(walk: Walk, list: readonly Json[], place: Place): void {
  const isArguments = ARGUMENTS.has(walk.path.join("."));
  for (const [index, item] of list.entries()) {
    below(walk, String(index), () => {
      if (isArguments && typeof item === "string") lookAtArgument(walk, item, list[index - 1]);
      else if (place.isFree) lookIn(walk, null, item, place);
    });
  }
}

function lookAtArgument(walk: Walk, item: string, before: Json | undefined): void {
  const { option, value } = /^--?(?<option>[\w-]+)=(?<value>.+)$/s.exec(item)?.groups ?? {};
  if (option !== undefined && value !== undefined && isSecretValue(secretName(option), value)) {
    return tell(walk, item, `${item.slice(0, -value.length)}${HIDDEN}`);
  }
  const isNamed = typeof before === "string" && /^--?[\w-]+$/.test(before) && !item.startsWith("-");
  lookAt(walk, item, { isFree: true, name: isNamed ? secretName(before) : null });
}

const SECRET_FIELDS = BACKENDS.map((backend) => ENGINE_DECLARATIONS[backend].secret_fields);
const ARGUMENTS: ReadonlySet<string | null> = new Set(SECRET_FIELDS.map((fields) => fields.arguments));
const ADDRESSES: ReadonlySet<string | null> = new Set(SECRET_FIELDS.map((fields) => fields.address));
/** The last keys of these fields. */
const SECRET_KEYS: ReadonlySet<string | undefined> = new Set(
  [...ARGUMENTS, ...ADDRESSES].map((path) => path?.split(".").at(-1)),
);

function lookAt(walk: Walk, value: string | number, { isFree, name }: Place): void {
  // A variable is text, however it is written.
  const isVariable = name !== null && variableAt(walk.path)?.kind === "set";
  if (isSecretValue(name, isVariable ? String(value) : value)) return tell(walk, value, HIDDEN);
  if (typeof value === "number" || !(isFree || ADDRESSES.has(walk.path.join(".")))) return;
  const shown = hideTokens(value);
  if (shown !== value) tell(walk, value, shown);
}

function tell({ found, path }: Walk, value: string | number, shown: string): void {
  found.push({ path: [...path], value, shown });
}

function put(whole: Json, [key, ...rest]: readonly string[], value: Json): Json {
  if (key === undefined) return value;
  if (Array.isArray(whole)) {
    return whole.map((item, index) => String(index) === key ? put(item, rest, value) : item);
  }
  return isJsonObject(whole) ? { ...whole, [key]: put(whole[key] ?? null, rest, value) } : whole;
}
