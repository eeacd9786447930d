import { metricHeading } from "../../results/metric_declarations.ts";
import { shellWord } from "../../base/shell_word.ts";
import { ownMetrics } from "../../results/headline.ts";
import type { TableRun } from "../../results/study_table.ts";
import { cell, flatten, type VariedValues } from "../../results/varied.ts";
import type { SummaryRow } from "../../results/summary.ts";
import { isJsonObject, type Json, type JsonObject } from "../../base/json.ts";
import { clip, formatNumber, sentence } from "../../base/text.ts";
import { adviceOf, explainOutcome } from "../explain_outcome.ts";
import { type NameRun, variedText } from "../run_name.ts";
import { summaryColumns } from "../summary/columns.ts";
import { retriedFact } from "../summary/messages.ts";
import { runKey } from "./charts/rows.ts";
import type { PageStudy } from "./content.ts";
import { type DataRow, type DataTable } from "./data_table.ts";
import {
  BEST_COLUMN,
  ENVIRONMENT_HEAD,
  environmentCaption,
  experimentsCaption,
  FAILED_HEAD,
  failedCaption,
  outlierRemark,
  RUN_HEAD,
  runsCaption,
  SETTINGS_HEAD,
  settingsCaption,
  someOf,
  standingText,
  variesText,
} from "./messages.ts";
import { UNICODE } from "./signs.ts";

/** A page of 10,000 experiments would open in no browser: what is left out is counted in the caption. */
const MOST_ROWS = 500;
const MOST_FAILED = 50;
const MOST_FACTS = 300;
const LONGEST_TEXT = 400;

/** One row per experiment, as `llem show` has it. */
export function experimentsTable({ table: { summary } }: PageStudy): DataTable {
  const rows = summary.rows.slice(0, MOST_ROWS);
  const columns = summaryColumns({ ...summary, rows }, UNICODE);
  const runs = columns.findIndex(({ head }) => head === "runs");
  return {
    caption: experimentsCaption(rows.length, summary.rows.length),
    head: columns.map(({ head }) => head || BEST_COLUMN),
    rows: rows.map((row, index): DataRow => ({
      config: row.config_hash,
      set: setOptions(row),
      cells: columns.map(({ cells }) => cells[index] ?? ""),
    })),
    // What stands before the counts tells the rows apart.
    row_heads: Math.max(1, runs),
    filter: rows.length > 1,
  };
}

/** `--set a=1 --set b=2`; null where nothing varies. */
function setOptions({ varied }: { readonly varied: VariedValues }): string | null {
  const options = Object.entries(varied).map(([path, value]) =>
    `--set ${shellWord(`${path}=${cell(value) || "null"}`)}`
  );
  return options.length === 0 ? null : options.join(" ");
}

const RUN_METRICS = ["output_tokens_per_s", "ttft_p99_ms", "j_per_output_token"] as const;
/** A worker's own numbers, where it has none of ours. */
const MOST_OWN = 3;

/** `place`: of several studies. One row per run; where there are too many, first those of which something is to be known. */
export function runsTable({ table: { runs, summary } }: PageStudy, place: number | null): DataTable {
  const names = new Map(summary.rows.map((row) => [row.config_hash, variedText(row.varied, row.load)]));
  const apart = new Set(
    summary.rows.flatMap(({ config_hash, outliers }) =>
      outliers.map(({ cycle }) => `${config_hash} ${cycle}`)
    ),
  );
  const metrics = runMetrics(runs);
  const isFlagged = (run: TableRun): boolean =>
    run.standing !== "completed" || run.summary?.marks !== undefined ||
    apart.has(`${run.config_hash} ${run.cycle}`);
  const shown = runs.length <= MOST_ROWS
    ? runs
    : [...runs.filter(isFlagged), ...runs.filter((run) => !isFlagged(run))].slice(0, MOST_ROWS)
      .sort((a, b) => a.index - b.index);
  return {
    caption: runsCaption(shown.length, runs.length),
    head: [...RUN_HEAD.slice(0, 4), ...metrics.map(metricHeading), ...RUN_HEAD.slice(4)],
    rows: shown.map((run): DataRow => ({
      config: run.config_hash,
      run: runKey({ study: (place ?? 1) - 1, index: run.index }),
      cells: [
        String(run.index),
        names.get(run.config_hash) ?? "",
        String(run.cycle),
        standingText(run.standing),
        ...metrics.map((metric) => {
          const value = run.summary?.metrics[metric] ?? null;
          return value === null ? "-" : formatNumber(value);
        }),
        run.summary === null ? "-" : formatNumber(run.summary.duration_s),
        run.summary?.energy?.verdict ?? "-",
        remarks(run, apart.has(`${run.config_hash} ${run.cycle}`)).join(", "),
      ],
    })),
    row_heads: 1,
    filter: shown.length > 1,
  };
}

