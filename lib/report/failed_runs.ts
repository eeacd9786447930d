import { stripVTControlCharacters } from "node:util";
import type { FailedRun } from "../archive/failed_runs.ts";
import type { Explanation } from "../engines/failure_rule.ts";
import { adviceOf, explainOutcome, hintOf } from "./explain_outcome.ts";
import { causeLine, emptyLog, failedRunHead, logHead, remedyLine } from "./messages.ts";
import type { NameRun } from "./run_name.ts";
import { printable } from "../base/text.ts";

/** `show --failed --json`: one object a run. */
export function failedRow(
  { run, run_id, attempt, failure, result_file }: FailedRun,
  study_dir: string | null = null,
): Record<string, unknown> {
  const { kind, error } = failure.outcome;
  return {
    run_id,
    index: run.index,
    config_hash: run.config_hash,
    cycle: run.cycle,
    attempt,
    outcome: kind,
    error: error === null ? null : { type: error.type, message: error.message },
    hint: hintOf(failure, study_dir),
    log_tail: failure.log_tail,
    result_file,
  };
}

/** `show --failed` for people: a paragraph a run. No byte of a worker reaches the terminal as it is. */
export function failedText(runs: readonly FailedRun[], study: FailedOf): string {
  return runs.map((failed) => `${paragraph(failed, study).join("\n")}\n`).join("\n");
}

/** The study whose runs did not complete. */
export interface FailedOf {
  /** Its runs, whatever came of them. */
  readonly total: number;
  readonly name: NameRun;
  readonly study_dir: string;
}

function paragraph(failed: FailedRun, { total, name, study_dir }: FailedOf): string[] {
  const { run, attempt, failure, duration_s, log_path } = failed;
  const { kind, flags, error } = failure.outcome;
  const explanation = explainOutcome(failure);
  return [
    failedRunHead(`[${run.index}/${total}] ${name(run)}`, {
      kind,
      attempt,
      seconds: duration_s,
      flags,
      message: printable(error?.message ?? ""),
    }),
    ...advice(explanation, study_dir),
    // Where the message is complete, the place in our code that threw it helps nobody.
    ...(explanation === null ? [] : block("traceback", tracebackLines(error?.traceback ?? null))),
    ...block(
      logHead(log_path === null ? null : printable(log_path)),
      failure.log_tail,
      log_path === null ? "" : emptyLog(),
    ),
  ];
}

function advice(explanation: Explanation | null, study_dir: string): string[] {
  if (explanation === null) return [];
  const { cause, remedy } = adviceOf(explanation, study_dir);
  return [
    ...cause === null ? [] : [causeLine(printable(cause))],
    ...remedy === null ? [] : [remedyLine(printable(remedy))],
  ];
}

const MOST_TRACEBACK_LINES = 40;

function tracebackLines(traceback: string | null): string[] {
  return (traceback ?? "").trimEnd().split("\n").filter((line) => line !== "").slice(-MOST_TRACEBACK_LINES);
}

/** A head and what it is about, indented; the head alone with a word where there is nothing. */
function block(head: string, lines: readonly string[], empty: string | null = null): string[] {
  if (lines.length === 0) return empty === null ? [] : [`  ${head} ${empty}`.trimEnd()];
  // Colours of a log are left out, not shown as signs; whatever control character remains is.
  return [`  ${head}`, ...lines.map((line) => `    ${printable(stripVTControlCharacters(line))}`)];
}
