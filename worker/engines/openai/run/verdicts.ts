/** What a run's requests say together: lengths, cache, failures, the client's own part in the latencies. */
import { median } from "../../../../lib/base/quantile.ts";
import { WorkerError } from "../../../worker_error.ts";
import type { HealthVerdict } from "../health/client_health.ts";
import type { LoadFacts } from "../load/load_facts.ts";
import { type LengthVerdict, lengthVerdict } from "../prompts/length_verdict.ts";
import type { Warning } from "../warning.ts";
import type { PromptFacts } from "../prompts/prompt_source.ts";
import type { Made } from "./made.ts";
import type { Measured } from "./measure.ts";
import {
  allRequestsFailed,
  answersEmpty,
  answersLeftOut,
  clientWasLimit,
  inputLengthsDiffer,
  outputLengthsDiffer,
  outputLengthsFree,
  requestsFailed,
  requestsHeldBack,
  windowCouldNotWait,
  windowDrifts,
  windowOverloaded,
} from "./messages.ts";

/** Failures by kind, the most frequent first. */
export function failuresByKind(made: readonly Made[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const { error } of made) if (error !== null) counts.set(error, (counts.get(error) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

/** Throws a WorkerError where no request succeeded; else a warning where some failed. */
export function judgeFailures(
  made: readonly Made[],
  base_url: string,
  { api_key_env }: { readonly api_key_env: string | null },
): Warning[] {
  const kinds = failuresByKind(made);
  const [worst] = kinds;
  if (worst === undefined) return [];
  const failed = kinds.reduce((sum, [, count]) => sum + count, 0);
  const message = made.find(({ error, error_message }) => error === worst[0] && error_message !== null)
    ?.error_message ?? null;
  if (failed === made.length) {
    throw new WorkerError(
      "requests_failed",
      allRequestsFailed(base_url, made.length, kinds, message, api_key_env),
      {
        retryable: worst[0] === "connect" || worst[0] === "reset" || worst[0] === "http_503",
      },
    );
  }
  return [{ code: "requests_failed", text: requestsFailed(made.length, kinds, message) }];
}

/** Asked lengths against counted ones, with what a reader should know. */
export function judgeLengths(
  made: readonly Made[],
  facts: PromptFacts,
): { readonly verdict: LengthVerdict; readonly warnings: readonly Warning[] } {
  const verdict = lengthVerdict(facts, made.filter(({ error }) => error === null));
  const warnings: Warning[] = [];
  const { input_differs, input_largest_difference, output_differs } = verdict;
  if (verdict.input_length === "differs") {
    warnings.push({
      code: "input_length_differs",
      text: inputLengthsDiffer(input_differs, input_largest_difference),
    });
  }
  if (verdict.output_length === "differs") {
    warnings.push({ code: "output_length_differs", text: outputLengthsDiffer(output_differs) });
  }
  if (verdict.output_length === "free" && facts.made_by !== "recorded") {
    warnings.push({ code: "output_length_free", text: outputLengthsFree() });
  }
  return { verdict, warnings };
}

/** Successful requests that brought no token: their run measures something else than generating. */
export function judgeEmptiness(made: readonly Pick<Made, "error" | "output_tokens">[]): Warning[] {
  const answered = made.filter(({ error }) => error === null);
  const empty = answered.filter(({ output_tokens }) => output_tokens === 0).length;
  return empty === 0 ? [] : [{ code: "empty_answers", text: answersEmpty(empty, answered.length) }];
}

/** The client's own part in the latencies. What waited for a place in flight was late by the study's own wish. */
export function judgeClient({ causes }: HealthVerdict, { lateness, capped }: LoadFacts): Warning[] {
  const isHeldBack = capped > 0 && causes.includes("late");
  const own = isHeldBack ? causes.filter((cause) => cause !== "late") : causes;
  return [
    ...isHeldBack ? [{ code: "held_back", text: requestsHeldBack(capped, lateness.p99_ms ?? 0) }] : [],
    ...own.length === 0 ? [] : [{ code: "client_limited", text: clientWasLimit(own, lateness.p99_ms) }],
  ];
}

/** Conversations that are none. */
export function judgeTurns(withoutAnswers: number): Warning[] {
  return withoutAnswers === 0 ? [] : [{ code: "answers_left_out", text: answersLeftOut(withoutAnswers) }];
}

/** What speaks against a steady window. */
export function judgeSteadiness({ steady }: Measured): Warning[] {
  if (steady === null) return [];
  const { verdict, opened_despite, lead_in_s } = steady;
  const warnings: Warning[] = [];
  if (opened_despite !== null) {
    warnings.push({ code: "window_not_steady", text: windowCouldNotWait(opened_despite, lead_in_s) });
  }
  if (verdict.kind === "overloaded") warnings.push({ code: "overloaded", text: windowOverloaded() });
  if (verdict.kind === "drifting") warnings.push({ code: "window_drifts", text: windowDrifts() });
  return warnings;
}

export function ttftMedianMs(made: readonly Made[]): number | null {
  const values = made.flatMap(({ ttft_ms }) => ttft_ms === null ? [] : [ttft_ms]);
  return values.length === 0 ? null : median(values);
}