function runMetrics(runs: readonly TableRun[]): string[] {
  const given = new Set<string>();
  for (const { summary } of runs) {
    for (const [name, value] of Object.entries(summary?.metrics ?? {})) if (value !== null) given.add(name);
  }
  const ours = RUN_METRICS.filter((name) => given.has(name));
  return ours.length > 0 ? ours : ownMetrics(given).slice(0, MOST_OWN);
}

function remarks({ attempt, summary }: TableRun, isApart: boolean): string[] {
  const { flags = [], warnings = [] } = summary?.marks ?? {};
  return [
    ...isApart ? [outlierRemark()] : [],
    ...attempt > 1 ? [retriedFact(attempt)] : [],
    ...new Set([...flags, ...warnings]),
  ];
}

/** What did not complete and why, what failed alike in one row; null where everything completed. */
export function failedTable(
  { table, failed }: PageStudy,
  name: NameRun,
  place: number | null = null,
): DataTable | null {
  if (failed.length === 0) return null;
  const rows = failed.map(({ run, failure }) => {
    const explanation = explainOutcome(failure);
    const texts = [
      failure.outcome.kind,
      clip(failure.outcome.error?.message ?? "", LONGEST_TEXT),
      explanation === null ? "" : adviceText(adviceOf(explanation, table.id)),
    ];
    return { run, texts };
  });
  const alike = [...Map.groupBy(rows, ({ texts }) => texts.join("\n")).values()];
  return {
    caption: failedCaption(failed.length, alike.length, Math.min(alike.length, MOST_FAILED)),
    head: FAILED_HEAD,
    rows: alike.slice(0, MOST_FAILED).map((group): DataRow => {
      const hashes = new Set(group.map(({ run }) => run.config_hash));
      return {
        config: hashes.size === 1 ? group[0]?.run.config_hash ?? null : null,
        runs: group.slice(0, MOST_ROWS).map(({ run }) =>
          runKey({ study: (place ?? 1) - 1, index: run.index })
        ),
        cells: [
          someOf(group.map(({ run }) => String(run.index)), MOST_INDICES),
          someOf(group.map(({ run }) => name(run)), MOST_NAMES),
          ...group[0]?.texts ?? [],
        ],
      };
    }),
  };
}

function adviceText({ cause, remedy }: ReturnType<typeof adviceOf>): string {
  return clip([cause, remedy].filter((text) => text !== null).map(sentence).join(" "), LONGEST_TEXT);
}

const MOST_INDICES = 10;
const MOST_NAMES = 3;

/** What every experiment has in common, and which paths vary. */
export function settingsTable({ table: { experiments, summary } }: PageStudy): DataTable | null {
  const [first] = experiments;
  if (first === undefined) return null;
  const varied = new Set(summary.rows.flatMap((row: SummaryRow) => Object.keys(row.varied)));
  // A setting that is null is left to its engine.
  const rows = [...flatten(first.config)].filter(([path, value]) => varied.has(path) || value !== null).map((
    [path, value],
  ) => [path, varied.has(path) ? variesText() : clip(cell(value), LONGEST_TEXT)]);
  return facts(settingsCaption(first.config.model), SETTINGS_HEAD, rows);
}

/** The machine, the driver and the tools. */
export function environmentTable({ table: { environment } }: PageStudy): DataTable | null {
  if (environment === null) return null;
  const rows = [...leaves(environment, "")].filter(([path]) => !NOT_TOLD.includes(path));
  return facts(environmentCaption(), ENVIRONMENT_HEAD, rows);
}

/** Of the file, not of the machine. */
const NOT_TOLD: readonly string[] = ["schema"];

function* leaves(value: JsonObject, above: string): Generator<[string, string]> {
  for (const [key, each] of Object.entries(value)) {
    const path = above === "" ? key : `${above}.${key}`;
    const list = Array.isArray(each) ? Object.fromEntries(each.map((one, index) => [index + 1, one])) : each;
    if (isJsonObject(list)) yield* leaves(list, path);
    else if (list !== null) yield [path, clip(cell(list as Json), LONGEST_TEXT)];
  }
}

function facts(caption: string, head: readonly string[], rows: readonly string[][]): DataTable {
  return { caption, head, rows: rows.slice(0, MOST_FACTS).map((cells) => ({ cells })) };
}
