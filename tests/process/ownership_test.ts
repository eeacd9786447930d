import assert from "node:assert/strict";
import { becomeSubreaper, descendants, reap, statsOf } from "../../lib/process/adopted.ts";
import { groupCage } from "../../lib/process/cage.ts";
import {
  type Claim,
  claimOn,
  descendsFrom,
  forgetOrphan,
  giveUpOn,
  hadCompany,
  holdTree,
  lookBelow,
  type ProcessTree,
} from "../../lib/process/ownership.ts";
import { isAlive, type ProcStat, readProcStat } from "../../lib/process/proc_stat.ts";
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
  const [one] = seen;
  assert.ok(one !== undefined);
  // Also while no other tree is held: one may be later, and the guard is told of what has left the group.
  const strays = lookBelow(own);
  assert.deepEqual(strays.map(({ pid }) => pid).toSorted(), seen.map(({ pid }) => pid).toSorted());
  using _other = holdTree(other);
  for (const stat of seen) assert.deepEqual([claimOn(stat, own), claimOn(stat, other)], ["own", "others"]);
  // Something that was never seen itself, in a session that was.
  const later = orphanOf(Number.MAX_SAFE_INTEGER, { session: one.session });
  assert.deepEqual([claimOn(later, own), claimOn(later, other)], ["own", "others"]);
  for (const { pid } of seen) Deno.kill(pid, "SIGKILL");
  child.kill("SIGKILL");
  await child.status;
});

/** A process that started others, which show nothing: not its session, nor its group, nor its environment. */
class Renamed implements AsyncDisposable {
  readonly tags = { LLEM_TEST_TAG: crypto.randomUUID() };
  readonly #child = new Deno.Command("/bin/sh", {
    args: ["-c", "env -i setsid sh -c 'sleep 1000 & exec sleep 1000' & exec sleep 1000"],
    env: this.tags,
    stdin: "null",
    detached: true,
  }).spawn();

  /** The tree of the process, to be held. */
  tree(change: Partial<ProcessTree> = {}): ProcessTree {
    const start_ticks = readProcStat(this.#child.pid)?.start_ticks ?? 0;
    return { pgid: this.#child.pid, start_ticks, cage: groupCage, tags: this.tags, ...change };
  }

  /** The two that show nothing. */
  async hidden(): Promise<number[]> {
    const find = (): number[] =>
      statsOf(descendants(this.#child.pid)).filter(({ session }) => session !== this.#child.pid)
        .map(({ pid }) => pid);
    await until("both are there", () => find().length === 2);
    return find();
  }

  /** Ends the process; what it started lives on. */
  async end(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pid of descendants(this.#child.pid)) Deno.kill(pid, "SIGKILL");
    await this.end().catch(() => {});
  }
}

Deno.test("descendsFrom() tells a held process's own by their descent, where they show nothing", async () => {
  await using renamed = new Renamed();
  const hidden = await renamed.hidden();
  const tags = { LLEM_TEST_TAG: "shown by none" };
  const of = (pid: number): boolean => descendsFrom(pid, tags);
  assert.deepEqual(hidden.map(of), [false, false], "nothing is held that has these tags");
  using _other = holdTree(treeOf(1, 0));
  using _ = holdTree(renamed.tree({ tags }));
  assert.deepEqual(hidden.map(of), [true, true]);
  assert.equal(hidden.some((pid) => descendsFrom(pid, { LLEM_TEST_TAG: "1" })), false);
  assert.deepEqual([Deno.pid, Deno.ppid, 1, NO_SUCH_PID].map(of), [false, false, false, false]);
});

Deno.test("descendsFrom() tells by the cage, and by the environment of whatever a process descends from", async () => {
  await using renamed = new Renamed();
  const hidden = await renamed.hidden();
  const [one = 0] = hidden;
  const elsewhere = treeOf(1, 0, { cage: { ...groupCage, holds: (pid) => pid === one } });
  {
    using _ = holdTree(elsewhere);
    assert.deepEqual(
      hidden.map((pid) => descendsFrom(pid, elsewhere.tags)),
      [true, true],
      "the second one's parent",
    );
  }
  // As in a container: its processes descend from none of ours, but from one that was given the tag.
  using _ = holdTree(renamed.tree({ pgid: NO_SUCH_PID, start_ticks: 0 }));
  assert.deepEqual(hidden.map((pid) => descendsFrom(pid, renamed.tags)), [true, true]);
  using __ = holdTree(
    renamed.tree({ pgid: NO_SUCH_PID, start_ticks: Number.MAX_SAFE_INTEGER, tags: { A: "b" } }),
  );
  assert.deepEqual(hidden.map((pid) => descendsFrom(pid, { A: "b" })), [false, false]);
});

Deno.test("descendsFrom() tells an orphan that has come to us by whose it is, or was seen to be", async () => {
  becomeSubreaper();
  await using renamed = new Renamed();
  const hidden = await renamed.hidden();
  const own = renamed.tree();
  using _own = holdTree(own);
  using _other = holdTree(treeOf(1, 0));
  lookBelow(own);
  await renamed.end();
  await until("they have come to us", () => hidden.some((pid) => readProcStat(pid)?.ppid === Deno.pid));
  try {
    assert.deepEqual(hidden.map((pid) => descendsFrom(pid, own.tags)), [true, true]);
    assert.deepEqual(hidden.map((pid) => descendsFrom(pid, { LLEM_TEST_TAG: "1" })), [false, false]);
    assert.deepEqual(lookBelow(own).map(({ pid }) => pid).toSorted(), hidden.toSorted());
  } finally {
    for (const pid of hidden) Deno.kill(pid, "SIGKILL");
    await until("they are dead", () => hidden.every((pid) => !isAlive(readProcStat(pid))));
    hidden.forEach(reap);
  }
});
