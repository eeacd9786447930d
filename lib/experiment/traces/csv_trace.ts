import { CsvError, parse } from "csv-parse/sync";
import { dateNs, timeNs, tokenCount, type TraceRequest, TraceRowError } from "./trace_value.ts";

/** How the columns of a format are named, and what its times are. */
interface CsvFormat {
  readonly format: "azure" | "burstgpt";
  readonly time: string;
  readonly input: string;
  readonly output: string;
  readonly toNs: (column: string, value: string, line: number) => bigint;
}

const FORMATS: readonly CsvFormat[] = [
  {
    format: "azure",
    time: "TIMESTAMP",
    input: "ContextTokens",
    output: "GeneratedTokens",
    toNs: dateNs,
  },
  {
    format: "burstgpt",
    time: "Timestamp",
    input: "Request tokens",
    output: "Response tokens",
    toNs: (column, value, line) => timeNs(column, value, "s", line),
  },
];

/** True where a first line names the columns of a format. */
export function isTraceHeader(line: string): boolean {
  return formatOf(namesIn(line)) !== null;
}

/** The first rows, at most so many, of a CSV file (RFC 4180) with such a first line, in its order. Throws a TraceRowError. */
export function readCsvTrace(
  text: string,
  most: number,
): { format: "azure" | "burstgpt"; rows: TraceRequest[] } {
  const rows: TraceRequest[] = [];
  let columns: Columns | null = null;
  try {
    parse(text, {
      relax_column_count: true,
      skip_empty_lines: true,
      ...(Number.isFinite(most) ? { to: most + 1 } : {}),
      // Nothing is kept of a row but what it means: such files have millions.
      on_record: (cells: string[], { lines }) => {
        if (columns === null) columns = columnsOf(cells);
        else rows.push(toRow(cells, columns, lines));
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new TraceRowError(typeof error.lines === "number" ? error.lines : 1, error.message);
  }
  const { format } = columns ?? columnsOf([]);
  return { format: format.format, rows };
}

interface Columns {
  readonly format: CsvFormat;
  readonly time: number;
  readonly input: number;
  readonly output: number;
}

function columnsOf(names: readonly string[]): Columns {
  const trimmed = names.map((name) => name.trim());
  const format = formatOf(trimmed);
  if (format === null) throw new Error(`These are no columns of a trace: ${names.join(", ")}`);
  const [time, input, output] = [format.time, format.input, format.output].map((name) =>
    trimmed.indexOf(name)
  );
  return { format, time: time ?? -1, input: input ?? -1, output: output ?? -1 };
}

function toRow(
  cells: readonly string[],
  { format, time, input, output }: Columns,
  line: number,
): TraceRequest {
  return {
    t_ns: format.toNs(format.time, cells[time] ?? "", line),
    input_len: tokenCount(format.input, cells[input] ?? "", line),
    output_len: tokenCount(format.output, cells[output] ?? "", line),
    hash_ids: null,
  };
}

function formatOf(names: readonly string[]): CsvFormat | null {
  return FORMATS.find(({ time, input, output }) =>
    [time, input, output].every((name) => names.includes(name))
  ) ?? null;
}

function namesIn(line: string): string[] {
  try {
    const [names = []] = parse(line, { relax_column_count: true });
    return names.map((name) => name.trim());
  } catch (error) {
    if (error instanceof CsvError) return [];
    throw error;
  }
}
