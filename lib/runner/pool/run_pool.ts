/**
 * lib/runner/pool makes several runs of a study at a time, one on each set of boards. Which run begins where is the
 * scheduler's to say (lib/plan/pool); here it is begun, let through its gate, ended and written down.
 */
import { monotonicMs } from "../../base/clock.ts";
import { runKey } from "../../experiment/run.ts";
import type { Chain } from "../../plan/pool/chain.ts";
import { createPool } from "../../plan/pool/create_pool.ts";
import type { BoardSet, Placement, Pool, PoolEnd } from "../../plan/pool/pool.ts";
import { isVoid } from "../../plan/retry.ts";
import type { ChainFeed, FedChain, Room } from "../chain_feed.ts";
import { type EndReason, haltOf, haltOfStudy, haltText } from "../halt.ts";
import type { Control, Host, Slot, Study } from "../lifetimes.ts";
import { type AttemptEnd, makeAttempt, tellVoid } from "../make_run.ts";
import * as messages from "../messages.ts";
import type { Step } from "../next_step.ts";
import { quarantine } from "../quarantine.ts";
import { tellGivenUp } from "../tell_given_up.ts";
import type { Tally } from "../tally.ts";
import { announceBackoff, prepareSlot, waitSeconds } from "../waits.ts";
import type { BoardPool } from "./board_pool.ts";
import { BoardsOut } from "./boards_out.ts";
import { Gates } from "./gates.ts";
import { localStop } from "./local_stop.ts";
import { Neighbours } from "./neighbours.ts";
import type { PlannedGroups } from "./planned_groups.ts";
import { PoolSlots } from "./pool_slots.ts";
import { Rests } from "./rests.ts";
import { Wake } from "./wake.ts";

/** What a pool is run with. */
export interface PoolRun {
  readonly study: Study;
  readonly feed: ChainFeed;
  readonly host: Host;
  readonly pool: BoardPool;
  /** A worker of before lives on in spite of SIGKILL. */
  readonly is_unkillable: boolean;
  readonly control: Control;
  readonly tally: Tally;
  /** Those of the tally. */
  readonly groups: PlannedGroups;
}

/** Makes the runs of a feed, several at a time; the reason where not all were made. Throws SaveError, with no worker left alive. */
export async function runPool(parts: PoolRun): Promise<EndReason | null> {
  using local = localStop(parts.control.stop);
  const runner = new PoolRunner({ ...parts, control: { ...parts.control, stop: local.stop } });
  return await runner.run();
}

/** A chain that has runs left. */
interface OpenChain {
  readonly chain: Chain;
  left: number;
}

class PoolRunner {
  readonly #parts: PoolRun;
  readonly #scheduler: Pool;
  readonly #gates: Gates;
  readonly #rests: Rests;
  readonly #neighbours = new Neighbours();
  readonly #wake = new Wake();
  readonly #slots: PoolSlots;
  readonly #open = new Map<string, OpenChain>();
  readonly #tasks = new Map<string, Promise<void>>();
  readonly #out = new BoardsOut();
  #leftOut = 0;
  /** Runs that lost their boards, and are not made again. */
  #stranded = 0;
  /** What nothing begins after; the first one stands. */
  #reason: EndReason | null = null;
  #isUnkillable: boolean;
  #fatal: { readonly error: unknown } | null = null;

