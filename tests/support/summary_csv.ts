import { summaryCsvPieces } from "../../lib/results/summary_csv.ts";
import type { Summary } from "../../lib/results/summary.ts";

/** The whole of summary.csv. */
export function summaryCsv(summary: Summary): string {
  return [...summaryCsvPieces(summary)].join("");
}
