import { largest } from "../../base/numbers.ts";
import { printable } from "../../base/text.ts";
import type { Run } from "../../experiment/run.ts";
import type { PoolBoardName, RunnerEvent } from "../../journal/runner_event.ts";
import type { NameRun } from "../run_name.ts";
import {
  attemptWaits,
  BOARD_WORDS,
  boardsLabel,
  boardWaits,
  moreBoards,
  nothingRunning,
  poolBeat,
  type PoolCounts,
  poolLine,
  runningNowInFull,
  WAITING_WORD,
} from "./messages.ts";
import { type NamedRun, RunState } from "./run_state.ts";

/** What rows have to know of the study as it stands. */
export interface PoolStudy {
  /** Runs of the study, and those that have ended. */
  readonly counts: () => { readonly total: number; readonly done: number };
  readonly name: NameRun;
}

/** A run on its boards. */
interface Placed extends NamedRun {
  readonly run: Run;
  /** Of its first board. */
  readonly slot: number;
  readonly state: RunState;
  heardMs: number;
  isWaiting: boolean;
}

/** What a board does while no run is on it. */
interface Rest {
  readonly endMs: number;
  readonly text: (left_s: number) => string;
}

interface Row {
  readonly label: string;
  /** How much it is to be seen where there is no room for all. */
  readonly rank: "measured" | "busy" | "resting" | "out";
  readonly boards: number;
  readonly draw: (room: number) => string;
}

const MEASURED_PHASES: ReadonlySet<string> = new Set(["measure", "prefill", "decode"]);
const RANKS: readonly Row["rank"][] = ["measured", "busy", "resting", "out"];

/** On a terminal of the usual 24 lines there are eight rows. */
const SHARE_OF_HEIGHT = 3;
const LEAST_ROWS = 2;

/** One row for each board on which runs are made at a time. Times in ms on the caller's clock. */
export class PoolRows {
  readonly #boards: readonly PoolBoardName[];
  readonly #study: PoolStudy;
  /** Runs under way, by their numbers. */
  readonly #runs = new Map<number, Placed>();
  /** Where runs are or were, to name the boards of what is told of them later; places in the list of boards. */
  readonly #places = new Map<number, readonly number[]>();
  readonly #rests = new Map<number, Rest>();
  /** What all boards wait for while no run is on any. */
  #restOfAll: Rest | null = null;
  readonly #out = new Map<number, string>();

  constructor(boards: readonly PoolBoardName[], study: PoolStudy) {
    this.#boards = boards;
    this.#study = study;
  }

  get running(): number {
    return this.#runs.size;
  }

  placeOf(event: RunnerEvent): string | null {
    if ("slot" in event && event.slot !== undefined) return this.#label([event.slot]);
    if (!("run" in event)) return null;
    const places = this.#places.get(event.run.index);
    return places === undefined ? null : this.#label(places);
  }

  take(event: RunnerEvent, nowMs: number): void {
    if ("run" in event) {
      const placed = this.#runs.get(event.run.index);
      if (placed !== undefined) placed.heardMs = nowMs;
    }
    switch (event.type) {
      case "run_started":
        return this.#begin(event, nowMs);
      case "run_phase":
      case "run_progress":
        return this.#runs.get(event.run.index)?.state.take(event, nowMs);
      case "gate_waiting":
      case "gate_passed": {
        const placed = this.#runs.get(event.run.index);
        if (placed !== undefined) placed.isWaiting = event.type === "gate_waiting";
        return;
      }
      case "run_finished":
        this.#runs.delete(event.run.index);
        return;
      case "retry_waiting": {
        const [slot] = this.#places.get(event.run.index) ?? [];
        const endMs = nowMs + event.seconds * 1000;
        const run = `${this.#counter(event.run)}${this.#study.name(event.run)}`;
        if (slot === undefined) return;
        this.#rests.set(slot, { endMs, text: (left_s) => attemptWaits(run, event.attempt, left_s) });
        return;
      }
      case "gap_started":
        return this.#rest(event.slot, BOARD_WORDS.gap, nowMs + event.seconds * 1000);
      case "waiting":
        return this.#rest(event.slot, BOARD_WORDS[event.what], nowMs + event.seconds * 1000);
      case "board_out": {
        const place = this.#boards.findIndex(({ key }) => key === event.board);
        if (place >= 0) this.#out.set(place, BOARD_WORDS[event.why]);
      }
    }
  }

  /** The rows, as many as there is room for, and below them how far the study is. */
  lines(
    nowMs: number,
    { room, height, eta }: { readonly room: number; readonly height: number; readonly eta: string },
  ): string[] {
    const rows = this.#rows(nowMs);
    const most = Math.max(LEAST_ROWS, Math.floor(height / SHARE_OF_HEIGHT));
    const shown = rows.length <= most ? rows : foremost(rows, most - 1);
    const widest = largest(shown.map(({ label }) => label.length), 0);
    const hidden = rows.filter((row) => !shown.includes(row));
    return [
      ...shown.map(({ label, draw }) => `${label.padEnd(widest)}  ${draw(room - widest - 2)}`),
      ...hidden.length > 0 ? [hiddenLine(hidden)] : [],
      poolLine({ ...this.#study.counts(), running: this.#runs.size }, eta),
    ];
  }

  /** Every run under way, a line each. */
  tell(nowMs: number, runsDir: string): string {
    const lines = this.#sorted().map((placed) => {
      const text = `${this.#label(this.#placesOf(placed))}  ${lineOf(placed, nowMs, Infinity)}`;
      const log = printable(`${runsDir}/${placed.run_id}/worker.log`);
      return runningNowInFull(printable(text), (nowMs - placed.heardMs) / 1000, log);
    });
    return lines.length === 0 ? nothingRunning() : lines.join("\n");
  }

