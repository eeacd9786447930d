import assert from "node:assert/strict";
import { descendants, statsOf } from "../../lib/process/adopted.ts";
import { groupCage } from "../../lib/process/cage.ts";
import {
  type Claim,
  claimOn,
  forgetOrphan,
  giveUpOn,
  hadCompany,
  holdTree,
  lookBelow,
  type ProcessTree,
} from "../../lib/process/ownership.ts";
import type { ProcStat } from "../../lib/process/proc_stat.ts";
import { NO_SUCH_PID } from "../support/libc.ts";
import { until } from "../support/program.ts";

/** A tree of a process that is not there: pids above all that Linux gives. */
function treeOf(number: number, start_ticks: number, change: Partial<ProcessTree> = {}): ProcessTree {
  return {
    pgid: NO_SUCH_PID + number,
    start_ticks,
    cage: groupCage,
    tags: { LLEM_TEST_TAG: String(number) },
    ...change,
  };
}

let orphans = 0;

/** An orphan in a group and session of its own that shows nothing. */
function orphanOf(start_ticks: number, change: Partial<ProcStat> = {}): ProcStat {
  orphans += 1;
  const pid = NO_SUCH_PID + 1000 + orphans;
  return { pid, state: "S", ppid: Deno.pid, pgrp: pid, session: pid, tpgid: -1, start_ticks, ...change };
}

Deno.test("claimOn() gives a tree that is alone every orphan that is not older, whatever it shows", () => {
  const one = treeOf(1, 100);
  using _ = holdTree(one);
  assert.equal(claimOn(orphanOf(100), one), "own");
  assert.equal(claimOn(orphanOf(99), one), "others");
  assert.equal(claimOn(orphanOf(500), one), "own");
});

Deno.test("claimOn() goes by group, session, cage and environment where several trees are held", async () => {
  const [one, two] = [treeOf(1, 100), treeOf(2, 100)];
  using _one = holdTree(one);
  using _two = holdTree(two);
  const both = (orphan: ProcStat): readonly Claim[] => [claimOn(orphan, one), claimOn(orphan, two)];
  assert.deepEqual(both(orphanOf(200, { pgrp: one.pgid })), ["own", "others"]);
  assert.deepEqual(both(orphanOf(200, { session: two.pgid })), ["others", "own"]);
  const inside = orphanOf(200);
  const three = treeOf(3, 100, { cage: { ...groupCage, holds: (pid) => pid === inside.pid } });
  using _three = holdTree(three);
  assert.deepEqual([...both(inside), claimOn(inside, three)], ["others", "others", "own"]);
  const child = new Deno.Command("sleep", { args: ["1000"], env: { LLEM_TEST_TAG: "2" }, stdin: "null" })
    .spawn();
  try {
    // Its environment is that of its program once that has been executed.
    await until("it sleeps", () => Deno.readTextFileSync(`/proc/${child.pid}/comm`) === "sleep\n");
    const { pid } = child;
    assert.deepEqual(both(orphanOf(200, { pid })), ["others", "own"]);
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
});

Deno.test("claimOn() leaves what shows nothing to no tree while several could have started it", () => {
  const [one, two] = [treeOf(1, 100), treeOf(2, 300)];
  using _one = holdTree(one);
  const held = holdTree(two);
  // Before the second one was there.
  assert.equal(claimOn(orphanOf(200), one), "own");
  const orphan = orphanOf(300);
  assert.deepEqual([claimOn(orphan, one), claimOn(orphan, two)], ["unclear", "unclear"]);
  held[Symbol.dispose]();
  // Nothing else can have it by now, and this tree is not to blame; nor for what that one may have started.
  assert.equal(claimOn(orphan, one), "leftover");
  assert.equal(claimOn(orphanOf(400), one), "leftover");
  assert.equal(claimOn(orphanOf(400, { session: one.pgid }), one), "own");
  forgetOrphan(orphan);
  assert.equal(claimOn(orphanOf(400), one), "own");
});

Deno.test("claimOn() takes what another tree shows for no riddle: it blurs nothing later", () => {
  const [one, two] = [treeOf(1, 100), treeOf(2, 100)];
  using _two = holdTree(two);
  const held = holdTree(one);
  assert.equal(claimOn(orphanOf(200, { session: two.pgid }), one), "others");
  held[Symbol.dispose]();
  assert.equal(claimOn(orphanOf(300), two), "own");
});

Deno.test("holdTree() forgets riddles once no tree is held", () => {
  const one = treeOf(1, 100);
  const two = treeOf(2, 100);
  const held = [holdTree(one), holdTree(two)];
  const orphan = orphanOf(200);
  assert.equal(claimOn(orphan, one), "unclear");
  for (const each of held) each[Symbol.dispose]();
  using _ = holdTree(one);
  assert.equal(claimOn(orphan, one), "own");
});

Deno.test("hadCompany() is true from when another tree is held, also once that is gone", () => {
  const [one, two, three] = [treeOf(1, 100), treeOf(2, 100), treeOf(3, 100)];
  using _one = holdTree(one);
  assert.equal(hadCompany(one), false);
  holdTree(two)[Symbol.dispose]();
  assert.deepEqual([hadCompany(one), hadCompany(two)], [true, false]);
  using _three = holdTree(three);
  assert.equal(hadCompany(three), true);
});

Deno.test("claimOn() blames no tree for what another one could not kill", () => {
  const one = treeOf(1, 100);
  using _ = holdTree(one);
  const survivor = orphanOf(200);
  giveUpOn([survivor]);
  assert.equal(claimOn(survivor, one), "others");
  assert.equal(claimOn({ ...survivor, start_ticks: 201 }, one), "own", "a later process of that pid");
});

Deno.test("lookBelow() remembers descendants, and the groups and sessions that they made", async () => {
  const script = `setsid sh -c 'sleep 1000 & exec sleep 1000' & exec sleep 1000`;
  const child = new Deno.Command("/bin/sh", { args: ["-c", script], stdin: "null", detached: true }).spawn();
  const below = (): ProcStat[] =>
    statsOf(descendants(child.pid)).filter(({ session }) => session !== child.pid);
  await until("both are there", () => below().length === 2);
  const own = treeOf(1, 0, { pgid: child.pid });
  const other = treeOf(2, 0);
  using _own = holdTree(own);
  const seen = below();
  lookBelow(own);
  using _other = holdTree(other);
  const [one] = seen;
  assert.ok(one !== undefined);
  assert.equal(claimOn(one, own), "unclear", "alone, nothing has to be remembered");
  lookBelow(own);
  for (const stat of seen) assert.deepEqual([claimOn(stat, own), claimOn(stat, other)], ["own", "others"]);
  // Something that was never seen itself, in a session that was.
  const later = orphanOf(Number.MAX_SAFE_INTEGER, { session: one.session });
  assert.deepEqual([claimOn(later, own), claimOn(later, other)], ["own", "others"]);
  for (const { pid } of seen) Deno.kill(pid, "SIGKILL");
  child.kill("SIGKILL");
  await child.status;
});
