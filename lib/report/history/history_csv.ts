import { csvLine } from "../../base/csv.ts";
import type { History } from "../../results/history/history.ts";
import { configurationName } from "./configuration_name.ts";

const COLUMNS = [
  "configuration",
  "config_hash",
  "join_hash",
  "metric",
  "unit",
  "better",
  "study_dir",
  "started_at",
  "llem_version",
  "n",
  "value",
  "low95",
  "high95",
  "n_earlier",
  "expected_mean",
  "expected_low",
  "expected_high",
  "standing",
] as const;

/** A line for each study, configuration and metric, from the oldest study on. */
export function historyCsv({ configurations }: History): string {
  const rows = configurations.flatMap((configuration) =>
    configuration.metrics.flatMap(({ metric, unit, better, points }) =>
      points.map((point) => [
        configurationName(configuration),
        configuration.config_hash,
        configuration.join_hash,
        metric,
        unit,
        better,
        point.study_dir,
        point.started_at,
        point.llem_version,
        point.n,
        point.value,
        point.low95,
        point.high95,
        point.expected?.n ?? null,
        point.expected?.mean ?? null,
        point.expected?.low ?? null,
        point.expected?.high ?? null,
        point.standing,
      ])
    )
  );
  return [COLUMNS, ...rows].map((row) => csvLine(row)).join("");
}
