import { formatIssue, type Issue } from "../../base/issue.ts";
import { palette } from "../../report/color.ts";
import { jsonText, printable } from "../../base/text.ts";
import type { Plan } from "../../plan/plan.ts";
import type { PlanReading } from "../../session/read_plan.ts";
import { invalidStudy, moreErrors, moreWarnings } from "../messages.ts";
import type { Streams } from "./streams.ts";

/** Above this many the rest is counted: a thousand lines help nobody. NDJSON gets them all. */
const MOST_SHOWN = 50;

/**
 * Prints what was found in reading a study: warnings and settings that were left open, but for a quiet one; and its mistakes.
 * Its plan; null where it does not check.
 */
export function printReading(
  { plan, issues, warnings, assumed }: PlanReading,
  streams: Streams,
  options: { readonly json: boolean; readonly isQuiet?: boolean },
): Plan | null {
  if (options.isQuiet !== true) {
    printWarnings(warnings, streams);
    printAssumed(assumed, streams);
  }
  if (plan === null) printIssues(issues, streams, options);
  return plan;
}

/** Prints mistakes for people, and with `json` the one record that says the study does not check. */
export function printIssues(issues: readonly Issue[], streams: Streams, options: { json: boolean }): void {
  const { bad } = palette(streams.errIsTerminal, streams.noColor);
  for (const issue of issues.slice(0, MOST_SHOWN)) streams.err.write(`${bad("error")}: ${shown(issue)}\n`);
  if (issues.length > MOST_SHOWN) {
    streams.err.write(`${moreErrors(issues.length - MOST_SHOWN)}\n`);
  }
  streams.err.write(`llem: ${invalidStudy(issues.length)}\n`);
  if (options.json) streams.out.write(`${jsonText({ event: "invalid", issues })}\n`);
}

/** Prints warnings for people. */
export function printWarnings(warnings: readonly Issue[], streams: Streams): void {
  const { weak } = palette(streams.errIsTerminal, streams.noColor);
  for (const warning of warnings.slice(0, MOST_SHOWN)) {
    streams.err.write(`${weak("warning")}: ${shown(warning)}\n`);
  }
  if (warnings.length > MOST_SHOWN) {
    streams.err.write(`${moreWarnings(warnings.length - MOST_SHOWN)}\n`);
  }
}

/** Says which settings a command line without a study file left open. */
function printAssumed(assumed: string | null, streams: Streams): void {
  if (assumed !== null) streams.err.write(`llem: ${printable(assumed)}\n`);
}

function shown(issue: Issue): string {
  return printable(formatIssue(issue));
}
