import { monotonicMs } from "../../base/clock.ts";
import type { Run } from "../../experiment/run.ts";
import type { Emit } from "../../journal/runner_event.ts";
import { gapSeconds, isGiven } from "../../plan/gaps.ts";
import type { Plan } from "../../plan/plan.ts";
import { gapAfter } from "../../plan/pool/gap_after.ts";
import type { BoardSet, Placement } from "../../plan/pool/pool.ts";
import { GapWatch } from "../gap_watch.ts";
import type { Control } from "../lifetimes.ts";
import { waitSeconds } from "../waits.ts";

/**
 * The gaps of a pool. Boards rest between the runs of a chain, and longer between chains of other cycles; runs without boards of
 * their own keep the gap from whatever ran before them, and whatever follows keeps it from them.
 */
export class Rests {
  readonly #plan: Plan;
  readonly #emit: Emit;
  readonly #slotOf: (boards: BoardSet) => number;
  readonly #watches = new Map<string, GapWatch>();
  /** The end of the gap after the last run of any kind, and after the last one without boards. */
  #anyEndMs = 0;
  #boardlessEndMs = 0;

  /** `slotOf` is the slot of a set of boards. */
  constructor(plan: Plan, emit: Emit, slotOf: (boards: BoardSet) => number = () => 0) {
    this.#plan = plan;
    this.#emit = emit;
    this.#slotOf = slotOf;
  }

  /** The events of runs on these boards, heard here as well. */
  watching(boards: BoardSet): Emit {
    const watch = this.#watchOf(boards);
    return (event) => {
      watch.take(event);
      this.#emit(event);
    };
  }

  /** How long the boards of a run that is over rest before the next run on them. */
  gapMs({ run, chain, boards }: Placement): number {
    const { gaps, execution } = this.#plan;
    const { next, kind } = gapAfter({ run, chain }, this.#plan);
    const seconds = gapSeconds(kind, gaps);
    if (kind === null || seconds === 0) return 0;
    const isOwn = isGiven(kind, execution);
    const watch = this.#watchOf(boards);
    if (!watch.isDue({ ...next ?? run, gap_before: kind })) return 0;
    const source = isOwn ? "given" : "machine";
    const event = {
      type: "gap_started",
      kind,
      source,
      seconds,
      run: next ?? run,
      slot: this.#slotOf(boards),
    } as const;
    watch.take(event);
    if (next !== null) this.#emit(event);
    const endMs = monotonicMs() + seconds * 1000;
    this.#anyEndMs = Math.max(this.#anyEndMs, endMs);
    if (chain.boards === 0) this.#boardlessEndMs = endMs;
    return seconds * 1000;
  }

  /** Milliseconds until anything may begin after a run without boards; 0 for now. */
  untilMs(nowMs: number): number {
    return Math.max(0, this.#boardlessEndMs - nowMs);
  }

  /** Waits until a run without boards may begin after whatever ran before it. Whatever halts the study ends the wait. */
  async waitOut({ gap_before }: Run, control: Control): Promise<void> {
    const ms = gap_before === null ? 0 : this.#anyEndMs - monotonicMs();
    if (ms > 0) await waitSeconds(ms / 1000, control);
  }

  #watchOf(boards: BoardSet): GapWatch {
    const key = boards.join(" ");
    const watch = this.#watches.get(key) ?? new GapWatch(this.#plan.execution);
    this.#watches.set(key, watch);
    return watch;
  }
}
