import type { MapShape, Shape } from "../experiment/shape.ts";
import { joinPath, withinConfig } from "./paths.ts";
import { followPath } from "./follow_path.ts";
import type { Language } from "./language.ts";
import { didYouMean, fewSlips, nearestName } from "./spelling.ts";

/** With more keys than this a list of them helps nobody. */
const MOST_LISTED = 14;
const MOST_PLACES = 3;

/** What to say about a key that a mapping does not know, and whether it is a slip or something for the engine. */
export interface UnknownKey {
  readonly hint: string | null;
  readonly isSlip: boolean;
}

/** Explains a key that is none of a mapping's; an open mapping takes it unless it is near a name known in the section. */
export function explainUnknownKey(
  language: Language,
  shape: MapShape,
  key: string,
  path: string,
): UnknownKey {
  const names = [...shape.keys.keys()];
  if (key.includes(":")) return { hint: "put a space after the colon", isSlip: true };
  const near = nearestName(key, names, shape.open ? fewSlips : undefined);
  if (near !== null) return { hint: didYouMean(near), isSlip: true };
  const places = placesOf(language, key);
  const own = withinConfig(path);
  if (own.includes(".") && places.includes(own)) {
    return { hint: "it does not go with the keys beside it", isSlip: true };
  }
  if (language.topKeys.has(own)) return { hint: "move it to the top level of the file", isSlip: true };
  const inSection = places.filter((place) => sectionOf(place) === sectionOf(own));
  if (inSection.length > 0) return { hint: offerPlaces(inSection), isSlip: true };
  if (shape.open) return { hint: null, isSlip: false };
  return { hint: hintFor(language, key, names, places), isSlip: true };
}

function hintFor(
  { shape, formerNames }: Language,
  key: string,
  names: readonly string[],
  places: readonly string[],
): string | null {
  const former = formerNames.get(key);
  if (former !== undefined) return didYouMean(former);
  if (key.includes(".") && followPath(shape(), key).kind === "slot") {
    return `write ${key.split(".").join(": { ")}: ... }`;
  }
  if (places.length > 0) return offerPlaces(places);
  return names.length <= MOST_LISTED ? `known keys: ${names.join(", ")}` : null;
}

function offerPlaces(places: readonly string[]): string | null {
  const [first] = places;
  if (first === undefined) return null;
  return places.length === 1 ? didYouMean(first) : `known as ${places.slice(0, MOST_PLACES).join(", ")}`;
}

function sectionOf(path: string): string {
  return path.split(".", 1)[0] ?? "";
}

/** Every dotted path of a language that ends in a name. */
function placesOf(language: Language, name: string): readonly string[] {
  let places = placesByLanguage.get(language);
  if (places === undefined) {
    places = indexPlaces(language);
    placesByLanguage.set(language, places);
  }
  return places.get(name) ?? [];
}

const placesByLanguage = new WeakMap<Language, ReadonlyMap<string, readonly string[]>>();

function indexPlaces(language: Language): ReadonlyMap<string, readonly string[]> {
  const index = new Map<string, string[]>();
  const visit = (shape: Shape, path: string): void => {
    if (shape.kind === "either") { for (const option of shape.options) visit(option.shape, path); }
    if (shape.kind !== "map") return;
    for (const [key, slot] of shape.keys) {
      const place = joinPath(path, key);
      index.set(key, [...index.get(key) ?? [], place]);
      visit(slot.shape, place);
    }
  };
  visit(language.shape(), "");
  return index;
}
