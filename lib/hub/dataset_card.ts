import { parse } from "yaml";
import { isJsonObject } from "../base/json.ts";

/** One of the configurations (subsets) that the head of a dataset's README.md declares. */
export interface CardConfig {
  readonly name: string;
  readonly isDefault: boolean;
  /** Folder to look in by the usual names, where no files are declared. */
  readonly dataDir: string;
  /** Patterns of files by split; null where none are declared. */
  readonly splits: ReadonlyMap<string, readonly string[]> | null;
}

/** Reads `configs:` out of README.md. A card that declares nothing, or that is no YAML, gives none. */
export function readCard(readme: string): readonly CardConfig[] {
  const [, head] = /^---\r?\n([\s\S]*?)\r?\n---/.exec(readme) ?? [];
  if (head === undefined) return [];
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
  const name = String(config["config_name"] ?? "default");
  return {
    name,
    isDefault: config["default"] === true || name === "default",
    dataDir: String(config["data_dir"] ?? "").replace(/^\.?\//, "").replace(/\/$/, ""),
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
      ? [String(entry["split"] ?? "train"), entry["path"]]
      : ["train", entry];
    const paths = (Array.isArray(path) ? path : [path]).map(String);
    splits.set(split, [...splits.get(split) ?? [], ...paths]);
  }
  return splits;
}