  constructor(parts: PoolRun) {
    this.#parts = parts;
    this.#isUnkillable = parts.is_unkillable;
    const { mode, quiet, boards, sets, earlier, onLoss } = parts.pool;
    this.#scheduler = createPool({ mode, quiet, boards, sets, chains: [], earlier });
    this.#gates = new Gates(this.#scheduler);
    this.#slots = new PoolSlots(parts.pool);
    this.#rests = new Rests(parts.study.plan, parts.study.emit, (set) => this.#slots.numberOf(set));
    // The meter sees other boards of the machine as well, and those that an audit has taken out of the pool.
    onLoss((board) => boards.includes(board) && this.#loseBoards([board]));
  }

  async run(): Promise<EndReason | null> {
    const { stop, limit } = this.#parts.control;
    using _ = this.#wake.with(stop.signal, stop.draining, limit.signal);
    try {
      await this.#makeAll();
    } catch (error) {
      this.#fail(error);
    } finally {
      await Promise.all(this.#tasks.values());
      await this.#slots.endServers().catch((error) => this.#fail(error));
      for (const { chain } of this.#open.values()) this.#parts.feed.done(chain);
    }
    if (this.#fatal !== null) throw this.#fatal.error;
    return this.#endReason();
  }

  async #makeAll(): Promise<void> {
    while (true) {
      this.#lookForHalt();
      const fed = this.#takeChains();
      this.#place();
      const nowMs = monotonicMs();
      const restMs = this.#rests.untilMs(nowMs);
      const dueMs = this.#isHalted ? null : this.#dueMs(nowMs, restMs);
      const feedMs = fed.kind === "wait" ? fed.ms : Infinity;
      if (this.#tasks.size === 0 && dueMs === null) {
        if (fed.kind === "none") return;
        // Nothing that is under way will make room, and the feed waits for nobody else.
        if (!this.#giveBackImpossible() && feedMs === Infinity) return;
      }
      await this.#wake.within(Math.min(feedMs, dueMs ?? Infinity));
    }
  }

  get #isHalted(): boolean {
    return this.#reason !== null || this.#fatal !== null;
  }

  #lookForHalt(): void {
    const halt = haltOfStudy(this.#parts.control);
    if (halt === null) return;
    // Whatever kept runs from beginning: those that were under way were cut short by the signal.
    if (halt.kind === "signal" && this.#reason?.halt?.kind !== "signal") this.#reason = null;
    this.#halt({ text: haltText(halt, this.#parts.study.plan.execution), halt });
  }

  #halt(reason: EndReason): void {
    this.#reason ??= reason;
    this.#scheduler.halt();
  }

  #takeChains(): FedChain {
    while (true) {
      if (this.#isHalted) return { kind: "none" };
      let isAsked = false;
      const fed = this.#parts.feed.take((chain) => {
        isAsked = true;
        return this.#roomFor(chain);
      });
      if (fed.kind !== "chain") return fed;
      const { chain } = fed;
      this.#open.set(chain.id, { chain, left: chain.runs.length });
      this.#parts.groups.expect(chain.runs);
      this.#scheduler.add([chain]);
      // Whether there is room for one more is seen once this one has its boards.
      if (isAsked) this.#place();
    }
  }

  /** With nothing under way and no rest, what does not begin now never does: there are too few boards for it, or they are lost. */
  #roomFor(chain: Chain): Room {
    const nowMs = monotonicMs();
    if (this.#scheduler.hasRoomFor(chain, nowMs)) return "now";
    const isIdle = this.#tasks.size === 0 && this.#open.size === 0 &&
      this.#dueMs(nowMs, this.#rests.untilMs(nowMs)) === null;
    return isIdle ? "never" : "later";
  }

  /** Milliseconds until something may begin although nothing happens; null where that is never. */
  #dueMs(nowMs: number, restMs: number): number | null {
    if (restMs > 0) return restMs;
    const nextMs = this.#scheduler.nextMs(nowMs);
    return nextMs === null ? null : Math.max(0, nextMs - nowMs);
  }

  /** Chains that no boards are left for are given back; false where there is none. */
  #giveBackImpossible(): boolean {
    const left = new Set(this.#scheduler.left().map(({ run }) => runKey(run)));
    const chains = [...this.#open.values()].filter(({ chain }) =>
      chain.runs.some((run) => left.has(runKey(run)))
    );
    for (const { chain } of chains) this.#close(chain);
    if (chains.length > 0) this.#wake.now();
    return chains.length > 0;
  }

