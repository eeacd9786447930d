/** Texts of lib/report for people. */
import { bytesText } from "../base/bytes.ts";
import { formatDuration, roughDuration } from "../base/duration.ts";
import { formatNumber, plural } from "../base/text.ts";

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

export function joinWith(dir: string): string {
  return `continue with: llem run --join ${dir}`;
}

export function runStarted(name: string): string {
  return `started: ${name}`;
}

export function nextAttempt(attempt: number, seconds: number): string {
  return `attempt ${attempt} in ${formatDuration(seconds)}`;
}

/** The end of a completed run; `word` is its outcome, `facts` are its rate and energy. */
export function runCompleted(word: string, seconds: number, facts: readonly string[], flags: string): string {
  return `${[`${word} in ${formatDuration(seconds)}`, ...facts].join(", ")}${flags}`;
}

/** The end of any other run; `reason` is its message with the hint. */
export function runNotCompleted(
  word: string,
  seconds: number,
  flags: string,
  reason: string,
  willRetry: boolean,
): string {
  return `${word} after ${formatDuration(seconds)}${flags}: ${reason}${willRetry ? " Retrying." : ""}`;
}

export function tokenRate(perSecond: number): string {
  return `${formatNumber(perSecond)} tok/s`;
}

/** `amount` is null where the energy of the run is unknown, `reason` empty where there is none. */
export function runEnergyText(
  amount: { readonly joules: number; readonly per: "run" | "token"; readonly relative: number | null } | null,
  verdict: string,
  reason: string,
): string {
  const why = `${verdict}${reason === "" ? "" : `: ${reason}`}`;
  if (amount === null) return `energy ${why}`;
  const { joules, per, relative } = amount;
  const error = relative === null ? "" : ` +-${Number((relative * 100).toPrecision(2))} %`;
  return `${formatNumber(joules)} ${per === "token" ? "J/token" : "J"}${error} (${why})`;
}

/** The counter is such as `[3/10]`. */
export function runWarning(counter: string, text: string): string {
  return `${counter} ${text}`;
}

export function warningLine(text: string): string {
  return `warning: ${text}`;
}

/** The state of a study for llem status. */
export function studyState(
  name: string,
  state: string,
  { total, completed, failed, interrupted, pending }: Readonly<
    Record<"total" | "completed" | "failed" | "interrupted" | "pending", number>
  >,
): string {
  const counts = [
    `${completed} of ${plural(total, "run")} completed`,
    ...failed > 0 ? [`${failed} failed`] : [],
    ...interrupted > 0 ? [`${interrupted} interrupted`] : [],
    ...pending > 0 ? [`${pending} left`] : [],
  ];
  return `${name}: ${[state, ...counts].join(", ")}`;
}

/** `host` is null on this machine; a runner elsewhere is known only from the lock. */
export function runningAs(pid: number | null, host: string | null): string {
  return host === null ? `running (pid ${pid})` : `running on ${host} (pid ${pid}) according to its lock`;
}

export function anotherMachine(): string {
  return "another machine";
}

/** The runner died without ending the study. */
export function stoppedUnexpectedly(dir: string): string {
  return `stopped unexpectedly (${resumeWith(dir)})`;
}

/** `seconds` is null where the run has just started, `place` where one run is made at a time. */
export function runningNow(run: string, seconds: number | null, place: string | null): string {
  const since = seconds === null ? "just started" : `for ${formatDuration(seconds)}`;
  return `  now: ${run}, ${since}${place === null ? "" : `, on ${place}`}`;
}

export function runOfStatus(index: number, values: string, cycle: number): string {
  return `run ${index} ${values} cycle ${cycle}`;
}

/** `message` is null where the run left none. */
export function failureOfStatus(outcome: string, run: string, message: string | null): string {
  return `  ${outcome}: ${run}: ${message ?? "no message"}`;
}

/** Below the results or the state of a study with failed runs; `dir` as a shell reads it. */
export function failuresExplained(dir: string): string {
  return `causes and log ends of failed runs: llem show ${dir} --failed`;
}

export function moreFailures(count: number): string {
  return `  and ${count} more failed`;
}

/** The head of a run's paragraph in llem show --failed; `seconds` is null where they are unknown. */
export function failedRunHead(
  subject: string,
  { kind, attempt, seconds, flags, message }: {
    readonly kind: string;
    readonly attempt: number;
    readonly seconds: number | null;
    readonly flags: readonly string[];
    readonly message: string;
  },
): string {
  const again = attempt > 1 ? ` in attempt ${attempt}` : "";
  const after = seconds === null ? "" : ` after ${formatDuration(seconds)}`;
  const marks = flags.length > 0 ? ` [${flags.join(", ")}]` : "";
  return `${subject}: ${kind}${again}${after}${marks}: ${message}`;
}

