/** Bencher Metric Format: `{benchmark: {measure: {value, lower_value?, upper_value?}}}`. */
import type { StudyTable } from "../../../results/study_table.ts";
import { intervalOf } from "../../../results/energy/metric_interval.ts";
import { namedExperiments } from "../benchmark_names.ts";

/** A measure of a benchmark; the bounds are its 95 % interval, left out where there is none. Bencher tests the value. */
export interface BencherMetric {
  readonly value: number;
  readonly lower_value?: number;
  readonly upper_value?: number;
}

export type BencherReport = Readonly<Record<string, Readonly<Record<string, BencherMetric>>>>;

/** Every metric of every experiment; Bencher is told its direction by a threshold of its own. */
export function bencherReport(studies: readonly StudyTable[]): BencherReport {
  return Object.fromEntries(
    namedExperiments(studies).map(({ name, row }) => [
      name,
      Object.fromEntries(
        Object.entries(row.metrics).flatMap(([metric, spread]): [string, BencherMetric][] => {
          if (spread === null) return [];
          const { value, low95, high95 } = intervalOf(row.energy, metric, spread);
          const bounds = low95 === null || high95 === null ? {} : { lower_value: low95, upper_value: high95 };
          return [[metric, { value, ...bounds }]];
        }),
      ),
    ]),
  );
}
