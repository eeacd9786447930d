import { canonicalJson } from "../../base/canonical_json.ts";
import { CommandError, EXIT } from "../../base/refusal.ts";
import { cell } from "../varied.ts";
import { noSuchBaseline, nothingVaries } from "./messages.ts";
import type { Pair, Sample } from "./samples.ts";
import type { CompareOptions } from "./study_comparison.ts";

/** Rows of one study with what each is compared with. */
export interface BaselinePairs {
  readonly pairs: readonly Pair[];
  /** One, or where only one path is to differ one for each group of the others, in the order of the study. */
  readonly baselines: readonly Sample[];
  /** The path that differs inside a pair; null where all that varies may. */
  readonly by: string | null;
}

/**
 * Every row against the baseline; where the user names a path (`by`), or the baseline's value stands in several rows, against
 * that of the row's group: those that differ in nothing else. Throws CommandError where no row is meant.
 */
export function baselinePairs(
  samples: readonly Sample[],
  options: Pick<CompareOptions, "baseline" | "by">,
): BaselinePairs {
  const wanted = options.baseline === null ? null : findBaseline(samples, options.baseline);
  const named = options.by === null ? null : fullPath(samples, options.by);
  const by = named ?? (wanted !== null && wanted.rows.length > 1 ? wanted.path : null);
  if (by === null) {
    const baseline = wanted?.rows[0] ?? samples[0];
    return baseline === undefined ? NONE : {
      pairs: samples.filter((row) => row !== baseline).map((other) => ({ base: baseline, other })),
      baselines: [baseline],
      by,
    };
  }
  const groups = [...Map.groupBy(samples, (row) => withoutPath(row, by)).values()];
  const found = groups.flatMap((rows) => {
    const base = wanted === null ? rows[0] : rows.find((row) => wanted.rows.includes(row));
    return base === undefined ? [] : [{ base, rows: rows.filter((row) => row !== base) }];
  });
  const baselines = found.map(({ base }) => base);
  const pairOf = new Map(found.flatMap(({ base, rows }) => rows.map((other) => [other, { base, other }])));
  // In the order of the study, whatever the groups.
  return { pairs: samples.flatMap((row) => pairOf.get(row) ?? []), baselines, by };
}

const NONE: BaselinePairs = { pairs: [], baselines: [], by: null };

/** The path that a user means by the whole of it or by its last part. */
function fullPath(samples: readonly Sample[], asked: string): string {
  const paths = variedPathsOf(samples);
  const found = paths.find((path) => path === asked) ?? paths.find((path) => path.endsWith(`.${asked}`));
  if (found === undefined) throw new CommandError(EXIT.usage, nothingVaries(asked, paths));
  return found;
}

function variedPathsOf(samples: readonly Sample[]): string[] {
  return [...new Set(samples.flatMap(({ side }) => Object.keys(side.varied)))];
}

/** The rows that a value, `PATH=VALUE` or the beginning of a configuration's hash stands for. */
function findBaseline(
  samples: readonly Sample[],
  asked: string,
): { readonly rows: readonly Sample[]; readonly path: string | null } {
  const paths = variedPathsOf(samples);
  const split = asked.indexOf("=");
  const meant = split < 1 ? null : paths.find((path) => isMeant(path, asked.slice(0, split))) ?? null;
  const places = meant === null
    ? paths.map((path) => ({ path, value: asked }))
    : [{ path: meant, value: asked.slice(split + 1) }];
  for (const { path, value } of places) {
    const rows = samples.filter(({ side }) => cell(side.varied[path]) === value && path in side.varied);
    if (rows.length > 0) return { rows, path };
  }
  const row = asked.length < 4
    ? undefined
    : samples.find(({ side: { config_hash } }) => config_hash.startsWith(asked));
  if (row !== undefined) return { rows: [row], path: null };
  const known = places.map(({ path }) => ({
    path,
    values: [...new Set(samples.map(({ side }) => cell(side.varied[path])))],
  }));
  throw new CommandError(EXIT.usage, noSuchBaseline(asked, known));
}

function isMeant(path: string, asked: string): boolean {
  return path === asked || path.endsWith(`.${asked}`);
}

function withoutPath({ side: { varied } }: Sample, path: string): string {
  const { [path]: _, ...rest } = varied;
  return canonicalJson(rest);
}
