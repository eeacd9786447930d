import assert from "node:assert/strict";
import { isOomKill, type OomFacts } from "../../lib/runner/oom_watch.ts";

const KILLED = { code: null, signal: "SIGKILL" };
const SEGV = { code: null, signal: "SIGSEGV" };
const code = (number: number): OomFacts["exit"] => ({ code: number, signal: null });
const counts = (own: number | null, machine: number | null): OomFacts["before"] => ({ own, machine });

Deno.test("isOomKill() blames the OOM killer only where it was at work and could have been it", () => {
  const table: readonly (readonly [what: string, facts: OomFacts, blamed: boolean])[] = [
    // Nobody was taken: whatever killed the worker, it was not the OOM killer.
    ["kill -9 by hand", facts(KILLED, counts(0, 5), counts(0, 5), null), false],
    ["an old entry of the log", facts(KILLED, counts(0, 5), counts(0, 5), true), false],
    ["exit 137", facts(code(137), counts(0, 5), counts(0, 5), null), false],
    // Somebody of our own cgroup was taken.
    ["the worker, by the cgroup", facts(KILLED, counts(0, 5), counts(1, 6), null), true],
    ["a child, by the cgroup", facts(code(1), counts(0, 5), counts(1, 6), false), true],
    ["a child, and the worker crashed on it", facts(SEGV, counts(0, 5), counts(1, 6), false), true],
    ["the cgroup alone", facts(code(0), counts(3, null), counts(4, null), null), true],
    // Somebody on this machine was taken: only the log knows who.
    ["named", facts(KILLED, counts(0, 5), counts(0, 6), true), true],
    ["another one", facts(KILLED, counts(0, 5), counts(0, 6), false), false],
    ["no log", facts(KILLED, counts(null, 5), counts(null, 6), null), true],
    ["a shell's child", facts(code(137), counts(0, 5), counts(0, 6), false), true],
    ["another exit code", facts(code(1), counts(0, 5), counts(0, 6), false), false],
    ["another signal", facts(SEGV, counts(0, 5), counts(0, 6), null), false],
    // A kernel that does not count.
    ["nothing known", facts(KILLED, counts(null, null), counts(null, null), null), false],
    ["a counter that came late", facts(KILLED, counts(null, null), counts(9, 9), null), false],
  ];
  for (const [what, given, blamed] of table) assert.equal(isOomKill(given), blamed, what);
});

Deno.test("isOomKill() does not take the count of a control group that others ran in for proof", () => {
  const table: readonly (readonly [what: string, facts: OomFacts, blamed: boolean | null])[] = [
    // It may have been the other worker that was taken.
    ["an exit code of its own", facts(code(1), counts(0, 5), counts(1, 6), null), false],
    ["a crash of its own", facts(SEGV, counts(0, 5), counts(1, 6), null), false],
    ["another one is named", facts(KILLED, counts(0, 5), counts(1, 6), false), false],
    ["it is named", facts(KILLED, counts(0, 5), counts(1, 6), true), true],
    ["killed, and no log to say whose death it was", facts(KILLED, counts(0, 5), counts(1, 6), null), null],
    ["a shell's child", facts(code(137), counts(0, null), counts(1, null), null), null],
    ["a shell's child, somewhere on the machine", facts(code(137), counts(0, 5), counts(0, 6), false), null],
    ["nothing was taken", facts(KILLED, counts(0, 5), counts(0, 5), null), false],
  ];
  for (const [what, alone, blamed] of table) {
    assert.equal(isOomKill({ ...alone, had_company: true }), blamed, what);
  }
});

Deno.test("isOomKill() goes by the count of the attempt's own control group where there is one", () => {
  const taken = facts(KILLED, counts(0, 5), counts(1, 6), null);
  for (const had_company of [false, true]) {
    // Somebody else's death, whatever else speaks for it.
    for (const exit of [KILLED, code(137), code(1)]) {
      assert.equal(isOomKill({ ...taken, exit, in_group: 0, had_company }), false);
      assert.equal(isOomKill({ ...taken, exit, in_group: 1, had_company }), true);
    }
  }
});

function facts(
  exit: OomFacts["exit"],
  before: OomFacts["before"],
  after: OomFacts["after"],
  is_named: boolean | null,
): OomFacts {
  return { exit, before, after, is_named, had_company: false };
}
