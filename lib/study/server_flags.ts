import type { Json } from "../base/json.ts";
import type { ServerFields } from "../experiment/engine_declaration.ts";
import { type Backend, ENGINE_DECLARATIONS, SERVER_FIELDS } from "../experiment/engines.ts";
import { SERVED_MODEL } from "../experiment/model_name.ts";
import { ownerOf } from "../experiment/sections.ts";
import { readableValue } from "./readable_value.ts";
import type { Override } from "./study.ts";

/** The arrivals that a rate means where nothing else is said: users who know nothing of each other. */
const USUAL_ARRIVALS = "poisson";

/** The engine under load whose settings the command line gives, where it names no backend; null where it gives none. */
export function servingBackend(overrides: readonly Override[]): Backend | null {
  const owners = overrides.map(({ path }) => ownerOf(unswept(path)));
  return owners.find((owner) => owner !== null && ENGINE_DECLARATIONS[owner].serves !== null) ?? null;
}

/**
 * Completes a command line that measures a server and has no study file: the model is asked of the server, a rate means
 * Poisson arrivals, and closed loads and rates side by side are points of one sweep.
 */
export function completeServerFlags(overrides: readonly Override[]): readonly Override[] {
  const named = (path: string): boolean => overrides.some((one) => unswept(one.path) === path);
  const source =
    overrides.find(({ path }) => SERVER_FIELDS.some(({ address }) => unswept(path) === address))?.source ??
      null;
  const model: Override[] = source === null || named("model")
    ? []
    : [{ path: "model", value: SERVED_MODEL, source }];
  return [...model, ...SERVER_FIELDS.reduce(withArrivals, overrides)];
}

function withArrivals(overrides: readonly Override[], fields: ServerFields): readonly Override[] {
  const { load, concurrency } = fields;
  const [arrivalsPath, ratePath] = [`${load}.arrivals`, `${load}.rate`];
  const rate = overrides.findLast(({ path }) => path === ratePath);
  if (rate === undefined) return overrides;
  const given = overrides.findLast(({ path }) => path === arrivalsPath);
  const arrivals = given === undefined ? USUAL_ARRIVALS : readableValue(given);
  const closed = overrides.findLast(({ path }) => path === concurrency);
  const [rates, counts] = [numbersOf(rate), closed === undefined ? null : numbersOf(closed)];
  if (closed !== undefined && (rates === null || counts === null)) {
    // Only what is wrong is looked at, so that nothing else is told of it.
    return withArrivals(overrides.filter((one) => one !== (rates === null ? closed : rate)), fields);
  }
  if (rates !== null && counts !== null) {
    const loads: Json = [
      ...counts.map((count) => ({ concurrency: count })),
      ...rates.map((rate) => ({ arrivals, rate })),
    ];
    const others = overrides.filter(({ path }) => ![ratePath, concurrency, arrivalsPath].includes(path));
    return [{ path: `sweep.${load}`, value: loads, source: rate.source }, ...others];
  }
  const isOpen = overrides.some(({ path }) => [load, arrivalsPath].includes(unswept(path)));
  return isOpen
    ? overrides
    : [{ path: arrivalsPath, value: USUAL_ARRIVALS, source: rate.source }, ...overrides];
}

/** The numbers of one option, or of a list with commas; null where they are none, which the check of them tells. */
function numbersOf(override: Override): number[] | null {
  const value = readableValue(override);
  const parts = Array.isArray(value) ? value : String(value).split(",");
  const numbers = parts.map((part) => String(part).trim() === "" ? NaN : Number(part));
  return numbers.every(Number.isFinite) ? numbers : null;
}

function unswept(path: string): string {
  return path.replace(/^sweep\./, "");
}
