import { canonicalJson } from "../../base/canonical_json.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import { CommandError, EXIT } from "../../base/refusal.ts";
import { readPath } from "../../experiment/read_path.ts";
import { noSuchPath, severalRowsMatch } from "./messages.ts";
import type { Pair, Sample } from "./samples.ts";

/** Rows of two studies that belong together, and those that have no partner. */
export interface JoinedRows {
  readonly pairs: readonly Pair[];
  readonly base_alone: readonly Sample[];
  readonly other_alone: readonly Sample[];
}

/**
 * Joins the rows of two studies: by what they mean, with model and prompts by their content, else by the hash of the
 * configuration; or, where a user names them, by the values at some paths alone. Two studies of a single row each are joined
 * whatever they are. Throws CommandError where paths do not tell rows apart.
 */
export function joinRows(
  base: readonly Sample[],
  other: readonly Sample[],
  match: readonly string[],
): JoinedRows {
  const paths = match.map((asked) => wholePath([...base, ...other], asked));
  const partner = paths.length > 0 ? byPaths(base, paths) : byIdentity(base);
  if (paths.length > 0) byPaths(other, paths);
  const [only, ...more] = base;
  const isSingle = paths.length === 0 && more.length === 0 && other.length === 1;
  const taken = new Set<Sample>();
  const pairs = other.flatMap((row): Pair[] => {
    const found = partner(row) ?? (isSingle ? only : undefined);
    if (found === undefined) return [];
    taken.add(found);
    return [{ base: found, other: row }];
  });
  const joined = new Set(pairs.map((pair) => pair.other));
  return {
    pairs,
    base_alone: base.filter((row) => !taken.has(row)),
    other_alone: other.filter((row) => !joined.has(row)),
  };
}

/** The path as it is, or one that varies and ends so. Throws CommandError where no configuration has it. */
function wholePath(rows: readonly Sample[], asked: string): string {
  if (rows.some((row) => valueAt(row, asked) !== null)) return asked;
  const varied = rows.flatMap(({ side }) => Object.keys(side.varied));
  const found = varied.find((path) => path.endsWith(`.${asked}`));
  if (found === undefined) throw new CommandError(EXIT.usage, noSuchPath(asked));
  return found;
}

function byIdentity(base: readonly Sample[]): (row: Sample) => Sample | undefined {
  const byJoin = new Map(base.flatMap((row) => row.join_hash === null ? [] : [[row.join_hash, row]]));
  const byConfig = new Map(base.map((row) => [row.side.config_hash, row]));
  return ({ join_hash, side }) =>
    (join_hash === null ? undefined : byJoin.get(join_hash)) ?? byConfig.get(side.config_hash);
}

function byPaths(rows: readonly Sample[], paths: readonly string[]): (row: Sample) => Sample | undefined {
  const found = new Map<string, Sample>();
  for (const row of rows) {
    const key = keyOf(row, paths);
    if (found.has(key)) {
      const values = paths.map((path) => `${path}=${canonicalJson(valueAt(row, path))}`).join(" ");
      throw new CommandError(EXIT.usage, severalRowsMatch(values, row.side.study_dir));
    }
    found.set(key, row);
  }
  return (row) => found.get(keyOf(row, paths));
}

function keyOf(row: Sample, paths: readonly string[]): string {
  return canonicalJson(paths.map((path) => valueAt(row, path)));
}

function valueAt({ config }: Sample, path: string): Json {
  return readPath(config as unknown as JsonObject, path) ?? null;
}
