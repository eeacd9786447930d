/**
 * Prometheus text format 0.0.4, for node_exporter's textfile collector, and OpenMetrics 1.0: gauges in base units without
 * timestamps. A sample with a timestamp would make node_exporter refuse the whole file.
 */
import { metricDeclaration } from "../../../results/metric_declarations.ts";
import type { SummaryRow } from "../../../results/summary.ts";
import type { StudyTable } from "../../../results/study_table.ts";
import { variedText } from "../benchmark_names.ts";

export type PrometheusFormat = "textfile" | "openmetrics";

/** A metric by the rules of Prometheus. */
interface Family {
  readonly name: string;
  /** Base unit, which the name ends with; null has none. */
  readonly unit: string | null;
  readonly help: string;
}

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** By what a value is multiplied to be in the base unit, and how its name ends. */
const BASE_UNITS: Readonly<
  Record<string, { readonly suffix: RegExp; readonly unit: string; readonly factor: number }>
> = {
  "ms": { suffix: /_ms$/, unit: "seconds", factor: 1e-3 },
  "s": { suffix: /_s$/, unit: "seconds", factor: 1 },
  "W": { suffix: /_w$/, unit: "watts", factor: 1 },
  "J": { suffix: /_j$/, unit: "joules", factor: 1 },
  "J/token": { suffix: /^$/, unit: "joules", factor: 1 },
  "J/request": { suffix: /^$/, unit: "joules", factor: 1 },
  "Wh/1000 requests": { suffix: /^$/, unit: "joules", factor: 3.6 },
  "tokens/s": { suffix: /_tokens_per_s$/, unit: "tokens_per_second", factor: 1 },
  "requests/s": { suffix: /_per_s$/, unit: "requests_per_second", factor: 1 },
  "tokens": { suffix: /_tokens$/, unit: "tokens", factor: 1 },
  "requests": { suffix: /_requests$/, unit: "requests", factor: 1 },
};

/** What another rule would call strangely. */
const STEMS: Readonly<Record<string, string>> = {
  requests_per_s: "completed",
  j_per_output_token: "energy_per_output_token",
  j_per_total_token: "energy_per_token",
  j_per_good_request: "energy_per_good_request",
  net_j_per_output_token: "net_energy_per_output_token",
  wh_per_1000_requests: "energy_per_request",
};

/** The file, and which studies it leaves out: of two with one name the newer one counts, as two samples cannot be one. */
export function prometheusText(
  studies: readonly StudyTable[],
  format: PrometheusFormat,
): { readonly text: string; readonly leftOut: readonly StudyTable[] } {
  const { newest, leftOut } = newestOfEachName(studies);
  const families = new Map<string, { readonly family: Family; readonly samples: Sample[] }>();
  const add = (family: Family, sample: Sample): void => {
    const known = families.get(family.name) ?? { family, samples: [] };
    known.samples.push(sample);
    families.set(family.name, known);
  };
  for (const study of newest) {
    const ofStudy = { study: study.name ?? study.id };
    if (study.ended_at !== null) {
      add(COMPLETED_AT, { labels: ofStudy, value: Date.parse(study.ended_at) / 1000 });
    }
    for (const row of study.summary.rows) {
      const labels = { ...ofStudy, ...labelsOf(row) };
      for (const standing of ["completed", "failed", "interrupted", "pending"] as const) {
        add(RUNS, { labels: { ...labels, standing }, value: row[standing] });
      }
      for (const [metric, spread] of Object.entries(row.metrics)) {
        if (spread === null) continue;
        const value = spread.geomean ?? spread.mean;
        const { family, factor } = familyOf(metric);
        const own = family === OWN_METRIC ? { metric } : {};
        if (Number.isFinite(value)) add(family, { labels: { ...labels, ...own }, value: value * factor });
      }
    }
  }
  const lines = [...families.values()].flatMap(({ family, samples }) => [
    ...headOf(family, format),
    ...samples.map((sample) => sampleLine(family.name, sample)),
  ]);
  const end = format === "openmetrics" ? ["# EOF"] : [];
  return { text: [...lines, ...end].map((line) => `${line}\n`).join(""), leftOut };
}

function family(name: string, unit: string | null): { describe(help: string): Family } {
  return { describe: (help) => ({ name, unit, help }) };
}

const COMPLETED_AT = family("llem_study_completed_timestamp_seconds", "seconds").describe(
  "When the study ended, in seconds since 1970.",
);
const RUNS = family("llem_runs", null).describe("Runs of an experiment by where they stand.");
const OWN_METRIC = family("llem_worker_metric", null).describe(
  "A number that a worker itself has named, in its own unit.",
);

function familyOf(metric: string): { readonly family: Family; readonly factor: number } {
  const declaration = metricDeclaration(metric);
  if (declaration === null) return { family: OWN_METRIC, factor: 1 };
  const { unit, definition } = declaration;
  const base = BASE_UNITS[unit];
  if (base === undefined) {
    const isShare = unit === "1" && /_share$/.test(metric);
    const name = isShare ? `llem_${metric.replace(/_share$/, "")}_ratio` : `llem_${metric}`;
    return { family: { name, unit: isShare ? "ratio" : null, help: plain(definition) }, factor: 1 };
  }
  const stem = STEMS[metric] ?? metric.replace(base.suffix, "");
  return {
    family: { name: `llem_${stem}_${base.unit}`, unit: base.unit, help: plain(definition) },
    factor: base.factor,
  };
}

function plain(definition: string): string {
  return definition.replaceAll("`", "");
}

function labelsOf(row: SummaryRow): Record<string, string> {
  const { model, backend, config_hash } = row;
  return { model, backend, config: config_hash, varied: variedText(row) };
}

function headOf({ name, unit, help }: Family, format: PrometheusFormat): string[] {
  const text = help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  if (format === "textfile") return [`# HELP ${name} ${text}`, `# TYPE ${name} gauge`];
  return [
    `# TYPE ${name} gauge`,
    ...unit === null ? [] : [`# UNIT ${name} ${unit}`],
    `# HELP ${name} ${text.replaceAll('"', '\\"')}`,
  ];
}

function sampleLine(name: string, { labels, value }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}{${pairs.join(",")}} ${value}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function newestOfEachName(
  studies: readonly StudyTable[],
): { readonly newest: readonly StudyTable[]; readonly leftOut: readonly StudyTable[] } {
  const byName = new Map<string, StudyTable>();
  for (const study of studies) {
    const name = study.name ?? study.id;
    const known = byName.get(name);
    if (known === undefined || (known.started_at ?? "") <= (study.started_at ?? "")) byName.set(name, study);
  }
  const kept = new Set(byName.values());
  return {
    newest: studies.filter((study) => kept.has(study)),
    leftOut: studies.filter((study) => !kept.has(study)),
  };
}
