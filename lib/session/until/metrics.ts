import type { Issue } from "../../base/issue.ts";
import type { ExperimentConfig } from "../../experiment/config.ts";
import { declarationOf } from "../../experiment/engines.ts";
import type { Plan } from "../../plan/plan.ts";
import { METERED_METRICS } from "../../results/energy/metrics.ts";
import { HEADLINE_METRICS } from "../../results/headline.ts";
import { distinctConfigs } from "../../results/varied.ts";
import { didYouMean, fewSlips, nearestName } from "../../study/spelling.ts";
import type { Study } from "../../study/study.ts";
import { metricNotMetered, metricUnknown, ownMetric } from "./messages.ts";

/**
 * What is to be said of the metrics of `execution.until`: a slip of a headline metric is a mistake; one that a worker would
 * have to give, and one that nothing here can meter, are warnings.
 */
export function untilMetricIssues(
  { until_places: places }: Study,
  plan: Plan,
  hasMeter: (config: ExperimentConfig) => boolean,
): { readonly issues: readonly Issue[]; readonly warnings: readonly Issue[] } {
  const issues: Issue[] = [];
  const warnings: Issue[] = [];
  if (plan.execution.until === null) return { issues, warnings };
  for (const [metric, place] of Object.entries(places)) {
    const at = { ...place, path: `execution.until.${metric}` };
    if (HEADLINE_METRICS.some((known) => known === metric)) {
      const isMetered = (config: ExperimentConfig): boolean =>
        config.energy.backend !== null && hasMeter(config);
      if (METERED_METRICS.has(metric) && !distinctConfigs(plan.runs).some(isMetered)) {
        warnings.push({ ...at, ...metricNotMetered(plan.execution.min_cycles) });
      }
      continue;
    }
    const meant = didYouMean(nearestName(metric, HEADLINE_METRICS, fewSlips));
    const isOwn = plan.runs.every(({ config }) => declarationOf(config.backend)?.workload_known === false);
    if (meant === null && isOwn) continue;
    if (meant === null) warnings.push({ ...at, ...ownMetric(plan.execution.min_cycles) });
    else issues.push({ ...at, message: metricUnknown(), hint: meant });
  }
  return { issues, warnings };
}