  #place(): void {
    const nowMs = monotonicMs();
    if (this.#rests.untilMs(nowMs) > 0) return;
    for (const placement of this.#scheduler.decide(nowMs)) this.#begin(placement);
  }

  #begin(placement: Placement): void {
    const key = runKey(placement.run);
    const task = this.#make(placement)
      .catch((error) => this.#fail(error))
      .finally(() => {
        this.#tasks.delete(key);
        this.#wake.now();
      });
    this.#tasks.set(key, task);
  }

  /** What is fatal to the study ends all its runs. */
  #fail(error: unknown): void {
    this.#fatal ??= { error };
    this.#scheduler.halt();
    const { stop } = this.#parts.control;
    stop.request("SIGTERM");
    stop.request("SIGTERM");
  }

  async #make(placement: Placement): Promise<void> {
    const { run, chain } = placement;
    const { study, feed, host, control, tally } = this.#parts;
    if (tally.hasGivenUp(run)) this.#leftOut += 1;
    // Neither is one made that others have ended, or are about to make.
    if (tally.hasGivenUp(run) || feed.mayBegin?.(run, chain) === false) {
      return await this.#finish(placement, "over", 0);
    }
    const slot = this.#slotFor(placement);
    await this.#slots.endServersBeside(placement);
    if (chain.boards === 0) await this.#rests.waitOut(run, control);
    await prepareSlot(run, slot, control);
    const halt = haltOf(slot, control);
    if (halt !== null) return await this.#follow(placement, slot, null, { kind: "halt", reason: halt });
    const watched = { ...study, emit: this.#rests.watching(placement.boards) };
    const end = await makeAttempt(run, watched, host, slot, control, tally);
    await this.#follow(placement, slot, end, end.step);
  }

