import { exactInteger } from "../base/exact_integer.ts";
import type { Phase } from "./phases.ts";

/** A phase as a record has it. */
export interface RecordPhase {
  readonly name: string;
  readonly begin_ns: number | string;
  readonly end_ns: number | string | null;
  readonly duration_s: number | null;
  /** How many phases of this name it stands for, from the first begin to the last end; left out for one. */
  readonly windows?: number;
}

/** Phases that come with every request. What one of them lasted is in requests.jsonl. */
const OF_REQUESTS: ReadonlySet<string> = new Set(["prefill", "decode"]);
/** So many of a name still stand one by one. */
const MOST_APART = 16;

/** In the order of their begins; those of requests as one, with the sum of their times, where there are many. */
export function recordPhases(phases: readonly Phase[]): RecordPhase[] {
  const byName = Map.groupBy(phases, ({ name }) => name);
  const isJoined = (name: string): boolean =>
    OF_REQUESTS.has(name) && (byName.get(name)?.length ?? 0) > MOST_APART;
  return phases.flatMap((phase) => {
    const { name } = phase;
    if (!isJoined(name)) return [apart(phase)];
    const all = byName.get(name) ?? [];
    return all[0] === phase ? [joined(name, all)] : [];
  });
}

function apart(phase: Phase): RecordPhase {
  const { name, begin_ns, end_ns } = phase;
  return {
    name,
    begin_ns: exactInteger(begin_ns),
    end_ns: end_ns === null ? null : exactInteger(end_ns),
    duration_s: secondsOf(phase),
  };
}

function joined(name: string, phases: readonly Phase[]): RecordPhase {
  const begins = phases.map(({ begin_ns }) => begin_ns);
  const ends = phases.map(({ end_ns }) => end_ns).filter((end) => end !== null);
  const first = begins.reduce((found, each) => each < found ? each : found);
  const last = ends.length === 0 ? null : ends.reduce((found, each) => each > found ? each : found);
  const seconds = phases.map(secondsOf).filter((each) => each !== null);
  return {
    name,
    begin_ns: exactInteger(first),
    end_ns: last === null ? null : exactInteger(last),
    duration_s: seconds.length === 0 ? null : seconds.reduce((sum, each) => sum + each, 0),
    windows: phases.length,
  };
}

function secondsOf({ begin_ns, end_ns }: Phase): number | null {
  return end_ns === null ? null : Number(end_ns - begin_ns) / 1e9;
}
