import assert from "node:assert/strict";
import { type Phase, PhaseLog, unionSeconds } from "../../lib/results/phases.ts";
import { Random } from "../support/random.ts";

/** A log of marks such as `load+1` (begins at 1) and `load-5` (ends at 5). */
function logOf(marks: string): PhaseLog {
  const log = new PhaseLog();
  for (const mark of marks.split(" ").filter((text) => text !== "")) {
    const [, name = "", sign, time = ""] = /^(\w+)([+-])(\d+)$/.exec(mark) ?? [];
    log.add(name, sign === "+" ? "begin" : "end", BigInt(time));
  }
  return log;
}

Deno.test("PhaseLog pairs edges and counts those that make no sense", () => {
  const cases:
    readonly (readonly [marks: string, phases: string, dropped: number, current: string | null])[] = [
      ["", "", 0, null],
      ["load+1", "load 1..", 0, "load"],
      ["load+1 load-5", "load 1..5", 0, null],
      ["load+5 load-5", "load 5..5", 0, null],
      ["load+1 load-5 measure+6 measure-9", "load 1..5, measure 6..9", 0, null],
      // Nested, in order and out of it.
      ["measure+1 decode+2 decode-3 measure-4", "measure 1..4, decode 2..3", 0, null],
      ["measure+1 decode+2 measure-4 decode-5", "measure 1..4, decode 2..5", 0, null],
      ["measure+1 decode+2", "measure 1.., decode 2..", 0, "decode"],
      ["measure+1 decode+2 decode-3", "measure 1.., decode 2..3", 0, "measure"],
      // An end closes the latest open phase of its name.
      ["a+1 a+2 a-3", "a 1.., a 2..3", 0, "a"],
      ["a+1 a+2 a-3 a-4", "a 1..4, a 2..3", 0, null],
      ["a+1 a-2 a+3 a-4", "a 1..2, a 3..4", 0, null],
      ["load-5", "", 1, null],
      ["load+1 other-5", "load 1..", 1, "load"],
      ["load+1 load-5 load-6", "load 1..5", 1, null],
      // Backwards in time: not a phase, and the phase stays open.
      ["load+5 load-4", "load 5..", 1, "load"],
      ["load+5 load-4 load-6", "load 5..6", 1, null],
    ];
  for (const [marks, phases, dropped, current] of cases) {
    const log = logOf(marks);
    const found = log.phases.map(({ name, begin_ns, end_ns }) => `${name} ${begin_ns}..${end_ns ?? ""}`);
    assert.deepEqual({ phases: found.join(", "), dropped: log.dropped, current: log.current }, {
      phases,
      dropped,
      current,
    }, marks);
  }
});

Deno.test("PhaseLog keeps a bounded number of phases and counts the rest", () => {
  const log = new PhaseLog();
  for (let count = 0; count < 250_010; count++) {
    log.add("step", "begin", BigInt(count));
    log.add("step", "end", BigInt(count));
  }
  assert.equal(log.phases.length, 250_000);
  assert.equal(log.dropped, 20);
});

Deno.test("PhaseLog keeps a bounded number of phases open, and an edge costs the same whatever is open", () => {
  const log = new PhaseLog();
  for (let count = 0; count < 50_000; count++) log.add(`p${count}`, "begin", 1n);
  assert.deepEqual([log.phases.length, log.dropped, log.current], [1000, 49_000, "p999"]);
  for (let count = 0; count < 300_000; count++) {
    log.add("nobody", "end", 1n);
    void log.current;
  }
  // The outermost first: none of them is the one that was opened last.
  for (let count = 0; count < 1000; count++) log.add(`p${count}`, "end", 2n);
  assert.equal(log.current, null);
  assert.ok(log.phases.every(({ end_ns }) => end_ns === 2n));
  log.add("next", "begin", 3n);
  assert.equal(log.current, "next");
});

Deno.test("PhaseLog keeps a bounded length of names", () => {
  const log = new PhaseLog();
  const name = "n".repeat(128);
  for (let count = 0; count < 40_000; count++) {
    log.add(name, "begin", 1n);
    log.add(name, "end", 1n);
  }
  assert.equal(log.phases.length, 4_000_000 / 128);
});

Deno.test("unionSeconds() counts every moment once", () => {
  const phase = (name: string, begin: number, end: number | null): Phase => ({
    name,
    begin_ns: BigInt(begin) * 1_000_000_000n,
    end_ns: end === null ? null : BigInt(end) * 1_000_000_000n,
  });
  const m = (begin: number, end: number | null): Phase => phase("measure", begin, end);
  const cases: readonly (readonly [what: string, phases: readonly Phase[], seconds: number | null])[] = [
    ["none", [], null],
    ["another name", [phase("load", 0, 5)], null],
    ["never closed", [m(1, null)], null],
    ["one", [m(1, 4)], 3],
    ["empty", [m(1, 1)], 0],
    ["disjoint", [m(1, 2), m(5, 7)], 3],
    ["touching", [m(1, 2), m(2, 4)], 3],
    ["overlapping", [m(1, 5), m(3, 8)], 7],
    ["nested", [m(1, 10), m(3, 4)], 9],
    ["equal", [m(1, 3), m(1, 3)], 2],
    ["unsorted", [m(8, 9), m(1, 3), m(2, 4)], 4],
    ["a long one over several", [m(0, 100), m(1, 2), m(50, 60), m(99, 101)], 101],
    ["open beside closed", [m(1, 3), m(2, null)], 2],
    ["with another name inside", [m(1, 3), phase("decode", 0, 9)], 2],
  ];
  for (const [what, phases, seconds] of cases) assert.equal(unionSeconds(phases, "measure"), seconds, what);
});

Deno.test("unionSeconds() is exact for times above 2^53 ns", () => {
  const base = 2n ** 62n;
  const phases: Phase[] = [{ name: "measure", begin_ns: base + 1n, end_ns: base + 1_500_000_001n }];
  assert.equal(unionSeconds(phases, "measure"), 1.5);
});

Deno.test("unionSeconds() agrees with counting tick by tick", () => {
  const random = new Random(6);
  for (let round = 0; round < 500; round++) {
    const windows = Array.from({ length: random.integer(1, 6) }, () => {
      const begin = random.integer(0, 30);
      return { begin, end: begin + random.integer(0, 10) };
    });
    const ticks = new Set(
      windows.flatMap(({ begin, end }) => Array.from({ length: end - begin }, (_, index) => begin + index)),
    );
    const phases = windows.map(({ begin, end }): Phase => ({
      name: "measure",
      begin_ns: BigInt(begin) * 1_000_000_000n,
      end_ns: BigInt(end) * 1_000_000_000n,
    }));
    assert.equal(unionSeconds(phases, "measure"), ticks.size, JSON.stringify(windows));
  }
});
