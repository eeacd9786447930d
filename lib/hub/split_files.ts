import { Problem } from "../base/problem.ts";
import type { CardConfig } from "./dataset_card.ts";
import { globPattern } from "./glob.ts";
import { usualSplits } from "./usual_splits.ts";
import {
  noReadableFiles,
  noSuchSplit,
  noSuchSubset,
  noSuchSubsetFolder,
  severalSubsets,
} from "./messages.ts";

/** The part of a dataset that is wanted. */
export interface Part {
  readonly split: string;
  /** Null is the default one, or the only one. */
  readonly subset: string | null;
}

/** A split has no file that can be read: the hub may have a conversion. */
export class NoReadableFiles extends Problem {}

/** Formats that can be read. */
const READABLE = /\.(parquet|jsonl|ndjson|json)$/i;
/** Files that describe the data, and what begins with a point or two underscores. */
const NO_DATA =
  /(^|\/)(\.|__|dataset_infos?\.json$|dataset_dict\.json$|state\.json$|package\.json$|config\.json$)/;

/**
 * The files of a split, in the order of their rows, as the library `datasets` finds them: by the card, else by their
 * names. Throws Problem with what there is instead.
 */
export function splitFiles(
  paths: readonly string[],
  card: readonly CardConfig[],
  part: Part,
  name: string,
): readonly string[] {
  const data = paths.filter((path) => !NO_DATA.test(path)).toSorted();
  const splits = card.length > 0 ? cardSplits(data, card, part, name) : nameSplits(data, part, name);
  const files = splits.get(part.split);
  if (files === undefined) {
    const there = [...splits.keys()].join(", ");
    if (there === "") throw unreadable(name, paths);
    throw new Problem(noSuchSplit(name, part.split, there));
  }
  const readable = files.filter((path) => READABLE.test(path));
  if (readable.length === 0) throw unreadable(name, files.length === 0 ? paths : files);
  return readable;
}

/** The files of a split of the hub's conversion to Parquet: `<subset>/<split>/0000.parquet`. */
export function convertedFiles(paths: readonly string[], part: Part, name: string): readonly string[] {
  const data = paths.filter((path) => /^[^/]+\/[^/]+\/[^/]+\.parquet$/.test(path)).toSorted();
  const subsets = [...new Set(data.map((path) => path.split("/")[0] ?? ""))];
  const subset = chooseSubset(subsets, subsets.filter((each) => each === "default"), part, name);
  const own = data.filter((path) => path.startsWith(`${subset}/`));
  const files = own.filter((path) => path.startsWith(`${subset}/${part.split}/`));
  if (files.length > 0) return files;
  const there = [...new Set(own.map((path) => path.split("/")[1]))].join(", ");
  throw new Problem(noSuchSplit(name, part.split, there || "none"));
}

type Splits = ReadonlyMap<string, readonly string[]>;

function cardSplits(data: readonly string[], card: readonly CardConfig[], part: Part, name: string): Splits {
  const defaults = card.filter(({ isDefault }) => isDefault).map((config) => config.name);
  const subset = chooseSubset(card.map((config) => config.name), defaults, part, name);
  const config = card.find((each) => each.name === subset);
  const folder = config?.dataDir ? `${config.dataDir}/` : "";
  const below = data.filter((path) => path.startsWith(folder));
  const declared = config?.splits ?? null;
  if (declared === null) return usualSplits(below.filter((path) => READABLE.test(path)));
  return new Map([...declared].map(([split, globs]) => [split, matching(below, globs, folder)]));
}

/** Without a card, a subset is a folder. */
function nameSplits(data: readonly string[], { subset }: Part, name: string): Splits {
  const readable = data.filter((path) => READABLE.test(path));
  if (subset === null) return usualSplits(readable);
  const own = readable.filter((path) => path.startsWith(`${subset}/`));
  if (own.length > 0) return usualSplits(own);
  const folders = [...new Set(data.filter((path) => path.includes("/")).map((path) => path.split("/")[0]))];
  throw new Problem(noSuchSubsetFolder(name, subset, folders.join(", ") || "none"));
}

function chooseSubset(
  all: readonly string[],
  defaults: readonly string[],
  { subset }: Part,
  name: string,
): string {
  if (subset !== null && all.includes(subset)) return subset;
  const only = defaults.length === 1 ? defaults[0] : all.length === 1 ? all[0] : undefined;
  if (subset === null && only !== undefined) return only;
  const there = all.join(", ") || "none";
  throw new Problem(
    subset === null ? severalSubsets(name, there) : noSuchSubset(name, subset, there),
  );
}

function matching(data: readonly string[], globs: readonly string[], folder: string): string[] {
  const found = globs.flatMap((glob) => {
    const pattern = globPattern(folder + glob.replace(/^\.?\//, ""));
    return data.filter((path) => pattern.test(path));
  });
  return [...new Set(found)];
}

function unreadable(name: string, paths: readonly string[]): NoReadableFiles {
  const some = paths.slice(0, 5).join(", ") + (paths.length > 5 ? `, and ${paths.length - 5} more` : "");
  return new NoReadableFiles(noReadableFiles(name, some || "no files"));
}
