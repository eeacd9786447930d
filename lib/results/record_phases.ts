import { exactInteger } from "../base/exact_integer.ts";
import type { Phase } from "./phases.ts";

/** A phase as a record has it. */
export interface RecordPhase {
  readonly name: string;
  readonly begin_ns: number | string;
  readonly end_ns: number | string | null;
  /** The sum of those that ended; null where none did. */
  readonly duration_s: number | null;
  /** How many phases of this name it stands for, from the first begin to the last end; left out for one. */
  readonly windows?: number;
  /** Those of them that do not stand in requests.jsonl, as no request came after them; the first ones, and left out for none. */
  readonly apart?: readonly PhaseWindow[];
}

/** One phase of a request as requests.jsonl has it. */
export interface RequestPhase extends PhaseWindow {
  readonly name: string;
}

export interface PhaseWindow {
  readonly begin_ns: number | string;
  /** Null where it never ended. */
  readonly end_ns: number | string | null;
}

/** So many of a name still stand one by one; of measured windows, which numbers are over, more. */
const MOST_APART = 16;
const MOST_MEASURED = 200;
/** More rows than these are joined, however few each name has, and more names than these are counted together. */
const MOST_ROWS = 400;
const MOST_NAMES = 50;
const OTHER_PHASES = "other phases";
const MEASURE = "measure";

/**
 * In the order of their begins; a name that has many as one row, with the sum of their times. `left`: those that no line of
 * requests.jsonl tells.
 */
export function recordPhases(phases: readonly Phase[], left: readonly Phase[] = []): RecordPhase[] {
  const byName = Map.groupBy(phases, ({ name }) => name);
  const leftByName = Map.groupBy(left, ({ name }) => name);
  const names = [...byName.keys()].slice(0, MOST_NAMES);
  const single = namesApart(names.map((name) => [name, byName.get(name)?.length ?? 0]));
  const known = new Set(names);
  const rows = phases.flatMap((phase) => {
    const { name } = phase;
    if (single.has(name)) return [apart(phase)];
    const all = byName.get(name) ?? [];
    return known.has(name) && all[0] === phase ? [joined(name, all, leftByName.get(name) ?? [])] : [];
  });
  const others = phases.filter(({ name }) => !known.has(name));
  return others.length === 0 ? rows : [...rows, joined(OTHER_PHASES, others, [])];
}

/** The names whose phases stand one by one. */
function namesApart(counts: readonly (readonly [name: string, count: number])[]): ReadonlySet<string> {
  let rows = 0;
  return new Set(counts.flatMap(([name, count]) => {
    const isFew = count <= (name === MEASURE ? MOST_MEASURED : MOST_APART) && rows + count <= MOST_ROWS;
    rows += isFew ? count : 1;
    return isFew ? [name] : [];
  }));
}

function apart(phase: Phase): RecordPhase {
  return { name: phase.name, ...windowOf(phase), duration_s: secondsOf(phase) };
}

/** A phase as a line of requests.jsonl tells it. */
export function requestPhase(phase: Phase): RequestPhase {
  return { name: phase.name, ...windowOf(phase) };
}

function joined(name: string, phases: readonly Phase[], left: readonly Phase[]): RecordPhase {
  let first = phases[0]?.begin_ns ?? 0n;
  let last: bigint | null = null;
  let seconds: number | null = null;
  for (const phase of phases) {
    const { begin_ns, end_ns } = phase;
    if (begin_ns < first) first = begin_ns;
    if (end_ns !== null && (last === null || end_ns > last)) last = end_ns;
    if (end_ns !== null) seconds = (seconds ?? 0) + (secondsOf(phase) ?? 0);
  }
  return {
    name,
    ...windowOf({ begin_ns: first, end_ns: last }),
    duration_s: seconds,
    windows: phases.length,
    ...left.length === 0 ? {} : { apart: left.slice(0, MOST_APART).map(windowOf) },
  };
}

function windowOf({ begin_ns, end_ns }: Omit<Phase, "name">): PhaseWindow {
  return { begin_ns: exactInteger(begin_ns), end_ns: end_ns === null ? null : exactInteger(end_ns) };
}

function secondsOf({ begin_ns, end_ns }: Phase): number | null {
  return end_ns === null ? null : Number(end_ns - begin_ns) / 1e9;
}
