/**
 * github-action-benchmark (c38cce9): `[{name, unit, value, range?, extra?}]`, a file for each direction, as one step of the
 * action takes one of `customSmallerIsBetter` and `customBiggerIsBetter`.
 */
import { type Direction, metricDeclaration } from "../../../results/metric_declarations.ts";
import type { StudyTable } from "../../../results/study_table.ts";
import { intervalOf } from "../../../results/energy/metric_interval.ts";
import { namedExperiments } from "../benchmark_names.ts";

/** One entry of the file. */
export interface ActionBenchmark {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  /** Shown, and not tested by the action. */
  readonly range?: string;
  readonly extra: string;
}

/** The metrics of all experiments that are better in this direction. */
export function actionBenchmarks(
  studies: readonly StudyTable[],
  direction: Exclude<Direction, null>,
): ActionBenchmark[] {
  return namedExperiments(studies).flatMap(({ name, row, study }) =>
    Object.entries(row.metrics).flatMap(([metric, spread]): ActionBenchmark[] => {
      const declaration = metricDeclaration(metric);
      if (spread === null || declaration?.better !== direction) return [];
      const { min, max, n } = spread;
      const { value, low95, high95 } = intervalOf(row.energy, metric, spread);
      const [low, high] = low95 === null || high95 === null ? [min, max] : [low95, high95];
      return [{
        name: `${name}: ${metric}`,
        unit: declaration.unit,
        value,
        ...n === 1 && low95 === null ? {} : { range: `${low} - ${high}` },
        extra: `runs: ${n}\nstudy: ${study.id}\nconfig: ${row.config_hash}`,
      }];
    })
  );
}
