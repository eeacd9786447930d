/** The splits of files that no card tells about, by their names. */

/** Words for splits that are in use, by the split that they mean. */
const WORDS: Readonly<Record<string, string>> = {
  train: "train",
  training: "train",
  validation: "validation",
  valid: "validation",
  val: "validation",
  dev: "validation",
  test: "test",
  testing: "test",
  eval: "test",
  evaluation: "test",
};

/** `train-00000-of-00003`, at the beginning of a file's name. */
const SHARD = /^(.+?)-\d{5}-of-\d{5}/;

/** Files by split. Where no name tells of a split, all are `train`. */
export function usualSplits(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const named = paths.map((path) => ({ path, split: splitOf(path) }));
  const known = named.filter(({ split }) => split !== null);
  const chosen = known.length > 0 ? known : named;
  const groups = Map.groupBy(chosen, ({ split }) => split ?? "train");
  return new Map([...groups].map(([split, files]) => [split, files.map(({ path }) => path)]));
}

/** The files up to the first one that a numbered set (`-00000-of-00003`) lacks, as it does after a partial download. */
export function leadingFiles(paths: readonly string[]): readonly string[] {
  let open: Shard | null = null;
  for (const [at, path] of paths.entries()) {
    const shard = shardOf(path);
    const isNext = open === null
      ? shard === null || shard.index === 0
      : shard?.set === open.set && shard.index === open.index + 1;
    if (!isNext) return paths.slice(0, at);
    open = shard === null || shard.index + 1 === shard.count ? null : shard;
  }
  return paths;
}

/** True where a numbered set lacks its end, or anything before it. */
export function lacksFiles(paths: readonly string[]): boolean {
  const last = shardOf(paths.at(-1) ?? "");
  return leadingFiles(paths).length < paths.length || (last !== null && last.index + 1 < last.count);
}

/** True where each file's name tells how many there are, so that a missing one is noticed later. */
export function isNumbered(paths: readonly string[]): boolean {
  return paths.every((path) => shardOf(path) !== null);
}

/** One of a numbered set of files. */
interface Shard {
  readonly set: string;
  readonly index: number;
  readonly count: number;
}

function splitOf(path: string): string | null {
  const parts = path.split("/");
  const file = parts.at(-1) ?? "";
  const shard = SHARD.exec(file)?.[1];
  if (shard !== undefined) return shard;
  const words = [...file.split(/[-._ 0-9]+/), ...parts.slice(0, -1).reverse()].map((word) =>
    word.toLowerCase()
  );
  const word = words.find((each) => Object.hasOwn(WORDS, each));
  return word === undefined ? null : WORDS[word] ?? null;
}

function shardOf(path: string): Shard | null {
  const [start, set, index, count] = /^(.*?)-(\d{5})-of-(\d{5})[^/]*$/.exec(path) ?? [];
  if (start === undefined || set === undefined) return null;
  return { set, index: Number(index), count: Number(count) };
}
