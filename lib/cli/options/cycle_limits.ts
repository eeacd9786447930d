import type { RunRequest } from "../../session/run_request.ts";
import type { Override } from "../../study/study.ts";
import { notALimit } from "./messages.ts";

/** Options that may differ from what a study that is resumed by its directory began with. */
export const GOES_ON_WITH: ReadonlySet<string> = new Set(["--no-gaps", "--max-cycles", "--time-budget"]);

/** The limits of cycles that options give. */
export function limitsOf(
  overrides: readonly Override[],
  refuse: (message: string) => never,
): Pick<RunRequest, "limits"> {
  const of = (source: string, isWhole: boolean): number | undefined => {
    const given = overrides.findLast((one) => one.source === source);
    const text = given === undefined || !("text" in given) ? null : given.text;
    const value = text === null ? undefined : /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
    const isRight = value === undefined || value > 0 && (!isWhole || Number.isSafeInteger(value));
    return isRight ? value : refuse(notALimit(source, text ?? ""));
  };
  const [max_cycles, time_budget_seconds] = [of("--max-cycles", true), of("--time-budget", false)];
  if (max_cycles === undefined && time_budget_seconds === undefined) return {};
  return {
    limits: {
      ...max_cycles === undefined ? {} : { max_cycles },
      ...time_budget_seconds === undefined ? {} : { time_budget_seconds },
    },
  };
}
