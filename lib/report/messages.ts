/** What this folder says to people, one function for each text. */
import { plural } from "../base/text.ts";

/** Lines below a table of results. `sign` is that of an interval, `dash` stands in a range. */
export function legendInterval({ plusMinus }: { readonly plusMinus: string }): string {
  return `${plusMinus}: 95 % interval of the mean over the runs of a row, in per cent of the mean`;
}

export function legendRange({ dash }: { readonly dash: string }): string {
  return `a${dash}b: smallest and largest value; two runs are too few for an interval`;
}

export function legendNoisy(mark: string, { plusMinus }: { readonly plusMinus: string }): string {
  return `${mark} too noisy to compare (95 % interval wider than ${plusMinus}30 %): median, in brackets the range`;
}

export function legendLatency(names: readonly string[]): string {
  const gaps = names.includes("ITL") ? "; ITL over the gaps between tokens" : "";
  const others = names.filter((name) => name !== "ITL").join(", ");
  return others === ""
    ? "ITL: p50 and p99 over the gaps between tokens"
    : `${others}: p50 and p99 over the requests of a run${gaps}`;
}

export function legendRates(): string {
  return "prefill, decode: input tokens per second of prefill, tokens after the first per second of decode";
}

export function legendRatio(): string {
  return "vs first: ratio to the first row, paired by cycle, with its 95 % interval";
}

export function legendStaticBatch(): string {
  return "static batches: the prompts of a batch start together, so TTFT includes the prefill of the whole batch";
}

/** `ties`: rows that may be as good. */
export function legendBest(mark: string, head: string, ties: number): string {
  const unsure = ties === 0 ? "" : `, but the difference to ${plural(ties, "other row")} is not resolved`;
  return `${mark} best ${head}${unsure}`;
}

export function legendHidden(count: number): string {
  return `${plural(count, "column")} hidden: use a wider terminal or llem show --csv`;
}

/** A run whose number is unlike those of its row; `facts` are what else is known of the run. */
export function outlierNote(
  mark: string,
  { cycle, row, value, head, facts }: {
    readonly cycle: number;
    readonly row: string;
    readonly value: string;
    readonly head: string;
    readonly facts: readonly string[];
  },
): string {
  const about = facts.length === 0 ? "" : ` (${facts.join(", ")})`;
  const of = row === "" ? "" : ` of ${row}`;
  return `${mark} outlier: cycle ${cycle}${of}, ${value} ${head}${about}; included in all numbers`;
}

export function retriedFact(attempt: number): string {
  return `attempt ${attempt}`;
}

/** The load of every run, as a line above the table. Null is not the same in all rows, or not known. */
export function loadText(
  { prompts, input_tokens, output_tokens, concurrency, batches }: {
    readonly prompts: number | null;
    readonly input_tokens: number | null;
    readonly output_tokens: number | null;
    readonly concurrency: number | null;
    readonly batches: "static" | null;
  },
): string | null {
  const lengths = [
    ...input_tokens === null ? [] : [`${plural(input_tokens, "input token")}`],
    ...output_tokens === null ? [] : [`${plural(output_tokens, "output token")}`],
  ];
  const isAlone = concurrency === 1;
  const parts = [
    ...prompts === null ? [] : [plural(prompts, "prompt")],
    ...lengths.length === 0 ? [] : [lengths.join(", ")],
    ...concurrency === null ? [] : [isAlone ? "1 at a time" : `${concurrency} at a time`],
    ...batches === null || concurrency === null || isAlone ? [] : ["static batches"],
  ];
  return parts.length === 0 ? null : `load: ${parts.join("; ")}`;
}

export function parametersText(count: number): string {
  const units = [[1e12, "T"], [1e9, "B"], [1e6, "M"], [1e3, "k"]] as const;
  const [size, unit] = units.find(([least]) => count >= least) ?? [1, ""];
  return `${Number((count / size).toPrecision(3))}${unit} parameters`;
}