export function causeLine(cause: string): string {
  return `  cause: ${cause}`;
}

export function remedyLine(remedy: string): string {
  return `  try:   ${remedy}`;
}

/** `path` is null where the log was removed. */
export function logHead(path: string | null): string {
  return `log:   ${path ?? "(removed)"}`;
}

export function emptyLog(): string {
  return "(empty)";
}

/** The values of a key for llem plan --explain; `more` are counted only. */
export function keyExplained(
  path: string,
  values: readonly string[],
  more: number,
  idle: string | null,
): string {
  const all = [...values, ...more > 0 ? [`and ${more} more`] : []].join("; ");
  return `${path}: ${all}${idle === null ? "" : ` (${idle})`}`;
}

/** `location` is null for a default. */
export function valueOrigin(
  value: string,
  location: string | null,
  { preset, block, skipped }: {
    readonly preset: string | null;
    readonly block: "sweep" | "experiments" | "base" | "user" | null;
    readonly skipped: boolean;
  },
): string {
  const layer = block === null ? "" : ` (${block === "user" ? "user configuration" : block})`;
  const source = location === null
    ? "(default)"
    : `from ${preset === null ? "" : `preset ${preset}, `}${location}${layer}`;
  return `${value} ${source}${skipped ? ", skipped: not valid here" : ""}`;
}

/** The first line of a plan. */
export function planCounts(experiments: number, cycles: number, runs: number, skipped: number): string {
  const count = `${plural(experiments, "experiment")} x ${plural(cycles, "cycle")} = ${plural(runs, "run")}`;
  return skipped > 0 ? `${count}, ${plural(skipped, "point")} skipped` : count;
}

/** What all runs of a plan share. */
export function planShared(
  values: readonly string[],
  order: string,
  seed: number | null,
  design: string,
): string {
  return [...values, `order ${order}${seed === null ? "" : ` (seed ${seed})`}`, `design ${design}`].join(
    "; ",
  );
}

export function moreRuns(count: number): string {
  return `... and ${plural(count, "more run")}`;
}

export function pointsSkipped(count: number): string {
  return `${plural(count, "point")} skipped:`;
}

/** `labels` name the points; of several the first few. */
export function skippedPoints(count: number, labels: string, reason: string): string {
  return `  ${count === 1 ? labels : `${count} points (${labels})`}: ${reason}`;
}

export function moreReasons(count: number): string {
  return `  ... and ${plural(count, "more reason")}`;
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
/** `isOneByOne`: several runs are made at a time, for which another line tells the time. */
export function planTime(estimate: string, limit: string, gaps: string, isOneByOne: boolean): string {
  return `time${isOneByOne ? " with one run at a time" : ""}: ${estimate}, ${limit}; ${gaps}`;
}

/** The gaps of a plan together. */
export function gapsPlanned(seconds: number, source: "given" | "machine"): string {
  if (seconds === 0) return "no gaps";
  const time = roughDuration(seconds);
  const why = source === "machine" ? " to let the GPUs cool (--no-gaps skips them)" : "";
  return `gaps ${time}${why}`;
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

/** The status of a check of llem doctor. */
export const CHECK_LABELS = {
  ok: "ok",
  warning: "warning",
  missing: "missing",
  unavailable: "unavailable",
  unsupported: "not supported",
  broken: "error",
} as const;

/** How many checks of llem doctor have each status. */
export function checksCounted(
  { warning, missing, unavailable, unsupported, broken }: Readonly<
    Record<"warning" | "missing" | "unavailable" | "unsupported" | "broken", number>
  >,
): string {
  return [
    plural(warning, "warning"),
    ...missing > 0 ? [`${missing} missing`] : [],
    `${unavailable} unavailable`,
    ...unsupported > 0 ? [`${unsupported} not supported`] : [],
    plural(broken, "error"),
  ].join(", ");
}

/** `1.2 GB of 3.4 GB (35 %), 45.3 MB/s, 48s left`; without a rate and an end before they are known. */
export function downloadProgress(
  { done_bytes, total_bytes }: { readonly done_bytes: number; readonly total_bytes: number },
  bytes_per_s: number | null,
  left_s: number | null,
): string {
  const share = total_bytes === 0 ? 100 : Math.floor(100 * done_bytes / total_bytes);
  return [
    `${bytesText(done_bytes)} of ${bytesText(total_bytes)} (${share} %)`,
    ...bytes_per_s === null ? [] : [`${bytesText(Math.round(bytes_per_s))}/s`],
    ...left_s === null ? [] : [`${formatDuration(left_s)} left`],
  ].join(", ");
}
