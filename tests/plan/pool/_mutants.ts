/**
 * The source of the scheduler with one mistake each; the first three are mistakes that a prototype made. That new chains do not ask
 * whose boards they take is none: whatever is placed and rested goes on before they are asked.
 */
export interface Mutant extends Change {
  readonly what: string;
  /** What would catch the mistake otherwise is gone as well. */
  readonly also?: Change;
}

/** Of one file. */
interface Change {
  /** Of lib/plan/pool. */
  readonly file: "board_book" | "chain_book" | "create_pool" | "gate" | "placing";
  /** Stands once in the file. */
  readonly from: string;
  readonly to: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    what: "two runs on one board",
    file: "board_book",
    from: "state === undefined || state.run !== null ||",
    to: "state === undefined ||",
    also: { file: "placing", from: "at === null || isBusy ||", to: "at === null ||" },
  },
  {
    what: "boards of chains that are between two runs are given away",
    file: "placing",
    from: "boards.countUnowned(set, null) === set.length && boards.haveRested(set, nowMs) &&",
    to: "boards.haveRested(set, nowMs) &&",
    also: {
      file: "placing",
      from: "return pickPlaced(standing) ?? pickWaiting(standing, reserved);",
      to: "return pickWaiting(standing, reserved) ?? pickPlaced(standing);",
    },
  },
  {
    what: "the run that is next is left out of what is left",
    file: "create_pool",
    from: "state.chain.runs.slice(state.begun)",
    to: "state.chain.runs.slice(state.begun + 1)",
  },
  {
    what: "which of the free boards a chain gets follows a lot",
    file: "placing",
    from: "const free = setsFor(state, boards).find((set) =>",
    to: "const free = setsFor(state, boards).toSorted(() => Math.random() - 0.5).find((set) =>",
  },
  {
    what: "a chain that has lost a board keeps the others",
    file: "create_pool",
    from: "this.#boards.disown(state.at ?? []);",
    to: "",
  },
  {
    what: "an exclusive chain keeps to itself what it cannot have",
    file: "chain_book",
    from: 'state.stand = "impossible";',
    to: "this.wait(state);",
  },
  {
    what: "an exclusive chain never gets its turn",
    file: "placing",
    from: "return nActive === 0 && boards.haveRested(set, nowMs) ? { state: oldest, boards: set } : null;",
    to: "if (nActive === 0 && boards.haveRested(set, nowMs)) return { state: oldest, boards: set };",
  },
  {
    what: "an exclusive run begins beside others",
    file: "placing",
    from: "nActive === 0 &&",
    to: "",
  },
  {
    what: "runs begin beside an exclusive one",
    file: "create_pool",
    from: "return first === undefined || !first.state.chain.exclusive;",
    to: "return true;",
  },
  {
    what: "new chains take boards that rest",
    file: "placing",
    from: "set.length && boards.haveRested(set, nowMs) &&",
    to: "set.length && boards.haveRested(set, Infinity) &&",
  },
  {
    what: "placed chains take boards that rest",
    file: "placing",
    from: "if (boards.haveRested(at, nowMs))",
    to: "if (boards.haveRested(at, Infinity))",
  },
  {
    what: "the oldest that waits keeps nothing for itself",
    file: "placing",
    from: "reserved ??= bestSet(state, boards);",
    to: "",
  },
  {
    what: "every chain that waits keeps a set for itself",
    file: "placing",
    from: "reserved ??= bestSet(state, boards);",
    to: "reserved = [...reserved ?? [], ...bestSet(state, boards)];",
  },
  {
    what: "an exclusive chain keeps no boards for itself",
    file: "placing",
    from: "reserved = set;",
    to: "",
  },
  {
    what: "placed chains wait for older ones",
    file: "placing",
    from: "chain.exclusive || !isOpen(state)) continue;",
    to: "chain.exclusive || !isOpen(state) || state.age > 2) continue;",
  },
  {
    what: "begins after a halt",
    file: "create_pool",
    from: "if (this.#isHalted || !this.#gate.mayLoad)",
    to: "if (!this.#gate.mayLoad)",
  },
  {
    what: "measures several at a time",
    file: "gate",
    from: 'return this.#mode === "shared" || !this.#has("measuring");',
    to: "return true;",
  },
  {
    what: "measures while another loads",
    file: "gate",
    from: 'if (this.#quiet && this.#has("loading")) return false;',
    to: "",
  },
  {
    what: "loads while another is measured",
    file: "gate",
    from: 'return !this.#quiet || !this.#has("waiting") && !this.#has("measuring");',
    to: 'return !this.#quiet || !this.#has("waiting");',
  },
  {
    what: "the end of a run lets nobody through the gate",
    file: "gate",
    from: "this.#steps.delete(runKey(run));\n    return this.#open();",
    to: "this.#steps.delete(runKey(run));\n    return [];",
  },
  {
    what: "the gate knows no queue",
    file: "gate",
    from: "this.#steps.delete(key);",
    to: "",
  },
  {
    what: "dead boards are used",
    file: "board_book",
    from: "state.usable = false;",
    to: "",
  },
  {
    what: "sets of dead boards are remembered",
    file: "board_book",
    from: "this.#usableSets.clear();",
    to: "",
  },
  {
    what: "a chain that moves does not say so",
    file: "create_pool",
    from: "state.isSplit ||= state.begun > 0 || state.isResumed;",
    to: "",
  },
  {
    what: "a resumed chain that moves does not say so",
    file: "create_pool",
    from: "state.begun > 0 || state.isResumed;",
    to: "state.begun > 0;",
  },
  {
    what: "a run that is to be made again is forgotten",
    file: "create_pool",
    from: 'if (end === "again") state.begun--;',
    to: "",
  },
  {
    what: "boards do not rest",
    file: "board_book",
    from: "state.run = null;\n      state.freeAtMs = freeAtMs;",
    to: "state.run = null;",
  },
  {
    what: "the host does not rest",
    file: "board_book",
    from: "if (boards.length === 0) this.#hostFreeAtMs = freeAtMs;",
    to: "",
  },
  {
    what: "a chain that is through keeps its boards",
    file: "create_pool",
    from: "this.#boards.disown(boards);",
    to: "",
  },
  {
    what: "a resumed chain goes anywhere",
    file: "placing",
    from: "return wanted === null ? boards.setsOf(chain.boards) : [wanted];",
    to: "return boards.setsOf(chain.boards);",
  },
  {
    what: "a chain waits for boards that are gone",
    file: "create_pool",
    from: "this.#chains.wantAny(state);",
    to: "",
  },
  {
    what: "chains that wait are not looked at when boards go",
    file: "create_pool",
    from: "for (const state of [...this.#chains.waiting()]) this.#recheck(state);",
    to: "",
  },
  {
    what: "a chain that lost its place is not found again",
    file: "chain_book",
    from: "if (state.age < this.#firstWaiting) this.#firstWaiting = state.age;",
    to: "",
  },
  {
    what: "placed chains always count as older",
    file: "chain_book",
    from: "return placed.age < waiting.age ? placed : waiting;",
    to: "return placed;",
  },
  {
    what: "nobody says when a rest is over",
    file: "board_book",
    from: "return Number.isFinite(next) ? next : null;",
    to: "return null;",
  },
  {
    what: "there is always room",
    file: "create_pool",
    from: "(guest) => pickNext(this.#standing(nowMs))?.state === guest,",
    to: "() => true,",
  },
  {
    what: "there is never room",
    file: "create_pool",
    from: "(guest) => pickNext(this.#standing(nowMs))?.state === guest,",
    to: "() => false,",
  },
  {
    what: "decisions follow a lot",
    file: "placing",
    from: "others.reduce((best, set) => free(set) > free(best) ? set : best, first);",
    to: "others.reduce((best, set) => Math.random() < 0.5 ? set : best, first);",
  },
];
