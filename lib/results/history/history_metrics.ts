import { ownMetrics } from "../headline.ts";
import { metricDeclaration } from "../metric_declarations.ts";
import type { HistoryMetric, StudyRuns } from "./metric_history.ts";

const ENERGY = "j_per_output_token";
const SPEED = "output_tokens_per_s";

/**
 * By what a history is told where nobody names a metric: joules a token where there is energy, else the rate, else the first
 * number of the worker's own. `studies`: the newest last.
 */
export function usualHistoryMetrics(studies: readonly StudyRuns[]): HistoryMetric[] {
  const names = new Set(
    (studies.at(-1)?.runs ?? []).flatMap((run) => Object.keys(run).filter((name) => (run[name] ?? 0) > 0)),
  );
  const name = [ENERGY, SPEED].find((known) => names.has(known)) ?? ownMetrics(names)[0];
  return name === undefined ? [] : [{ name, better: metricDeclaration(name)?.better ?? null }];
}
