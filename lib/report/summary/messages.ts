/** Texts of the table of results for people. */
import { bytesText } from "../../base/bytes.ts";
import { plural } from "../../base/text.ts";
import type { Comparison } from "../../results/comparison.ts";
import type { EnergyVerdict } from "../../results/energy/record.ts";
import type { MemoryUse } from "../../results/memory_use.ts";

/** The column with the ratio to the first row. */
export function ratioHeading(of: "headline" | "energy"): string {
  return of === "energy" ? `J ${VS_FIRST}` : VS_FIRST;
}

/** Ends the heading of every column of ratios. */
export const VS_FIRST = "vs first";

/** The runs of a row: `5/5 (1 contended)`. */
export function runCounts(
  { completed, total, failed, contended, client_limited }: {
    readonly completed: number;
    readonly total: number;
    readonly failed: number;
    readonly contended: number;
    readonly client_limited: number;
  },
): string {
  const remarks = [
    ...failed > 0 ? [`${failed} failed`] : [],
    ...contended > 0 ? [`${contended} contended`] : [],
    ...client_limited > 0 ? [`${client_limited} client-limited`] : [],
  ];
  return `${completed}/${total}${remarks.length === 0 ? "" : ` (${remarks.join(", ")})`}`;
}

/** A ratio in a cell; `interval` is empty where there is none, `n` the number of cycles compared. */
export function ratioWithVerdict(
  ratio: string,
  interval: string,
  { verdict, n }: Pick<Comparison, "verdict" | "n">,
): string {
  switch (verdict) {
    case "resolved":
      return ratio + interval;
    case "undecided":
      return `${ratio}${interval} undecided`;
    case "too_noisy":
      return `${ratio} too noisy to compare`;
    case "too_few":
      return `${ratio} (${plural(n, "cycle")})`;
  }
}

/** Energy in a cell; null where no run has a number. `n` of the `total` completed runs have one. */
export function energyWithVerdict(
  number: string | null,
  verdict: EnergyVerdict,
  { n, total }: { readonly n: number; readonly total: number },
): string {
  if (number === null) return `- ${verdict}`;
  const of = n === total ? "" : ` (${n} of ${plural(total, "run")})`;
  return `${number} ${verdict}${of}`;
}

/** More than can be named above the table. */
export function severalOf(
  count: number,
  what: "models" | "devices" | "engines" | "llem versions" | "modes",
): string {
  return `${count} ${what}`;
}

/** How several runs at a time shared a machine. */
export function parallelText(mode: "staged" | "shared"): string {
  return mode === "staged"
    ? "several runs at a time, one of them measured (staged)"
    : "several runs measured at a time (shared)";
}

/** Lines below the table. `plusMinus` is the sign of an interval, `dash` that of a range. */
export function legendInterval({ plusMinus }: { readonly plusMinus: string }): string {
  return `${plusMinus}: 95 % interval of the mean over the runs of a row, in per cent of the mean`;
}

/** A mean over values of which one is not positive has no interval on logarithms. */
export function legendPlainInterval({ plusMinus }: { readonly plusMinus: string }): string {
  return `${plusMinus} where a run has 0 or less: 95 % interval of the arithmetic mean, in per cent of it`;
}

/** `head` is the heading of the energy column. */
export function legendEnergyInterval(head: string, { plusMinus }: { readonly plusMinus: string }): string {
  return `${head} ${plusMinus}: 95 % interval over the runs, with the error of the meter that all of them share; ` +
    "of one run, the meter's uncertainty";
}

export function legendRange({ dash }: { readonly dash: string }): string {
  return `a${dash}b: smallest and largest value; two runs are too few for an interval`;
}

/** `range`: which of the marked numbers have their range beside them. */
export function legendNoisy(
  mark: string,
  { plusMinus }: { readonly plusMinus: string },
  range: "all" | "some" | "none",
): string {
  const shown = { all: "median (range)", some: "median (range where there is room)", none: "median" }[range];
  return `${mark} too noisy to compare (95 % interval wider than ${plusMinus}30 %): ${shown}`;
}

export function legendLatency(names: readonly string[]): string {
  const gaps = names.includes("ITL") ? "; ITL over the gaps between tokens" : "";
  const others = names.filter((name) => name !== "ITL").join(", ");
  return others === ""
    ? "ITL: p50 and p99 over the gaps between tokens"
    : `${others}: p50 and p99 over the requests of a run${gaps}`;
}

export function legendRates(): string {
  return "prefill: input tokens per second of prefill; decode: tokens after the first per second of decode";
}

/** Fewer than three cycles have no interval. */
export function legendRatio(hasInterval: boolean): string {
  return `vs first: ratio to the first row, paired by cycle${hasInterval ? ", with its 95 % interval" : ""}`;
}

export function legendStaticBatch(): string {
  return "static batches: the prompts of a batch start together, so TTFT includes the prefill of the whole batch";
}

