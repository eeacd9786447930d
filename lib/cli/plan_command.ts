import type { Issue } from "../base/issue.ts";
import type { Plan } from "../plan/plan.ts";
import { planRecord, planText } from "../report/plan_text.ts";
import type { Command } from "./arguments.ts";
import { EXIT } from "./exit_code.ts";
import { printIssues, printWarnings } from "./print_issues.ts";
import { readPlan } from "./read_plan.ts";
import type { Streams } from "./streams.ts";

/** `llem plan`: expands and checks a study; touches nothing. */
export function planCommand(command: Command & { kind: "plan" }, streams: Streams): number {
  const reading = readPlan(command);
  printWarnings(reading.warnings, streams);
  if (reading.plan === null) {
    printIssues(reading.issues, streams, command);
    return EXIT.usage;
  }
  return printPlan(reading.plan, reading.warnings, command, streams);
}

/** Prints a plan: for people, or as one JSON document. */
export function printPlan(
  plan: Plan,
  warnings: readonly Issue[],
  { json }: { readonly json: boolean },
  streams: Streams,
): number {
  streams.out.write(json ? `${JSON.stringify(planRecord(plan, warnings))}\n` : planText(plan));
  return EXIT.ok;
}