  /** What follows an attempt, or, with null, a run that did not begin. */
  async #follow(placement: Placement, slot: Slot, end: AttemptEnd | null, step: Step): Promise<void> {
    const { run, boards } = placement;
    const { study, tally, control } = this.#parts;
    if (step.kind === "halt" && step.reason.kind === "device_lost") {
      // What a run without boards of its own needs is not to be had elsewhere.
      if (boards.length === 0) {
        this.#halt({ text: haltText(step.reason, study.plan.execution), halt: step.reason });
      }
      return await this.#move(placement, slot, end);
    }
    // Left for a resume.
    if (end === null) return await this.#finish(placement, "again", 0);
    if (step.kind === "retry") return await this.#retry(placement, end, step.pause);
    if (step.kind !== "halt" && isVoid(end.outcome)) tellVoid(run, study);
    const last = tally.end(run, end.outcome, haltOf(slot, control));
    if (last.kind === "give_up") {
      tellGivenUp(
        run,
        last.way,
        study,
        this.#scheduler.left().map((left) => left.run),
      );
    }
    if (last.kind === "halt") this.#takeHalt(last, placement, slot);
    const isLast = this.#isHalted || haltOfStudy(control) !== null;
    await this.#finish(placement, "over", isLast ? 0 : this.#rests.gapMs(placement));
    if (last.kind === "halt" && last.reason.kind === "device_lost") {
      this.#loseBoards(this.#out.goneOf(boards));
    }
  }

  /** The same run again after the pause, on the same boards. */
  async #retry(
    placement: Placement,
    { outcome, attempt }: AttemptEnd,
    pause: "none" | "backoff",
  ): Promise<void> {
    const { run, chain } = placement;
    const { study, control } = this.#parts;
    const seconds = pause === "none" ? 0 : announceBackoff(run, { outcome, attempt: attempt + 1 }, study);
    // Boards rest; where there are none, nothing else does.
    if (chain.boards === 0 && seconds > 0) await waitSeconds(seconds, control);
    await this.#finish(placement, "again", chain.boards === 0 ? 0 : seconds * 1000);
  }

  /** A board of the run was lost: it is made again on others, not for ever. */
  async #move(placement: Placement, slot: Slot, end: AttemptEnd | null): Promise<void> {
    const { run, boards } = placement;
    const { study, tally } = this.#parts;
    this.#loseBoards(this.#out.goneOf(boards));
    await slot.servers?.end();
    // It did not begin.
    if (end === null) return await this.#finish(placement, "again", 0);
    const losses = this.#out.addLoss(run);
    const text = end.will_retry
      ? messages.madeElsewhere(run.index)
      : messages.leftAfterLosses(run.index, losses);
    study.emit({ type: "warning", code: "device_lost", text });
    if (!end.will_retry) {
      tally.end(run, end.outcome, null);
      this.#stranded += 1;
    }
    await this.#finish(placement, end.will_retry ? "again" : "over", 0);
  }

  /** A run of which a board was lost is to be made again, and there are others to make it on. */
  #movesOn({ run, chain, boards }: Placement): boolean {
    const { sets } = this.#parts.pool;
    return !this.#isHalted && this.#out.mayMove(run) && this.#out.leaves(sets(chain.boards), boards);
  }

  #takeHalt({ reason }: Step & { readonly kind: "halt" }, { run, boards }: Placement, slot: Slot): void {
    const { study } = this.#parts;
    if (reason.kind === "unkillable") {
      this.#isUnkillable = true;
      quarantine(run, study, slot);
      // Without boards of its own it may hold any.
      if (boards.length === 0) this.#halt({ text: haltText(reason, study.plan.execution), halt: reason });
      this.#scheduler.takeAway(boards);
      this.#out.hold(boards);
      for (const board of boards) study.emit({ type: "board_out", board, why: "quarantined" });
    } else if (reason.kind !== "device_lost") {
      this.#halt({ text: haltText(reason, study.plan.execution), halt: reason });
    }
  }

  /** The boards of a run are free again, once nothing of its chain is on them. */
  async #finish({ run, chain, boards }: Placement, end: PoolEnd, gapMs: number): Promise<void> {
    const open = this.#open.get(chain.id);
    if (open !== undefined && end === "over") open.left -= 1;
    const isThrough = open?.left === 0;
    if (isThrough) await this.#slots.endServer(boards);
    this.#gates.ended(run, end, monotonicMs(), gapMs);
    if (isThrough) this.#close(chain);
  }

  #close(chain: Chain): void {
    if (this.#open.delete(chain.id)) this.#parts.feed.done(chain);
  }

  #slotFor(placement: Placement): Slot {
    const { run, chain, boards, split } = placement;
    const { pool } = this.#parts;
    const slot = this.#slots.of(boards);
    const number = this.#slots.numberOf(boards);
    return {
      ...slot,
      pool: {
        placed: { chain: chain.id, slot: number, devices: boards, ...split ? { split } : {} },
        place: pool.placeOf(number, boards),
        // Where windows may overlap, and loads them, nobody's turn is to be waited for.
        gate: chain.exclusive || pool.mode === "shared" && !pool.quiet ? null : this.#gates.of(run),
        neighbours: this.#neighbours,
        movesOn: () => this.#movesOn(placement),
      },
    };
  }

  #loseBoards(boards: BoardSet): void {
    for (const board of this.#out.lose(boards)) {
      this.#parts.study.emit({ type: "board_out", board, why: "lost" });
    }
    this.#scheduler.takeAway(boards);
    this.#wake.now();
  }

  #endReason(): EndReason | null {
    const { execution } = this.#parts.study.plan;
    const left = this.#scheduler.left();
    const isCut = this.#reason !== null &&
      (left.length > 0 || this.#parts.study.ledger.totals().interrupted > 0 ||
        this.#reason.halt?.kind === "max_failures");
    if (this.#isUnkillable) {
      const text = left.length > 0
        ? messages.devicesQuarantinedFor(left.length)
        : messages.devicesQuarantined();
      return { text, halt: { kind: "unkillable" } };
    }
    if (isCut) return this.#reason;
    const impossible = left.filter(({ impossible }) => impossible).length + this.#stranded;
    if (impossible > 0) {
      const text = messages.runsWithoutDevices(impossible);
      return { text, halt: { kind: "device_lost", text } };
    }
    if (this.#leftOut === 0) return null;
    return { text: messages.runsSkipped(this.#leftOut, execution.give_up_after), halt: null };
  }
}
