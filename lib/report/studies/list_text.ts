import type { StudyHead } from "../../archive/study_head.ts";
import { shellWord } from "../../base/shell_word.ts";
import { minuteText } from "../../base/text.ts";
import { textTable } from "../table.ts";
import { andMoreConfigs, LIST_COLUMNS, resultsLost, runningOf } from "./messages.ts";

/** `llem list` for people: a table, and a line for each study that something is wrong with. `here` is the name of this machine. */
export function listText(heads: readonly StudyHead[], here: string): string {
  const table = textTable(LIST_COLUMNS, heads.map((head) => rowOf(head, here)));
  const lines = heads.flatMap(({ problem, missing_results, study_dir }) => {
    if (problem !== null) return [problem];
    return (missing_results ?? 0) > 0 ? [resultsLost(missing_results ?? 0, study_dir)] : [];
  });
  return lines.length === 0 ? table : `${table}\n${lines.map((line) => `${line}\n`).join("")}`;
}

function rowOf(head: StudyHead, here: string): string[] {
  const { started_at, completed, total, open_ended, n_experiments, study_dir } = head;
  const isKnown = head.status !== "damaged";
  return [
    started_at === null ? "-" : minuteText(started_at),
    statusOf(head, here),
    isKnown ? `${completed}/${total}${open_ended ? "+" : ""}` : "",
    isKnown ? `${n_experiments}` : "",
    configsOf(head),
    shellWord(study_dir),
  ];
}

function statusOf({ status, runner }: StudyHead, here: string): string {
  if (runner === null) return status;
  return runningOf(runner.pid, runner.host === here ? null : runner.host);
}

function configsOf({ configs }: StudyHead): string {
  const [first, ...more] = configs;
  if (first === undefined) return "";
  return more.length === 0 ? first : andMoreConfigs(first, more.length);
}
