import { isJsonObject, type Json } from "../base/json.ts";
import { experimentSchema } from "./config.ts";
import { HIDDEN, hideTexts, hideTokens, isSecretValue, type SecretName, secretName } from "./secret_names.ts";
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
  const secrets: Secret[] = [];
  const walk: Walk = { secrets, path: [], name: null, isFree: false };
  const hidden = hideIn(walk, mapShapeOf(experimentSchema), config as unknown as Json);
  return { config: secrets.length === 0 ? config : hidden as unknown as Config, secrets };
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

/** The same value with these texts hidden in all of its own. */
export function hideTextsIn<Value>(value: Value, secrets: readonly string[]): Value {
  if (secrets.length === 0) return value;
  return mapTexts(value, (text) => hideTexts(text, secrets)) as Value;
}

interface Walk {
  readonly secrets: Secret[];
  readonly path: readonly string[];
  /** What the keys so far say. */
  readonly name: SecretName;
  /** True where no declaration says what stands there. */
  readonly isFree: boolean;
}

function hideIn(walk: Walk, shape: Shape | null, value: Json): Json {
  if (typeof value === "string" || typeof value === "number") return hideValue(walk, value);
  if (Array.isArray(value)) return hideList(walk, value);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).map(([key, part]): [string, Json | undefined] => {
    if (part === undefined) return [key, part];
    const declared = shape?.kind === "map" ? shape.keys.get(key) : undefined;
    const isFree = walk.isFree || (shape !== null && isOpenAt(shape, key));
    const name = isFree ? stronger(walk.name, secretName(key)) : null;
    return [key, hideIn({ ...walk, path: [...walk.path, key], name, isFree }, declared?.shape ?? null, part)];
  });
  return Object.fromEntries(entries);
}

/** True where a mapping takes a key that no declaration describes. */
function isOpenAt(shape: Shape, key: string): boolean {
  return shape.kind === "dictionary" || shape.kind === "free" ||
    (shape.kind === "map" && !shape.keys.has(key));
}

function stronger(one: SecretName, other: SecretName): SecretName {
  return one === "any" || other === "any" ? "any" : one ?? other;
}

/** An option of a program brings its value behind `=` or as the next argument. */
function hideList(walk: Walk, list: readonly Json[]): Json {
  return list.map((item, index) => {
    const below = { ...walk, path: [...walk.path, String(index)] };
    const before = list[index - 1];
    const isArgument = ARGUMENTS.has(walk.path.join("."));
    if (!isArgument || typeof item !== "string") return hideIn(below, walk.isFree ? FREE : null, item);
    const { option, value } = /^--?(?<option>[\w-]+)=(?<value>.+)$/s.exec(item)?.groups ?? {};
    if (option !== undefined && value !== undefined && isSecretValue(secretName(option), value)) {
      return hide(below, item, `${item.slice(0, -value.length)}${HIDDEN}`);
    }
    const isNamed = typeof before === "string" && /^--?[\w-]+$/.test(before) && !item.startsWith("-");
    return hideValue({ ...below, name: isNamed ? secretName(before) : null, isFree: true }, item);
  });
}

const SECRET_FIELDS = BACKENDS.map((backend) => ENGINE_DECLARATIONS[backend].secret_fields);
const ARGUMENTS: ReadonlySet<string | null> = new Set(SECRET_FIELDS.map((fields) => fields.arguments));
const ADDRESSES: ReadonlySet<string | null> = new Set(SECRET_FIELDS.map((fields) => fields.address));
const FREE: Shape = { kind: "free" };

function hideValue(walk: Walk, value: string | number): Json {
  // A variable is text, however it is written.
  const isVariable = variableAt(walk.path)?.kind === "set";
  if (isSecretValue(walk.name, isVariable ? String(value) : value)) return hide(walk, value, HIDDEN);
  if (typeof value === "number" || !(walk.isFree || ADDRESSES.has(walk.path.join(".")))) return value;
  const shown = hideTokens(value);
  return shown === value ? value : hide(walk, value, shown);
}

function hide({ secrets, path }: Walk, value: string | number, shown: string): string {
  secrets.push({ path, value });
  return shown;
}

function put(whole: Json, [key, ...rest]: readonly string[], value: Json): Json {
  if (key === undefined) return value;
  if (Array.isArray(whole)) {
    return whole.map((item, index) => String(index) === key ? put(item, rest, value) : item);
  }
  return isJsonObject(whole) ? { ...whole, [key]: put(whole[key] ?? null, rest, value) } : whole;
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, mapTexts(part, change)]));
}
