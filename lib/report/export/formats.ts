/**
 * lib/report/export makes the files of `llem export`: pieces of bytes out of studies. It reads and writes no file.
 */
import { csvLine } from "../../base/csv.ts";
import { jsonText } from "../../base/text.ts";
import type { AttemptSource } from "../../results/study_attempt.ts";
import type { StudyTable } from "../../results/study_table.ts";
import { csvPieces } from "./csv_lines.ts";
import { encoded } from "./encoded.ts";
import { actionBenchmarks } from "./formats/action_benchmark.ts";
import { bencherReport } from "./formats/bencher.ts";
import {
  AI_ENERGY_SCORE_COLUMNS,
  aiEnergyScoreView,
  mlEnergyView,
  viewedRuns,
} from "./formats/energy_views.ts";
import type { ExportFormat, TableName } from "./names.ts";
import { type PrometheusFormat, prometheusText } from "./formats/prometheus.ts";
import { vllmPieces, vllmRuns } from "./formats/vllm_bench.ts";
import { jsonLinesPieces } from "./json_lines.ts";
import { parquetPieces } from "./parquet_pieces.ts";
import type { Table } from "./table.ts";
import { experimentsTable } from "./tables/experiments.ts";
import { metricsTable } from "./tables/metrics.ts";
import { powerTable } from "./tables/power.ts";
import { requestsTable } from "./tables/requests.ts";
import { runsTable } from "./tables/runs.ts";

/** A file of an export. */
export interface ExportFile {
  /** In the folder of the export; the only file of a format that makes one has the name that the user gave. */
  readonly name: string;
  readonly pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** What an export consists of. */
export interface Export {
  /** One at a time: a study may have thousands of runs. */
  readonly files: Iterable<ExportFile>;
  /**
   * - file: there is one, whatever the studies hold, and it needs no folder
   * - lines: a file for each run in a folder; one after the other they are JSON Lines
   * - folder: several files that make no sense in one
   */
  readonly kind: "file" | "lines" | "folder";
  /** Studies that a format has no room for: of those with one name the newest counts. */
  readonly leftOut: readonly StudyTable[];
}

/** Which formats consist of tables. */
export function hasTables(format: ExportFormat): format is keyof typeof TABLE_WRITERS {
  return Object.hasOwn(TABLE_WRITERS, format);
}

const TABLE_WRITERS = { parquet: parquetPieces, csv: csvPieces, jsonl: jsonLinesPieces } as const;

/** Nothing is read before a piece is taken. `tables` are for formats of tables. */
export function exportOf(source: AttemptSource, format: ExportFormat, tables: readonly TableName[]): Export {
  const { studies } = source;
  const one = (pieces: ExportFile["pieces"], leftOut: readonly StudyTable[] = []): Export => ({
    files: [{ name: "", pieces }],
    kind: "file",
    leftOut,
  });
  switch (format) {
    case "parquet":
    case "csv":
    case "jsonl": {
      const files = tables.map((name) => ({
        name: `${name}.${format}`,
        pieces: TABLE_WRITERS[format](tableOf(source, name)),
      }));
      return { files, kind: files.length === 1 ? "file" : "folder", leftOut: [] };
    }
    case "vllm-bench":
      return { files: vllmFiles(source), kind: "lines", leftOut: [] };
    case "bmf":
      return one(json(bencherReport(studies)));
    case "action-benchmark":
      return {
        files: [
          { name: "smaller-is-better.json", pieces: json(actionBenchmarks(studies, "less")) },
          { name: "bigger-is-better.json", pieces: json(actionBenchmarks(studies, "more")) },
        ],
        kind: "folder",
        leftOut: [],
      };
    case "textfile":
    case "openmetrics":
      return prometheus(studies, format);
    case "ml-energy":
      return one(mlEnergyPieces(source));
    case "ai-energy-score":
      return one(scorePieces(source));
  }

  function prometheus(all: readonly StudyTable[], version: PrometheusFormat): Export {
    const { text, leftOut } = prometheusText(all, version);
    return one([encoded(text)], leftOut);
  }
}

function tableOf(source: AttemptSource, name: TableName): Table {
  switch (name) {
    case "experiments":
      return experimentsTable(source.studies);
    case "runs":
      return runsTable(source);
    case "metrics":
      return metricsTable(source);
    case "requests":
      return requestsTable(source);
    case "power":
      return powerTable(source);
  }
}

function* vllmFiles(source: AttemptSource): Generator<ExportFile> {
  for (const run of vllmRuns(source)) {
    const { study, run_id } = run.attempt;
    yield { name: `${study.id}_${run_id}.json`, pieces: vllmPieces(source, run) };
  }
}

function json(value: unknown): Uint8Array[] {
  return [encoded(`${jsonText(value)}\n`)];
}

function* mlEnergyPieces(source: AttemptSource): Generator<Uint8Array> {
  let between = "[";
  for (const run of viewedRuns(source)) {
    const view = mlEnergyView(run, outputLengths(source.requests(run.attempt)));
    yield encoded(`${between}\n${jsonText(view)}`);
    between = ",";
  }
  yield encoded(between === "[" ? "[]\n" : "\n]\n");
}

function* outputLengths(lines: Iterable<Readonly<Record<string, unknown>>>): Generator<number> {
  for (const { output_tokens, error } of lines) {
    if (typeof output_tokens === "number" && (error ?? null) === null) yield output_tokens;
  }
}

function* scorePieces(source: AttemptSource): Generator<Uint8Array> {
  yield encoded(csvLine(AI_ENERGY_SCORE_COLUMNS));
  for (const run of viewedRuns(source)) {
    const view = aiEnergyScoreView(run);
    yield encoded(csvLine(AI_ENERGY_SCORE_COLUMNS.map((name) => view[name])));
  }
}
