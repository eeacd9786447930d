/** The texts of lib/report/live for people: one pure function for each message. */
import { formatDuration, wholeSeconds } from "../../base/duration.ts";
import { plural } from "../../base/text.ts";

/** What a board of a pool does while no run is on it; between two runs it rests, cools down or waits for its memory. */
export const BOARD_WORDS = {
  idle: "idle",
  gap: "gap",
  cooling: "cooling",
  memory: "waiting for its memory",
  baseline: "metering idle power",
  lost: "lost",
  quarantined: "quarantined",
};

/** Stands for the phase of a run that has loaded, until its turn to be measured comes. */
export const WAITING_WORD = "waiting";

/** The boards of a run by their numbers: `GPU 3`, `GPU 0-3`, `GPU 0,2`; without any, what a run has that uses none. */
export function boardsLabel(indices: readonly number[]): string {
  if (indices.length === 0) return "no GPU";
  const ranges: [number, number][] = [];
  for (const index of [...indices].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.[1] === index - 1) last[1] = index;
    else ranges.push([index, index]);
  }
  return `GPU ${ranges.map(([first, last]) => first === last ? `${first}` : `${first}-${last}`).join(",")}`;
}

/** A board that waits, and how long at most. */
export function boardWaits(word: string, left_s: number): string {
  return `${word} ${wholeSeconds(Math.max(0, left_s))} left`;
}

/** A pause before another attempt. */
export function attemptWaits(run: string, attempt: number, left_s: number): string {
  return `${run} attempt ${attempt} in ${wholeSeconds(Math.max(0, left_s))}`;
}

/** How many boards are in which state. */
export interface PoolCounts {
  readonly measured: number;
  /** Loading, warming up or being written down. */
  readonly other: number;
  /** Loaded, and not yet measured. */
  readonly waiting: number;
  readonly boards: number;
  /** Boards without a run that could have one. */
  readonly idle: number;
  /** Lost or quarantined. */
  readonly out: number;
}

/** Boards that there is no room for. */
export function moreBoards(
  count: number,
  { busy, out }: { readonly busy: number; readonly out: number },
): string {
  const parts = [`${busy} busy`, `${count - busy - out} idle`, ...out > 0 ? [`${out} out`] : []];
  return `... ${count} more: ${parts.join(", ")}`;
}

/** The line below the rows; `eta` is empty or begins with a space. */
export function poolLine(
  runs: { readonly done: number; readonly total: number; readonly running: number },
  eta: string,
): string {
  return `${runs.done}/${runs.total} done, ${runs.running} running${eta}`;
}

/** Into a log, once a minute; `left_s` is null where nothing tells. */
export function poolBeat(
  { done, total }: { readonly done: number; readonly total: number },
  { measured, other, waiting, idle, out }: PoolCounts,
  left_s: number | null,
  how: "about" | "up to",
): string {
  const running = measured + other + waiting;
  const states = [
    ...measured > 0 ? [`${measured} measured`] : [],
    ...waiting > 0 ? [`${waiting} waiting to be measured`] : [],
  ];
  const parts = [
    `${plural(running, "run")} under way${states.length > 0 ? ` (${states.join(", ")})` : ""}`,
    ...idle > 0 ? [`${plural(idle, "GPU")} idle`] : [],
    ...out > 0 ? [`${out} lost or quarantined`] : [],
    `${done} of ${total} done`,
    ...left_s === null ? [] : [`${how} ${wholeSeconds(left_s)} left for the study`],
  ];
  return parts.join(", ");
}

/** A line where there is no live line: what goes on, how far it is, since when. */
export function stillRunning(
  run: string,
  phase: string | null,
  progress: string | null,
  elapsed_s: number,
  left_s: number | null,
  how: "about" | "up to" = "about",
): string {
  const parts = [
    [phase, progress].filter((part) => part !== null).join(" "),
    `${wholeSeconds(elapsed_s)} so far`,
    ...left_s === null ? [] : [`${how} ${wholeSeconds(left_s)} left for the study`],
  ];
  return `${run}: ${parts.filter((part) => part !== "").join(", ")}`;
}

export function stillWaiting(what: string, left_s: number): string {
  return `${what}: ${wholeSeconds(left_s)} left`;
}

/** What runs now, on request; `text` says it. */
export function runningNowInFull(text: string, silence_s: number, log: string): string {
  return `${text}; last message ${wholeSeconds(silence_s)} ago; log: ${log}`;
}

export function nothingRunning(): string {
  return "no run is under way";
}

/** What a signal does, as it comes. In a gap there is no run to wait for. */
export function stopText(
  signal: string,
  urgency: "first" | "again",
  running: number,
  grace_s: number,
): string {
  if (running === 0) return `${signal}: the study stops now. No run is under way.`;
  const [runs, have, them] = running === 1 ? ["run", "has", "it"] : [`${running} runs`, "have", "them"];
  if (urgency === "again") return `${signal}: killing the current ${runs}.`;
  const grace = formatDuration(grace_s);
  return `${signal}: the current ${runs} ${have} ${grace} to end, then the study stops. ` +
    `A second signal kills ${them} now.`;
}

/** What SIGUSR2 does. */
export function drainText(running: number): string {
  if (running === 0) return "SIGUSR2: no further run starts. No run is under way.";
  return running === 1
    ? "SIGUSR2: the current run is the last one."
    : `SIGUSR2: the current ${running} runs are the last ones.`;
}