/** Of a study with several engines. */
export function inputsNote(inputs: "same" | "different"): string {
  return inputs === "same"
    ? "input tokens: the same for every engine"
    : "input tokens: not the same for every engine (metrics.input_hash), so their rates are not of the same work";
}

export function noEnergyNote(reason: string): string {
  return `no energy: ${reason}`;
}

/** `ties`: rows that may be as good. */
export function legendBest(mark: string, head: string, ties: number): string {
  const unsure = ties === 0 ? "" : `, but the difference to ${plural(ties, "other row")} is not resolved`;
  return `${mark} best ${head}${unsure}`;
}

export function legendHidden(count: number): string {
  return `${plural(count, "column")} hidden: use a wider terminal or llem show --csv`;
}

/** A run whose number is unlike those of its row; `facts` are its marks, such as `contended`. */
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

/** The load of every run, as a line above the table. Null where it differs between rows or is unknown. */
export function loadText(
  { served = null, turns = null, prompts, input_tokens, output_tokens, concurrency, batches }: {
    /** When a server is sent its requests. */
    readonly served?: string | null;
    /** Requests of a conversation; null where each stands alone. */
    readonly turns?: number | null;
    readonly prompts: number | null;
    readonly input_tokens: number | null;
    readonly output_tokens: number | null;
    readonly concurrency: number | null;
    readonly batches: "static" | null;
  },
): string | null {
  const lengths = [
    ...input_tokens === null
      ? []
      : [`${plural(input_tokens, turns === null ? "input token" : "new input token")}`],
    ...output_tokens === null ? [] : [`${plural(output_tokens, "output token")}`],
  ];
  const isAlone = concurrency === 1;
  const parts = [
    ...prompts === null
      ? []
      : [plural(prompts, "prompt") + (turns === null ? "" : ` in conversations of ${turns} turns`)],
    ...lengths.length === 0 ? [] : [lengths.join(", ")],
    ...served === null ? [] : [served],
    ...concurrency === null ? [] : [isAlone ? "1 at a time" : `${concurrency} at a time`],
    ...batches === null || concurrency === null || isAlone ? [] : ["static batches"],
  ];
  return parts.length === 0 ? null : `load: ${parts.join("; ")}`;
}

/** What memory was for, in one line. `of`: the row that it is of, or how many rows; null for all of a study. */
export function memoryLine(
  { of, memory, peak }: {
    readonly of: string | number | null;
    readonly memory: Omit<MemoryUse, "peak_bytes">;
    /** Of the runs of all these rows. */
    readonly peak: { readonly least: number; readonly most: number } | null;
  },
): string {
  const part = (name: string, bytes: number | null): string[] =>
    bytes === null ? [] : [`${name} ${bytesText(bytes)}`];
  const tokens = memory.kv_cache_tokens === null ? "" : ` (${plural(memory.kv_cache_tokens, "token")})`;
  const parts = [
    ...part("weights", memory.weights_bytes),
    ...part("KV cache", memory.kv_cache_bytes).map((text) => text + tokens),
    ...part("activations", memory.activations_bytes),
    ...part("CUDA graphs", memory.graphs_bytes),
  ].join(", ");
  const [least, most] = peak === null ? ["", ""] : [bytesText(peak.least), bytesText(peak.most)];
  const whose = memory.peak_of === "gpus" ? "peak of the GPUs" : "peak of the processes";
  const highest = peak === null ? [] : [`${whose} ${least === most ? most : `${least} to ${most}`}`];
  const subject = of === null
    ? "memory"
    : typeof of === "number"
    ? `memory of ${plural(of, "row")}`
    : `memory of ${of}`;
  return `${subject}: ${[...parts === "" ? [] : [parts], ...highest].join("; ")}`;
}

/** Rows with other memory than those that have a line. */
export function moreMemory(lines: number): string {
  return `memory: ${plural(lines, "further kind")} of rows in summary.json`;
}

/** Why rows have no rates of prefill and decode; `partly` where others have them. */
export function noPhasesNote(reason: string, partly: boolean): string {
  return `${
    partly ? "rows without" : "no"
  } prefill and decode rates: ${reason} (see metrics.phases_reason of result.json)`;
}

/** Why there are no times between tokens; `partly` where only some requests lack them. */
export function noItlNote(reason: string, partly: boolean): string {
  const what = partly ? "ITL leaves out requests without times of single tokens" : "no ITL";
  return `${what}: ${reason} (see latency.itl_untold of result.json)`;
}

export function parametersText(count: number): string {
  const units = [[1e12, "T"], [1e9, "B"], [1e6, "M"], [1e3, "k"]] as const;
  const [size, unit] = units.find(([least]) => count >= least) ?? [1, ""];
  return `${Number((count / size).toPrecision(3))}${unit} parameters`;
}
