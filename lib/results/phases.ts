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
    const place = this.#open.findLastIndex((index) => this.#phases[index]?.name === name);
    const phase = this.#phases[this.#open[place] ?? -1];
    if (phase === undefined || tNs < phase.begin_ns) {
      this.dropped += 1;
      return;
    }
    phase.end_ns = tNs;
    this.#open.splice(place, 1);
  }

  get phases(): readonly Phase[] {
    return this.#phases;
  }

  /** The innermost phase that is open now. */
  get current(): string | null {
    return this.#phases[this.#open.at(-1) ?? -1]?.name ?? null;
  }
}

/** Seconds covered by the union of the closed windows of a phase; null where there is none. */
export function unionSeconds(phases: readonly Phase[], name: string): number | null {
  const windows = phases.flatMap((phase) =>
    phase.name === name && phase.end_ns !== null ? [{ begin: phase.begin_ns, end: phase.end_ns }] : []
  ).sort((a, b) => Number(a.begin - b.begin));
  if (windows.length === 0) return null;
  let coveredNs = 0n;
  let reached = windows[0]?.begin ?? 0n;
  for (const { begin, end } of windows) {
    const from = begin > reached ? begin : reached;
    if (end > from) {
      coveredNs += end - from;
      reached = end;
    }
  }
  return Number(coveredNs) / 1e9;
}
