import { join } from "node:path";
import type { TestingOptions } from "./options.ts";

/** Files to run, in this order. */
export interface Choice {
  readonly files: readonly string[];
  /** What is left out of a quick run, in words. */
  readonly leftOut: readonly string[];
}

/** How long a file took the last time, in seconds, by its path. */
export type KnownSeconds = Readonly<Record<string, number>>;

/** Of a file that has not run yet: those that start programs come first. */
const LIKELY_SECONDS: readonly (readonly [prefix: string, seconds: number])[] = [
  ["tests/faults/", 30],
  ["tests/e2e/", 20],
  ["tests/worker/", 15],
  ["tests/runner/", 10],
  ["", 1],
];

/** The longest first, so that no long one is left alone at the end. */
export function chooseFiles({ paths }: Pick<TestingOptions, "paths">, known: KnownSeconds): Choice {
  const files = [...new Set((paths.length > 0 ? paths : ["tests"]).flatMap(filesBelow))];
  const secondsOf = (file: string): number =>
    known[file] ?? LIKELY_SECONDS.find(([prefix]) => file.startsWith(prefix))?.[1] ?? 0;
  return { files: files.toSorted((a, b) => secondsOf(b) - secondsOf(a)), leftOut: [] };
}

function filesBelow(path: string): string[] {
  if (Deno.statSync(path).isFile) return [path];
  return [...Deno.readDirSync(path)].sort((a, b) => a.name < b.name ? -1 : 1).flatMap((entry) => {
    const below = join(path, entry.name);
    if (entry.isDirectory) return filesBelow(below);
    return entry.name.endsWith("_test.ts") ? [below] : [];
  });
}
