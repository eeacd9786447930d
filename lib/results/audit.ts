import { largest } from "../base/numbers.ts";
import type { OutcomeKind } from "../experiment/outcome.ts";
import { type AuditAnswer, auditAnswer, auditFindings } from "../statistics/audit.ts";
import { auditResult } from "./messages.ts";
import type { ResultRecord } from "./record.ts";

/** The numbers that an audit compares: speed, energy, and the wait for the first token with its tail. */
const AUDITED_METRICS = [
  "output_tokens_per_s",
  "j_per_output_token",
  "ttft_ms",
  "ttft_p95_ms",
] as const;
export type AuditedMetric = typeof AUDITED_METRICS[number];

/** One audited run, as the journal keeps it. */
export interface AuditedRun {
  readonly run_id: string;
  readonly config_hash: string;
  /** 1-based. */
  readonly pair: number;
  readonly arm: "alone" | "beside";
  readonly devices: readonly string[];
  readonly kind: OutcomeKind;
  /** Relative to the study directory. */
  readonly result_file: string;
  /** Those that it has. */
  readonly values: Readonly<Partial<Record<AuditedMetric, number>>>;
  /** Of its measured window, the share in which every other board of the audit was measured as well; null alone. */
  readonly beside_share: number | null;
}

/** What an audit came to. */
export interface StudyAudit {
  readonly answer: AuditAnswer;
  /** As a share: 0.01. */
  readonly tolerance: number;
  /** How often each experiment was to be measured both ways. */
  readonly pairs: number;
  readonly numbers: readonly AuditNumber[];
}

/** One number of one experiment, beside over alone. */
export interface AuditNumber {
  readonly config_hash: string;
  readonly metric: AuditedMetric;
  /** Pairs of runs that both have it. */
  readonly n: number;
  /** Null below two pairs. */
  readonly ratio: number | null;
  /** 95 %. */
  readonly ci: readonly [number, number] | null;
  readonly answer: AuditAnswer;
}

/**
 * A run whose neighbours were measured for less of its window shows too little of them: one whose work cannot be repeated for as
 * long as it is asked to ends, and loads again.
 */
const LEAST_BESIDE_SHARE = 0.8;

/** The numbers of a run that an audit compares. */
export function auditedValues({ throughput, energy, latency }: ResultRecord): AuditedRun["values"] {
  const all: Record<AuditedMetric, number | null> = {
    output_tokens_per_s: throughput?.output_tokens_per_s ?? null,
    j_per_output_token: energy?.j_per_output_token ?? null,
    ttft_ms: latency?.ttft_ms?.median ?? null,
    ttft_p95_ms: latency?.ttft_ms?.p95 ?? null,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null && value > 0));
}

/**
 * Judges the runs of an audit: of each experiment every number that its runs have. A run beside others that had them beside it
 * for too little of its window makes no pair.
 */
export function judgeAudit(
  runs: readonly AuditedRun[],
  { tolerance, pairs }: Pick<StudyAudit, "tolerance" | "pairs">,
): StudyAudit {
  const completed = runs.filter(({ kind }) => kind === "completed");
  const tests = [...Map.groupBy(completed, ({ config_hash }) => config_hash)].flatMap(([config_hash, own]) =>
    AUDITED_METRICS.flatMap((metric) => {
      const found = pairsOf(own, metric);
      return own.some(({ values }) => values[metric] !== undefined)
        ? [{ config_hash, metric, pairs: found }]
        : [];
    })
  );
  const findings = auditFindings(tests, tolerance);
  const numbers = tests.flatMap(({ config_hash, metric, pairs: found }, place): AuditNumber[] => {
    const { ratio = null, answer = "not_resolvable" } = findings[place] ?? {};
    const ci = ratio === null ? null : [ratio.low, ratio.high] as const;
    return [{ config_hash, metric, n: found.length, ratio: ratio?.ratio ?? null, ci, answer }];
  });
  return { answer: auditAnswer(numbers.map(({ answer }) => answer)), tolerance, pairs, numbers };
}

/** The audit in words. */
export function auditText({ answer, tolerance, numbers }: StudyAudit): string {
  const known = numbers.flatMap(({ metric, ratio, ci, answer }) =>
    ratio === null || ci === null
      ? []
      : [{ metric, difference: ratio - 1, ci: [ci[0] - 1, ci[1] - 1] as const, answer }]
  );
  if (answer === "within_tolerance") return auditResult({ answer, numbers: numbers.length }, tolerance);
  const [worst] = known.filter((one) => one.answer === "differs")
    .sort((a, b) => Math.abs(b.difference) - Math.abs(a.difference));
  if (answer === "differs" && worst !== undefined) return auditResult({ answer, worst }, tolerance);
  const widths = known.filter((one) => one.answer === "not_resolvable").map(({ ci: [low, high] }) =>
    (high - low) / 2
  );
  return auditResult(
    { answer: "not_resolvable", widest: widths.length === 0 ? null : largest(widths) },
    tolerance,
  );
}

function isAsItsArm({ arm, beside_share }: AuditedRun): boolean {
  return arm === "alone" || (beside_share ?? 0) >= LEAST_BESIDE_SHARE;
}

function pairsOf(runs: readonly AuditedRun[], metric: AuditedMetric): (readonly [number, number])[] {
  return [...Map.groupBy(runs, ({ pair }) => pair).values()].flatMap(
    (both): (readonly [number, number])[] => {
      const [alone, beside] = (["alone", "beside"] as const).map((arm) =>
        both.find((run) => run.arm === arm && isAsItsArm(run))?.values[metric]
      );
      return alone === undefined || beside === undefined ? [] : [[alone, beside]];
    },
  );
}
