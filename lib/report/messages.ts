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