  beat(left_s: number | null, how: "about" | "up to"): string {
    return poolBeat(this.#study.counts(), this.#counts(), left_s, how);
  }

  #counts(): PoolCounts {
    const runs = [...this.#runs.values()];
    const waiting = runs.filter(({ isWaiting }) => isWaiting).length;
    const measured = runs.filter(isMeasured).length;
    const busy = new Set(runs.flatMap((placed) => this.#placesOf(placed)));
    const out = [...this.#out.keys()].filter((place) => !busy.has(place)).length;
    const boards = this.#boards.length;
    return {
      measured,
      waiting,
      other: runs.length - waiting - measured,
      boards,
      idle: boards - busy.size - out,
      out,
    };
  }

  #begin(event: RunnerEvent & { readonly type: "run_started" }, nowMs: number): void {
    const { run, run_id, placed } = event;
    const slot = placed?.slot ?? 0;
    const devices = placed?.devices ?? [];
    const named = devices.map((device) => this.#boards.findIndex(({ key }) => key === device));
    // Boards that a worker is told by other names: as many, from the first on.
    const places = named.includes(-1) ? devices.map((_, place) => slot + place) : named;
    this.#places.set(run.index, places);
    this.#rests.delete(slot);
    this.#restOfAll = null;
    this.#runs.set(run.index, {
      run,
      run_id,
      slot,
      counter: this.#counter(run),
      title: this.#study.name(run),
      startedMs: nowMs,
      state: new RunState(),
      heardMs: nowMs,
      isWaiting: false,
    });
  }

  #rest(slot: number | undefined, word: string, endMs: number): void {
    const rest: Rest = { endMs, text: (left_s) => boardWaits(word, left_s) };
    if (slot === undefined) this.#restOfAll = rest;
    else this.#rests.set(slot, rest);
  }

  #rows(nowMs: number): Row[] {
    const runs = this.#sorted();
    const taken = new Set(runs.flatMap((placed) => this.#placesOf(placed)));
    const ofRuns = runs.map((placed): Row & { readonly place: number } => {
      const places = this.#placesOf(placed);
      return {
        place: places.length === 0 ? -1 : placed.slot,
        label: this.#label(places),
        rank: isMeasured(placed) ? "measured" : "busy",
        boards: places.length,
        draw: (room) => lineOf(placed, nowMs, room),
      };
    });
    const ofBoards = this.#boards.flatMap((_, place): (Row & { readonly place: number })[] => {
      if (taken.has(place)) return [];
      const out = this.#out.get(place);
      const rest = this.#restOfAll ?? this.#rests.get(place);
      const rank = out !== undefined ? "out" : "resting";
      const left_s = rest === undefined ? 0 : (rest.endMs - nowMs) / 1000;
      const draw = (): string => out ?? (left_s > 0 ? rest?.text(left_s) : undefined) ?? BOARD_WORDS.idle;
      return [{ place, label: this.#label([place]), rank, boards: 1, draw }];
    });
    return [...ofRuns, ...ofBoards].sort((a, b) => a.place - b.place);
  }

  #sorted(): Placed[] {
    return [...this.#runs.values()].sort((a, b) => a.slot - b.slot);
  }

  #placesOf({ run }: Placed): readonly number[] {
    return this.#places.get(run.index) ?? [];
  }

  #label(places: readonly number[]): string {
    return boardsLabel(places.map((place) => this.#boards[place]?.index ?? place));
  }

  #counter({ index }: Run): string {
    const { total } = this.#study.counts();
    return `[${String(index).padStart(String(total).length)}/${total}] `;
  }
}

function isMeasured({ isWaiting, state: { phase } }: Placed): boolean {
  return !isWaiting && phase !== null && MEASURED_PHASES.has(phase);
}

function lineOf(placed: Placed, nowMs: number, room: number): string {
  return placed.state.line(placed, { nowMs, room, word: placed.isWaiting ? WAITING_WORD : null });
}

/** The most telling rows, in their own order. */
function foremost(rows: readonly Row[], count: number): readonly Row[] {
  const ranked = RANKS.flatMap((rank) => rows.filter((row) => row.rank === rank)).slice(0, count);
  return rows.filter((row) => ranked.includes(row));
}

function hiddenLine(rows: readonly Row[]): string {
  const of = (ranks: readonly Row["rank"][]): number =>
    rows.filter(({ rank }) => ranks.includes(rank)).reduce((sum, { boards }) => sum + boards, 0);
  return moreBoards(of(RANKS), { busy: of(["measured", "busy"]), out: of(["out"]) });
}
