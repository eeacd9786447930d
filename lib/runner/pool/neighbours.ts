import { stampNs } from "../../base/stamp.ts";
import type { AttemptPlace } from "../../launch/attempt_request.ts";
import { type Frame, MEASURED_PHASE } from "../../protocol/frame.ts";
import type { Window } from "../../results/phases.ts";
import type { RecordNeighbour, RecordParallel } from "../../results/record.ts";

/** An attempt, as its neighbours' records name it. */
export interface NamedAttempt {
  readonly run_id: string;
  /** As its worker is told them. */
  readonly devices: readonly string[];
}

/** An attempt under way. It leaves when it is disposed. */
export interface Neighbour extends Disposable {
  /** What its worker says: a measured window begins or ends, or it has handed in all that it has. */
  hear(frame: Frame): void;
  /** It is measured no more, whether or not its worker has said where the window ends. */
  settle(): void;
  /** Those that were there at some time of it, up to now, by their begins. */
  beside(): RecordNeighbour[];
}

interface Stay {
  readonly of: NamedAttempt;
  readonly begin_ns: bigint;
  /** Null while it is there. */
  end_ns: bigint | null;
  /** Its measured windows, in order and apart; the last one may be open. */
  readonly windows: { readonly begin_ns: bigint; end_ns: bigint | null }[];
  /** Windows that are open, one within the other. */
  depth: number;
}

/** Who ran when, and was measured when, on CLOCK_MONOTONIC. It remembers as much as attempts under way may ask for. */
export class Neighbours {
  #stays: Stay[] = [];

  /** An attempt begins. */
  enter(of: NamedAttempt): Neighbour {
    const stay: Stay = { of, begin_ns: stampNs(), end_ns: null, windows: [], depth: 0 };
    this.#stays.push(stay);
    return {
      hear: (frame) => {
        if (frame.type === "phase" && frame.name === MEASURED_PHASE) measure(stay, frame.edge, frame.t_ns);
        if (frame.type === "result" || frame.type === "error") settle(stay);
      },
      settle: () => settle(stay),
      beside: () => this.#beside(stay),
      [Symbol.dispose]: () => this.#leave(stay),
    };
  }

  #beside(stay: Stay): RecordNeighbour[] {
    const now_ns = stampNs();
    const own = closed([stay], now_ns);
    const measured = closed(stay.windows, now_ns);
    return this.#stays.filter((other) => other !== stay).flatMap((other) => {
      const overlap_s = overlapSeconds(own, closed([other], now_ns));
      if (overlap_s === 0) return [];
      const measure_overlap_s = overlapSeconds(measured, closed(other.windows, now_ns));
      return [{ ...other.of, overlap_s, measure_overlap_s }];
    });
  }

  #leave(stay: Stay): void {
    settle(stay);
    stay.end_ns ??= stampNs();
    const begins = this.#stays.filter(({ end_ns }) => end_ns === null).map(({ begin_ns }) => begin_ns);
    this.#stays = this.#stays.filter(({ end_ns }) =>
      end_ns === null || begins.some((begin) => begin < end_ns)
    );
  }
}

/** What a record says of how a run shared its machine. The power of the other boards is the meter's to tell. */
export function recordParallel(
  { mode, shared_is, slot, cpus, numa }: Omit<AttemptPlace, "gate">,
  neighbour: Neighbour,
): RecordParallel {
  return {
    mode,
    ...shared_is === undefined ? {} : { shared_is },
    slot,
    cpus: cpus === null ? null : cpuList(cpus),
    numa,
    beside: neighbour.beside(),
    other_boards_w: null,
  };
}

/** As the kernel writes lists: `0-7,16`. */
function cpuList(cpus: readonly number[]): string {
  const sorted = [...new Set(cpus)].sort((a, b) => a - b);
  const ranges: [number, number][] = [];
  for (const cpu of sorted) {
    const last = ranges.at(-1);
    if (last !== undefined && cpu === last[1] + 1) last[1] = cpu;
    else ranges.push([cpu, cpu]);
  }
  return ranges.map(([from, to]) => from === to ? `${from}` : `${from}-${to}`).join(",");
}

/** A window within another counts once; the end of one that was never begun says nothing, nor does a time that goes back. */
function measure(stay: Stay, edge: "begin" | "end", tNs: bigint): void {
  const last = stay.windows.at(-1);
  if (tNs < (last?.end_ns ?? last?.begin_ns ?? 0n)) return;
  if (edge === "begin") {
    if (stay.depth === 0) stay.windows.push({ begin_ns: tNs, end_ns: null });
    stay.depth += 1;
  } else if (stay.depth > 0) {
    stay.depth -= 1;
    if (stay.depth === 0 && last !== undefined) last.end_ns = tNs;
  }
}

/** A worker that fails, or is killed, in its window never says where that ends; nothing is measured from here on. */
function settle(stay: Stay): void {
  const last = stay.windows.at(-1);
  const now_ns = stampNs();
  if (last !== undefined && last.end_ns === null) {
    last.end_ns = now_ns > last.begin_ns ? now_ns : last.begin_ns;
  }
  stay.depth = 0;
}

function closed(
  windows: readonly { readonly begin_ns: bigint; readonly end_ns: bigint | null }[],
  now_ns: bigint,
): Window[] {
  return windows.map(({ begin_ns, end_ns }) => ({ begin_ns, end_ns: end_ns ?? now_ns }));
}

/** Of windows that are in order and apart, on either side. */
function overlapSeconds(some: readonly Window[], others: readonly Window[]): number {
  let sum_ns = 0n;
  let place = 0;
  for (const { begin_ns, end_ns } of some) {
    // What ends before this one ends before all that follow.
    while ((others[place]?.end_ns ?? end_ns) < begin_ns) place += 1;
    for (let at = place; at < others.length; at += 1) {
      const other = others[at];
      if (other === undefined || other.begin_ns >= end_ns) break;
      const from = begin_ns > other.begin_ns ? begin_ns : other.begin_ns;
      const to = end_ns < other.end_ns ? end_ns : other.end_ns;
      if (to > from) sum_ns += to - from;
    }
  }
  return Number(sum_ns) / 1e9;
}
