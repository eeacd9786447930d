/** The texts of `llem merge`. */
import { plural } from "../../base/text.ts";

export function otherStudyInMerge(first: string, dir: string, differences: readonly string[]): string {
  const list = differences.map((difference) => `\n  ${difference}`).join("");
  return `${dir} is not a part of the study in ${first}:${list}\nMerge directories of one study only.`;
}

export function ordersDiffer(first: string, dir: string): string {
  return `${dir} runs the study in another order than ${first}: make all parts with the same study file, ` +
    "--cycles, --order and --seed, and the same version of llem.";
}

/** `setting`: what lets the study grow by its results. */
export function growsByResults(dir: string, setting: string): string {
  return `${dir} has ${setting}: what it runs depends on its results, so it cannot be merged with others.`;
}

export function stillRunning(dir: string, pid: number | null): string {
  return `${dir} is still running${pid === null ? "" : ` (pid ${pid})`}. Merge it when it has ended.`;
}

export function mergedExists(dir: string): string {
  return `${dir} exists already. Name a new directory with -o.`;
}

export function attemptsDisagree(run_id: string, [one, other]: readonly [string, string]): string {
  return `The result of ${run_id} is not the same in ${one} and ${other}, though both say that it is the same attempt: ` +
    "one of them is damaged or was changed. Leave that directory out.";
}

/** `parts`: how many directories; `superseded`: attempts that do not count. */
export function mergedInto(
  dir: string,
  of: {
    readonly parts: number;
    readonly completed: number;
    readonly total: number;
    readonly superseded: number;
  },
): string {
  const twice = of.superseded === 0
    ? ""
    : `; ${plural(of.superseded, "attempt")} superseded by another part's`;
  return `merged ${plural(of.parts, "directory", "directories")} into ${dir}: ` +
    `${of.completed} of ${plural(of.total, "run")} completed${twice}`;
}

export function partsLeft(left: number, of: readonly string[]): string {
  const shards = of.length === 0 ? "" : ` (part ${of.join(", ")} is not among these)`;
  return `${plural(left, "run")} of the study ${left === 1 ? "is" : "are"} not in any of them${shards}`;
}

/** `facts`: names with their values in both, such as `driver: 550.54 against 560.1`. */
export function machinesDiffer(first: string, dir: string, facts: readonly string[]): string {
  return `${dir} was measured on another kind of machine than ${first}: ${facts.join("; ")}`;
}

/** What cannot be saved, before its path. */
export const SAVED = { merged: "the merged directory" };
