import { InvalidArgumentError } from "@commander-js/extra-typings";
import type { CompareOptions, ExcludedRun } from "../../../results/compare/study_comparison.ts";
import { notAConfidence, notAMargin, notAMetric, notAnExclusion } from "./messages.ts";

type Metric = CompareOptions["metrics"][number];

/** `score`, `score:less`, `score:more`. */
export function metricArgument(text: string, before: readonly Metric[] = []): Metric[] {
  const found = /^([^:]+)(?::(less|more))?$/.exec(text);
  if (found?.[1] === undefined) throw new InvalidArgumentError(notAMetric(text));
  const better = found[2] === "less" ? "less" : found[2] === "more" ? "more" : null;
  return [...before, { name: found[1], better }];
}

/** `2%` for all metrics, `ttft_ms=5%` for one. */
export function marginArgument(
  text: string,
  before: Readonly<Record<string, number>> = {},
): Record<string, number> {
  const split = text.lastIndexOf("=");
  const margin = shareOf(text.slice(split + 1));
  if (margin === null || split === 0) throw new InvalidArgumentError(notAMargin(text));
  return { ...before, [split < 0 ? "*" : text.slice(0, split)]: margin };
}

/** `5%` as a share; null for anything else, as for a margin of 100 % and more. */
export function shareOf(text: string): number | null {
  const percent = /^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(text)?.[1];
  const share = percent === undefined ? null : Number(percent) / 100;
  return share !== null && share < 1 ? share : null;
}

/** `95` or `95%`. */
export function confidenceArgument(text: string): number {
  const percent = Number(text.replace(/\s*%$/, ""));
  if (!(percent >= 50 && percent <= 99.9) || text.trim() === "") {
    throw new InvalidArgumentError(notAConfidence(text));
  }
  return percent / 100;
}

/** `RUN=reason`, or `STUDY/RUN=reason`. */
export function exclusionArgument(text: string, before: readonly ExcludedRun[] = []): ExcludedRun[] {
  const found = /^([^=]*[^=\s])=(.*\S.*)$/.exec(text);
  const [, run_id, reason] = found ?? [];
  if (run_id === undefined || reason === undefined) throw new InvalidArgumentError(notAnExclusion(text));
  return [...before, { run_id, reason: reason.trim() }];
}

/** One more text of an option that may be repeated. */
export function collectText(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

/** The same of one that also takes several at once, comma-separated. */
export function collectList(text: string, before: readonly string[] = []): string[] {
  return [...before, ...text.split(",").map((part) => part.trim()).filter((part) => part !== "")];
}
