import type { MapShape, Shape } from "../experiment/shape.ts";
import { keysExclude, knownKeys, moveToTop, oneOfPaths, spaceAfterColon, writeText } from "./messages.ts";
import { joinPath, withinConfig } from "./paths.ts";
import { followPath } from "./follow_path.ts";
import type { Language } from "./language.ts";
import { didYouMean, fewSlips, nearestName } from "./spelling.ts";

/** With more keys than this a list of them helps nobody. */
const MOST_LISTED = 17;
const MOST_PATHS = 3;

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
  if (key.includes(":")) return { hint: spaceAfterColon(), isSlip: true };
  const own = withinConfig(path);
  // Another tool's word in this very place means one thing, however near it is to others.
  const meant = own.includes(".") ? language.formerNames.get(own) : undefined;
  if (meant !== undefined) return { hint: didYouMean(meant), isSlip: true };
  const near = nearestName(key, names, shape.open ? fewSlips : undefined);
  if (near !== null) return { hint: didYouMean(near), isSlip: true };
  const paths = pathsOf(language, key);
  if (own.includes(".") && paths.includes(own)) {
    return { hint: keysExclude(), isSlip: true };
  }
  if (language.topKeys.has(own)) return { hint: moveToTop(), isSlip: true };
  const inSection = paths.filter((other) => sectionOf(other) === sectionOf(own));
  if (inSection.length > 0) return { hint: offerPaths(inSection), isSlip: true };
  if (shape.open) return { hint: null, isSlip: false };
  // A key of one section is hardly a stray from deep within another one: those of its own say more.
  const strays = own.includes(".") ? paths.filter((other) => other.split(".").length <= 2) : paths;
  return { hint: hintFor(language, key, names, strays), isSlip: true };
}

function hintFor(
  { shape, formerNames }: Language,
  key: string,
  names: readonly string[],
  paths: readonly string[],
): string | null {
  const former = formerNames.get(key);
  if (former !== undefined) return didYouMean(former);
  if (key.includes(".") && followPath(shape(), key).kind === "slot") {
    const keys = key.split(".");
    return writeText(`${keys.join(": { ")}: ...${" }".repeat(keys.length - 1)}`);
  }
  if (paths.length > 0) return offerPaths(paths);
  return names.length <= MOST_LISTED ? knownKeys(names) : null;
}

function offerPaths(paths: readonly string[]): string | null {
  const [first] = paths;
  if (first === undefined) return null;
  return paths.length === 1 ? didYouMean(first) : oneOfPaths(paths.slice(0, MOST_PATHS));
}

function sectionOf(path: string): string {
  return path.split(".", 1)[0] ?? "";
}

/** Every dotted path of a language that ends in a name. */
function pathsOf(language: Language, name: string): readonly string[] {
  let paths = pathsByLanguage.get(language);
  if (paths === undefined) {
    paths = indexPaths(language);
    pathsByLanguage.set(language, paths);
  }
  return paths.get(name) ?? [];
}

const pathsByLanguage = new WeakMap<Language, ReadonlyMap<string, readonly string[]>>();

function indexPaths(language: Language): ReadonlyMap<string, readonly string[]> {
  const index = new Map<string, string[]>();
  const visit = (shape: Shape, path: string): void => {
    if (shape.kind === "either") {
      for (const option of shape.options) visit(option.shape, path);
    }
    if (shape.kind !== "map") return;
    for (const [key, slot] of shape.keys) {
      const below = joinPath(path, key);
      index.set(key, [...index.get(key) ?? [], below]);
      visit(slot.shape, below);
    }
  };
  visit(language.shape(), "");
  return index;
}
