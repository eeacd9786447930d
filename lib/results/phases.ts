import { MAX_OPEN_PHASES, MAX_PHASE_NAMES_CHARS, MAX_PHASES } from "../protocol/bounds.ts";

/** One phase of a worker on CLOCK_MONOTONIC; `end_ns` is null where the worker never closed it. */
export interface Phase {
  readonly name: string;
  readonly begin_ns: bigint;
  readonly end_ns: bigint | null;
}

interface OpenPhase {
  readonly name: string;
  readonly begin_ns: bigint;
  end_ns: bigint | null;
}

/**
 * Pairs the edges that a worker reports. An `end` closes the latest open phase of its name. The cost of an edge does not
 * grow with what came before it.
 */
export class PhaseLog {
  readonly #phases: OpenPhase[] = [];
  /** The open phases of each name, outermost first. */
  readonly #openByName = new Map<string, OpenPhase[]>();
  /** The open phases of all names, outermost first; those that were closed out of turn go when they are met. */
  readonly #open: OpenPhase[] = [];
  /** Those that have ended since somebody took them last. */
  #ended: OpenPhase[] = [];
  #openCount = 0;
  #namesChars = 0;
  /** Edges that made no sense or came too late to be kept. */
  dropped = 0;

  add(name: string, edge: "begin" | "end", tNs: bigint): void {
    if (!(edge === "begin" ? this.#begin(name, tNs) : this.#end(name, tNs))) this.dropped += 1;
  }

  get phases(): readonly Phase[] {
    return this.#phases;
  }

  /** The phases that have ended since the last call. */
  takeEnded(): readonly Phase[] {
    const ended = this.#ended;
    if (ended.length > 0) this.#ended = [];
    return ended;
  }

  /** The same at the end of all, with those that never ended, in the order of their begins. */
  takeLeft(): readonly Phase[] {
    const ended = new Set(this.takeEnded());
    return this.#phases.filter((phase) => phase.end_ns === null || ended.has(phase));
  }

  /** The innermost phase that is open now. */
  get current(): string | null {
    while (this.#open.at(-1)?.end_ns !== null && this.#open.length > 0) this.#open.pop();
    return this.#open.at(-1)?.name ?? null;
  }

  #begin(name: string, begin_ns: bigint): boolean {
    const isFull = this.#phases.length >= MAX_PHASES || this.#openCount >= MAX_OPEN_PHASES ||
      this.#namesChars + name.length > MAX_PHASE_NAMES_CHARS;
    if (isFull) return false;
    const phase: OpenPhase = { name, begin_ns, end_ns: null };
    this.#phases.push(phase);
    this.#open.push(phase);
    const named = this.#openByName.get(name);
    if (named === undefined) this.#openByName.set(name, [phase]);
    else named.push(phase);
    this.#openCount += 1;
    this.#namesChars += name.length;
    return true;
  }

  #end(name: string, tNs: bigint): boolean {
    const named = this.#openByName.get(name);
    const phase = named?.at(-1);
    if (named === undefined || phase === undefined || tNs < phase.begin_ns) return false;
    phase.end_ns = tNs;
    this.#ended.push(phase);
    named.pop();
    if (named.length === 0) this.#openByName.delete(name);
    this.#openCount -= 1;
    return true;
  }
}

/** A closed stretch of time on CLOCK_MONOTONIC. */
export interface Window {
  readonly begin_ns: bigint;
  readonly end_ns: bigint;
}

/** The union of the closed windows of a phase: in order, apart from each other. Windows that touch become one. */
export function unionWindows(phases: readonly Phase[], name: string): Window[] {
  const windows = phases.flatMap((phase) =>
    phase.name === name && phase.end_ns !== null ? [{ begin_ns: phase.begin_ns, end_ns: phase.end_ns }] : []
  ).sort((a, b) => Number(a.begin_ns - b.begin_ns));
  const union: Window[] = [];
  for (const { begin_ns, end_ns } of windows) {
    const last = union.at(-1);
    if (last === undefined || begin_ns > last.end_ns) union.push({ begin_ns, end_ns });
    else if (end_ns > last.end_ns) union[union.length - 1] = { begin_ns: last.begin_ns, end_ns };
  }
  return union;
}

/** Seconds covered by the union of the closed windows of a phase; null where there is none. */
export function unionSeconds(phases: readonly Phase[], name: string): number | null {
  const union = unionWindows(phases, name);
  if (union.length === 0) return null;
  return Number(union.reduce((sum, { begin_ns, end_ns }) => sum + (end_ns - begin_ns), 0n)) / 1e9;
}
