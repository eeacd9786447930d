/** Texts of lib/report for people. */
import { formatDuration, roughDuration, wholeSeconds } from "../base/duration.ts";
import { plural } from "../base/text.ts";

type GapKind = "experiment" | "cycle";

/** Before a gap. One that nobody asked for says what it is for and how to be rid of it. */
export function gapBegins(kind: GapKind, source: "given" | "machine", seconds: number): string {
  const time = formatDuration(seconds);
  return source === "machine"
    ? `waiting ${time} to let the GPUs cool before the next ${nextWord(kind)} (--no-gaps skips this)`
    : `waiting ${time} before the next ${nextWord(kind)} (execution.${kind}_gap_seconds)`;
}

/** On the live line, in front of the time that is left. */
export function gapTitle(kind: GapKind): string {
  return `gap before the next ${nextWord(kind)}`;
}

function nextWord(kind: GapKind): string {
  return kind === "cycle" ? "cycle" : "run";
}

/** The study as it begins, or as it is resumed. */
export function runsPlanned(
  name: string,
  runs: { readonly left: number; readonly total: number },
  time: string | null,
  dir: string,
): string {
  const count = runs.left === runs.total
    ? `${plural(runs.total, "run")} planned`
    : `${runs.left} of ${plural(runs.total, "run")} left`;
  return `${name}: ${[count, ...time === null ? [] : [time], `results in ${dir}`].join(", ")}`;
}

/** How many runs a study came to, and why not all, where something else than the runs decided that. */
export function studyEnded(
  how: { readonly kind: "finished" | "interrupted"; readonly reason: string | null },
  counts: Readonly<Record<"total" | "completed" | "failed" | "interrupted" | "pending", number>>,
  seconds: number,
): string {
  const others = (["failed", "interrupted", "pending"] as const).filter((key) => counts[key] > 0)
    .map((key) => `, ${counts[key]} ${key}`).join("");
  const why = how.reason === null ? "" : ` (${how.reason})`;
  return `study ${how.kind}${why}: ${counts.completed}/${counts.total} runs completed${others}, in ${
    formatDuration(seconds)
  }`;
}

export function resumeWith(dir: string): string {
  return `resume with: llem run --resume ${dir}`;
}

/** Every configuration of the study has run before on a machine like this one. */
export function timeFromEarlier(seconds: number, studies: number): string {
  const source = studies === 1 ? "an earlier study" : `${studies} earlier studies`;
  return `about ${roughDuration(seconds)} (from ${source})`;
}

/** What can be said before every configuration has run once. */
export function timeAtLeast(seconds: number, parts: readonly string[]): string {
  return `at least ${roughDuration(seconds)} (${parts.join(" + ")})`;
}

export function timeUnknown(): string {
  return "unknown before a first run";
}

/** The limits of all runs together, with the gaps between them. */
export function timeLimit(seconds: number, limit: "runs" | "runs and retries" | "study"): string {
  const of = limit === "study" ? "the study's time limit" : `the time limits of ${limit}`;
  return `at most ${formatDuration(seconds)} by ${of}`;
}

/** The line of a plan that says how long it takes. */
export function planTime(estimate: string, limit: string, gaps: string): string {
  return `time: ${estimate}, ${limit}; ${gaps}`;
}

/** The gaps of a plan together. */
export function gapsPlanned(seconds: number, source: "given" | "machine"): string {
  if (seconds === 0) return "no gaps";
  const time = roughDuration(seconds);
  const why = source === "machine" ? " to let the GPUs cool (--no-gaps skips them)" : "";
  return `gaps ${time}${why}`;
}

/** A line where there is no live line: what goes on, how far it is, since when. */
export function stillRunning(
  run: string,
  phase: string | null,
  progress: string | null,
  elapsed_s: number,
  left_s: number | null,
): string {
  const parts = [
    [phase, progress].filter((part) => part !== null).join(" "),
    `${wholeSeconds(elapsed_s)} so far`,
    ...left_s === null ? [] : [`about ${wholeSeconds(left_s)} left for the study`],
  ];
  return `${run}: ${parts.filter((part) => part !== "").join(", ")}`;
}

export function stillWaiting(what: string, left_s: number): string {
  return `${what}: ${wholeSeconds(left_s)} left`;
}

/** What a signal does, as it comes. In a gap there is no run to wait for. */
export function stopText(
  signal: string,
  urgency: "first" | "again",
  isRunning: boolean,
  grace_s: number,
): string {
  if (!isRunning) return `${signal}: the study stops now. No run is under way.`;
  if (urgency === "again") return `${signal}: killing the current run.`;
  const grace = formatDuration(grace_s);
  return `${signal}: the current run has ${grace} to end, then the study stops. A second signal kills it now.`;
}

/** What SIGUSR2 does. */
export function drainText(isRunning: boolean): string {
  return isRunning
    ? "SIGUSR2: the current run is the last one."
    : "SIGUSR2: no further run starts. No run is under way.";
}

/** Columns of the live table of `llem meter`. Energy is since the table began. */
export function meterHeadings(): string[] {
  return [
    "device",
    "power W",
    "energy J",
    "over s",
    "temp C",
    "SM MHz",
    "memory GiB",
    "util %",
    "power limit W",
  ];
}

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

/** The verdict of llem doctor without errors. */
export function studiesCanRun(): string {
  return "Studies can be run here.";
}

/** The verdict where only boards have errors. */
export function studiesCanRunElsewhere(): string {
  return "Studies can be run here, but not on the boards with errors.";
}

/** The verdict where an error concerns every study. */
export function noStudiesCanRun(): string {
  return "Studies cannot be run here until the errors above are fixed.";
}

/** The verdict where errors concern some backends; neither list is empty. */
export function someStudiesCanRun(able: readonly string[], unable: readonly string[]): string {
  return `Studies of ${able.join(", ")} can be run here; those of ${unable.join(", ")} cannot ` +
    "until the errors above are fixed.";
}
