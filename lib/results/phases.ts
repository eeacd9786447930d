/** One phase of a worker on CLOCK_MONOTONIC; `end_ns` is null where the worker never closed it. */
export interface Phase {
  readonly name: string;
  readonly begin_ns: bigint;
  readonly end_ns: bigint | null;
}

/** More phases than this are counted, not kept: a worker must not fill our memory with marks. */
const MAX_PHASES = 100_000;

/** Pairs the edges that a worker reports. An `end` closes the latest open phase of its name. */
export class PhaseLog {
  readonly #phases: { name: string; begin_ns: bigint; end_ns: bigint | null }[] = [];
  /** Indices of the open phases, outermost first. */
  readonly #open: number[] = [];
  /** Edges that made no sense or came too late to be kept. */
  dropped = 0;

  add(name: string, edge: "begin" | "end", tNs: bigint): void {
    if (edge === "begin") {
      if (this.#phases.length >= MAX_PHASES) this.dropped += 1;
      else this.#open.push(this.#phases.push({ name, begin_ns: tNs, end_ns: null }) - 1);
      return;
    }
    const position = this.#open.findLastIndex((index) => this.#phases[index]?.name === name);
    const phase = this.#phases[this.#open[position] ?? -1];
    if (phase === undefined || tNs < phase.begin_ns) {
      this.dropped += 1;
      return;
    }
    phase.end_ns = tNs;
    this.#open.splice(position, 1);
  }

  get phases(): readonly Phase[] {
    return this.#phases;
  }

  /** The innermost phase that is open now. */
  get current(): string | null {
    return this.#phases[this.#open.at(-1) ?? -1]?.name ?? null;
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
