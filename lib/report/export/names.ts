/** The words of `llem export`; nothing is loaded with them, so that the command line can know them. */

/** The formats of `--to`. */
export const EXPORT_FORMATS = [
  "parquet",
  "csv",
  "jsonl",
  "vllm-bench",
  "bmf",
  "action-benchmark",
  "textfile",
  "openmetrics",
  "ml-energy",
  "ai-energy-score",
] as const;
export type ExportFormat = typeof EXPORT_FORMATS[number];

/** The tables of formats that consist of tables, in the order in which people read them. */
export const TABLE_NAMES = ["experiments", "runs", "metrics", "requests", "power"] as const;
export type TableName = typeof TABLE_NAMES[number];
