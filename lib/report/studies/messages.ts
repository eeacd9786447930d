/** Texts about whole studies for people: which there are, and what they lack. */
import { shellWord } from "../../base/shell_word.ts";
import { plural } from "../../base/text.ts";

/** A completed run without a result: whoever reads a mean must know that it is not in it. */
export function missingResult(index: number, path: string): string {
  return `run ${index} is not counted: its result ${path} is missing or damaged.`;
}

export function moreMissingResults(count: number): string {
  return `and ${count} more.`;
}

export function rerunMissing(dir: string, count: number): string {
  return `llem run --resume ${shellWord(dir)} reruns ${plural(count, "run")}.`;
}
