import { CommandError, EXIT } from "../../base/refusal.ts";
import { ownMetrics } from "../headline.ts";
import { metricDeclaration } from "../metric_declarations.ts";
import { unknownMetric } from "./messages.ts";
import { type Sample, valuesOf } from "./samples.ts";
import type { CompareOptions } from "./study_comparison.ts";
import { percentileOf, tooFewRequests, valuesBehind } from "./tails.ts";

/** A metric by which rows are compared. */
export interface ComparedMetric {
  readonly name: string;
  readonly better: "less" | "more" | null;
  /** As a share of the ratio. */
  readonly margin: number;
}

const USUAL_MARGIN = 0.02;
/** Of the 95th percentile and beyond: they come of few requests. */
const TAIL_MARGIN = 0.05;
const TAIL_FROM = 0.95;
/** A worker may name thousands of numbers. */
const MOST_OWN_METRICS = 6;

/** The metrics that the user names, else the usual ones that the samples have. Throws CommandError for one that none has. */
export function comparedMetrics(
  samples: readonly Sample[],
  options: Pick<CompareOptions, "metrics" | "margins">,
): ComparedMetric[] {
  const names = knownMetrics(samples);
  // Without a completed run nobody can say what metrics there would be.
  if (names.size === 0) return [];
  const unknown = options.metrics.find(({ name }) => !names.has(name));
  if (unknown !== undefined) throw new CommandError(EXIT.usage, unknownMetric(unknown.name, [...names]));
  const wanted = options.metrics.length > 0
    ? options.metrics
    : usualMetrics(samples, names).map((name) => ({ name, better: null }));
  return wanted.map(({ name, better }) => ({
    name,
    better: better ?? metricDeclaration(name)?.better ?? null,
    margin: options.margins[name] ?? options.margins["*"] ?? usualMargin(name),
  }));
}

/** Metrics of which a run has a value. */
function knownMetrics(samples: readonly Sample[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { runs } of samples) {
    for (const { summary: { metrics } } of runs) {
      for (const name of Object.keys(metrics)) if (metrics[name] !== null) names.add(name);
    }
  }
  return names;
}

function usualMetrics(samples: readonly Sample[], names: ReadonlySet<string>): string[] {
  // Where nobody tells how many requests a run had, the median is the safe one.
  const isResolved = samples.every(({ runs }) =>
    runs.every((run) => valuesBehind(run, "ttft_p99_ms") !== null && !tooFewRequests(run, "ttft_p99_ms"))
  );
  const isTail = names.has("ttft_p99_ms") && (isResolved || !names.has("ttft_ms"));
  const usual = ["j_per_output_token", "output_tokens_per_s", isTail ? "ttft_p99_ms" : "ttft_ms"]
    .filter((name) => names.has(name));
  if (usual.length > 0) return usual;
  const rest = ownMetrics(names).filter((name) =>
    samples.some((sample) => valuesOf(sample, name).length > 0)
  );
  return rest.slice(0, MOST_OWN_METRICS);
}

function usualMargin(name: string): number {
  return (percentileOf(name) ?? 0) >= TAIL_FROM ? TAIL_MARGIN : USUAL_MARGIN;
}
