import type { Json } from "../base/json.ts";
import { type Backend, BACKENDS, DEFAULT_BACKEND } from "../experiment/engines.ts";
import type { Dimension, Entry, Grid } from "./study.ts";

/** The backends that a file names; null where it leaves the choice open, empty where what it names is none of ours. */
export type Stated = readonly Backend[] | null;

/** The backends that a `backend` key names, by its checked value. */
export function statedBackends(isGiven: boolean, value: Json | undefined): Stated {
  return isGiven ? namedBackends(value) : null;
}

/** The backends among one or several names, in their order. */
function namedBackends(value: Json | undefined): readonly Backend[] {
  const names = Array.isArray(value) ? value : [value];
  return BACKENDS.filter((backend) => names.includes(backend))
    .sort((one, other) => names.indexOf(one) - names.indexOf(other));
}

/** A grid's backends: those swept, else those stated, else those whose sections are swept, else the default. */
export function gridBackends(
  dimensions: readonly Dimension[],
  stated: Stated,
): readonly Backend[] {
  const swept = dimensions.find(({ path }) => path === "backend");
  if (swept !== undefined) {
    return swept.values.flatMap(({ value, problem }) => problem === null ? namedBackends(value) : []);
  }
  if (stated !== null) return stated;
  const owners = dimensions.map(({ owner }) => owner).filter((owner) => owner !== null);
  return owners.length > 0 ? [...new Set(owners)] : [DEFAULT_BACKEND];
}

/** Every backend that a study runs. */
export function backendsUsed(grid: Grid | null, entries: readonly Entry[]): ReadonlySet<Backend> {
  const dimension = grid?.dimensions.find(({ path }) => path === "backend");
  const swept = (dimension?.values ?? []).flatMap(({ value }) => namedBackends(value));
  return new Set([...swept, ...entries.map(({ backend }) => backend)]);
}
