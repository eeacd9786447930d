/** Texts about whole studies for people: which there are, and what they lack. */
import { shellWord } from "../../base/shell_word.ts";
import { plural } from "../../base/text.ts";

/** The columns of `llem list`. */
export const LIST_COLUMNS = ["started (UTC)", "status", "runs", "experiments", "engine / model", "study"];

/** A status that only a runner at work has; `host` is null for this machine. */
export function runningOf(pid: number | null, host: string | null): string {
  return `running (pid ${pid}${host === null ? "" : ` on ${host}`})`;
}

export function andMoreConfigs(first: string, more: number): string {
  return `${first} and ${more} more`;
}

export function resultsLost(count: number, dir: string): string {
  return `${plural(count, "completed run")} without a result in ${dir}; ${rerunMissing(dir, count)}`;
}

export function noStudiesIn(folder: string): string {
  return `${folder} holds no study; llem run -o ${shellWord(folder)} makes one in it.`;
}

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

/** The end of a part of a study; `left`: runs of the other parts. */
export function restInOtherParts(left: number): string {
  return `the other ${left === 1 ? "run is" : `${left} runs are`} made in other parts; ` +
    "join them with: llem merge DIR... -o NEW";
}

export function isPart(
  { index, of }: { readonly index: number; readonly of: number },
  others: number,
): string {
  return `part ${index} of ${of}: ${others === 1 ? "1 run is" : `${others} runs are`} made in other parts`;
}
