import { isJsonObject, type Json } from "../base/json.ts";
import type { Environment } from "../host/environment.ts";

/** What the numbers of a node depend on, by a name that people read; a value is null where it is unknown. */
export type Hardware = Readonly<Record<string, string | null>>;

/** What is not as it is on the first agent's machine. */
export interface HardwareDifference {
  readonly what: string;
  readonly first: string;
  readonly here: string;
}

/** Facts of a board that make another machine of it, by what they are called here. */
const BOARD_FACTS: Readonly<Record<string, string>> = {
  "power limit": "power_limit_enforced_w",
  "ECC": "ecc",
  "persistence mode": "persistence_mode",
};

/** The hardware and versions of a machine. `versions`: of the engines, by their names. */
export function hardwareOf(
  { cpu_model, nvidia_driver, gpus, devices, llem_version }: Environment,
  versions: Readonly<Record<string, string>> = {},
): Hardware {
  const metered = (devices ?? []).filter(({ kind }) => kind === "gpu");
  const models = metered.length > 0
    ? metered.map(({ name }) => name)
    : gpus.map((text) => text.replace(/ (GPU-\S+|\S+:\S+).*$/, ""));
  const facts = Object.entries(BOARD_FACTS).map(([name, fact]) => [
    name,
    oneOf(metered.flatMap(({ facts }) => textOf(facts[fact]) ?? [])),
  ]);
  return {
    "GPU": oneOf(models),
    "driver": nvidia_driver ?? oneOf(metered.flatMap(({ facts }) => textOf(facts["driver_version"]) ?? [])),
    ...Object.fromEntries(facts),
    "CPU": cpu_model,
    "llem": llem_version,
    ...versions,
  };
}

/** What is known of both and differs. */
export function hardwareDifferences(first: Hardware, here: Hardware): HardwareDifference[] {
  return Object.keys({ ...first, ...here }).flatMap((what) => {
    const [before, now] = [first[what] ?? null, here[what] ?? null];
    return before === null || now === null || before === now ? [] : [{ what, first: before, here: now }];
  });
}

/** Each value once; how many there are makes no difference: a node of four boards measures as one of eight. */
function oneOf(values: readonly string[]): string | null {
  return values.length === 0 ? null : [...new Set(values)].sort().join(", ");
}

function textOf(value: Json | undefined): string | null {
  if (value === undefined || value === null) return null;
  return isJsonObject(value) || Array.isArray(value) ? JSON.stringify(value) : String(value);
}
