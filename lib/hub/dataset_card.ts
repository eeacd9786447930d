import { parse } from "yaml";
import { isJsonObject } from "../base/json.ts";
import { Problem } from "../base/problem.ts";
import { cardHeadTooLong } from "./messages.ts";

/** One of the configurations (subsets) that the head of a dataset's README.md declares. */
export interface CardConfig {
  readonly name: string;
  readonly isDefault: boolean;
  /** Folder to look in by the usual names, where no files are declared. */
  readonly dataDir: string;
  /** Patterns of files by split; null where none are declared. */
  readonly splits: ReadonlyMap<string, readonly string[]> | null;
}

/** A longer head takes seconds and hundreds of megabytes to read. */
const MOST_HEAD_LENGTH = 4 * 2 ** 20;

/** Reads `configs:` out of README.md. A card that declares nothing, or that is no YAML, gives none. Throws Problem. */
export function readCard(readme: string): readonly CardConfig[] {
  const [, head] = /^---\r?\n([\s\S]*?)\r?\n---/.exec(readme) ?? [];
  if (head === undefined) return [];
  if (head.length > MOST_HEAD_LENGTH) {
    throw new Problem(cardHeadTooLong(MOST_HEAD_LENGTH / 2 ** 20));
  }
  let card: unknown;
  try {
    card = parse(head);
  } catch {
    return [];
  }
  const configs = isJsonObject(card) ? card["configs"] : null;
  return Array.isArray(configs) ? configs.filter(isJsonObject).map(readConfig) : [];
}

function readConfig(config: Readonly<Record<string, unknown>>): CardConfig {
  const name = textOf(config["config_name"]) ?? "default";
  return {
    name,
    isDefault: config["default"] === true || name === "default",
    dataDir: (textOf(config["data_dir"]) ?? "").replace(/^\.?\//, "").replace(/\/$/, ""),
    splits: readSplits(config["data_files"]),
  };
}

/** `a.parquet`, a list of such, or a list of `{ split, path }`. */
function readSplits(declared: unknown): Map<string, readonly string[]> | null {
  if (declared === undefined || declared === null) return null;
  const entries: unknown[] = Array.isArray(declared) ? declared : [declared];
  const splits = new Map<string, string[]>();
  for (const entry of entries) {
    const [split, path] = isJsonObject(entry)
      ? [textOf(entry["split"]) ?? "train", entry["path"]]
      : ["train", entry];
    const paths = (Array.isArray(path) ? path : [path]).flatMap((each) => textOf(each) ?? []);
    splits.set(split, [...splits.get(split) ?? [], ...paths]);
  }
  return splits;
}

/** A name of a card, also one that YAML takes for a number; null for what is no name. */
function textOf(value: unknown): string | null {
  return ["string", "number", "boolean"].includes(typeof value) ? String(value) : null;
}
