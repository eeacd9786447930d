/** Matches paths in time that grows with their length alone: the patterns are a stranger's. */
export interface Glob {
  readonly test: (path: string) => boolean;
}

/** One part of a pattern: where in the path it may end, by where it may begin; ascending, each once. */
type Part = (path: string, starts: readonly number[]) => number[];

/** The file patterns of dataset cards: `*`, `**`, `?`, `[0-9]`, `{a,b}`, over paths with slashes. */
export function globPattern(glob: string): Glob {
  const parts = partsOf(glob.replace(/^\.?\//, ""), /\*\*\/|\*\*|\*|\?|\[!?[^\]]*\]|\{[^}]*\}|[^]/g);
  return { test: (path) => through(parts, path, [0]).at(-1) === path.length };
}

function partsOf(glob: string, tokens: RegExp): readonly Part[] {
  return (glob.match(tokens) ?? []).map(partOf);
}

function partOf(token: string): Part {
  if (token === "**/") return folders;
  if (token === "**") return many(() => true);
  if (token === "*") return many((character) => character !== "/");
  if (token === "?") return one((character) => character !== "/");
  if (token.length > 1 && token.startsWith("[")) return one(classOf(token));
  if (token.length > 1) return oneOf(token.slice(1, -1).split(",").map((text) => partsOf(text, /\*|[^*]/g)));
  return one((character) => character === token);
}

function through(parts: readonly Part[], path: string, starts: readonly number[]): readonly number[] {
  let ends = starts;
  for (const part of parts) {
    if (ends.length === 0) break;
    ends = part(path, ends);
  }
  return ends;
}

function one(fits: (character: string) => boolean): Part {
  return (path, starts) =>
    starts.filter((at) => at < path.length && fits(path.charAt(at))).map((at) => at + 1);
}

/** Any number of them. */
function many(fits: (character: string) => boolean): Part {
  return (path, starts) => {
    const ends: number[] = [];
    for (const start of starts) {
      // Before the last end everything has been walked through from an earlier start.
      if (start <= (ends.at(-1) ?? -1)) continue;
      ends.push(start);
      for (let at = start; at < path.length && fits(path.charAt(at)); at++) ends.push(at + 1);
    }
    return ends;
  };
}

/** No folder, or any number of them with the slash after the last. */
function folders(path: string, starts: readonly number[]): number[] {
  const [first = path.length] = starts;
  const after = [...path.slice(first).matchAll(/\//g)].map(({ index }) => first + index + 1);
  return ascending([...starts, ...after]);
}

function oneOf(choices: readonly (readonly Part[])[]): Part {
  return (path, starts) => ascending(choices.flatMap((parts) => through(parts, path, starts)));
}

function ascending(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].toSorted((a, b) => a - b);
}

/** `[0-9]`, `[!a]`; one that is none, such as `[z-a]`, fits nothing. */
function classOf(token: string): (character: string) => boolean {
  try {
    const pattern = new RegExp(`^${token.replace("[!", "[^").replaceAll("\\", "\\\\")}$`);
    return (character) => pattern.test(character);
  } catch {
    return () => false;
  }
}
