import assert from "node:assert/strict";
import { ownChild } from "../../lib/base/own_children.ts";
import { becomeSubreaper, children, statsOf } from "../../lib/process/adopted.ts";
import { groupCage } from "../../lib/process/cage.ts";
import { isAlive, type ProcStat, readProcStat } from "../../lib/process/proc_stat.ts";
import { signalGroup } from "../../lib/process/process_group.ts";
import { type ChildProcess, spawnDetached } from "../../lib/process/spawn.ts";
import type { ProcessTree } from "../../lib/process/ownership.ts";
import { sweep } from "../../lib/process/sweep.ts";
import "../support/libc.ts";
import { lives, PATIENCE_MS, Program, until } from "../support/program.ts";
import { TempFolder } from "../support/temp_folder.ts";

becomeSubreaper();

const TAGS = { LLEM_TEST_TAG: "of sweep_test" };

/** A shell that has ended, and the processes it left behind by writing their ids to files in `$1`. */
interface Left extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly pids: readonly number[];
}

async function leave(folder: TempFolder, script: string, files: readonly string[]): Promise<Left> {
  const spawned = spawnDetached({
    program: "/bin/sh",
    args: ["-c", script, "worker", folder.path],
    cwd: "/",
    env: { PATH: "/usr/bin:/bin" },
  });
  if ("failure" in spawned) throw new Error(spawned.failure.message);
  const { child } = spawned;
  await child.exited;
  const read = (name: string): string => {
    try {
      return folder.read(name).trim();
    } catch {
      return "";
    }
  };
  await until("the left processes are there", () => files.every((name) => read(name) !== ""));
  const pids = files.map((name) => Number(read(name)));
  return {
    child,
    pids,
    async [Symbol.asyncDispose]() {
      for (const pid of pids.filter(lives)) Deno.kill(pid, "SIGKILL");
      await Promise.all([child.stdin.close().catch(() => {}), child.stdout.cancel(), child.stderr.cancel()]);
    },
  };
}

function treeOf(child: ChildProcess): ProcessTree {
  return {
    pgid: child.pid,
    start_ticks: child.start_ticks,
    cage: groupCage,
    tags: TAGS,
  };
}

/** A process of ours that runs on, older than whatever is started after this resolves. */
async function bystander(): Promise<{ pid: number } & AsyncDisposable> {
  const child = ownChild(
    new Deno.Command("sleep", { args: ["1000"], stdin: "null", stdout: "null" }).spawn(),
  );
  const own = readProcStat(child.pid)?.start_ticks ?? 0;
  // A clock tick is 10 ms; the next process must not share it.
  await until(
    "the clock ticks",
    () => Number(Deno.readTextFileSync("/proc/uptime").split(" ")[0]) * 100 > own + 2,
  );
  return {
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
    },
  };
}

Deno.test("sweep() finds nothing where nothing is left", async () => {
  using folder = new TempFolder();
  await using left = await leave(folder, "exit 0", []);
  assert.deepEqual(await sweep(treeOf(left.child), PATIENCE_MS), {
    in_group: [],
    escaped: [],
    unclaimed: [],
    survivors: [],
  });
});

Deno.test("sweep() kills what is left in the group, also what ignores signals or is stopped", async () => {
  using folder = new TempFolder();
  const script = `
    (trap '' TERM INT HUP; sleep 1000 & echo $! >"$1/one"; wait) &
    sleep 1000 & echo $! >"$1/two"; kill -STOP $!
    while [ ! -s "$1/one" ]; do sleep 0.01; done`;
  await using left = await leave(folder, script, ["one", "two"]);
  const found = await sweep(treeOf(left.child), PATIENCE_MS);
  for (const pid of left.pids) assert.ok(found.in_group.includes(pid));
  assert.deepEqual(found.escaped, []);
  assert.deepEqual(found.survivors, []);
  assert.deepEqual(left.pids.filter(lives), []);
});

Deno.test("sweep() kills the group also where orphans do not come to us", async () => {
  using folder = new TempFolder();
  // A process of its own, which is no subreaper as this one is.
  await using program = new Program(
    `
    import { groupCage } from "/lib/process/cage.ts";
    import { spawnDetached } from "/lib/process/spawn.ts";
    import { sweep } from "/lib/process/sweep.ts";
    const [folder] = Deno.args;
    const script = '(trap "" TERM; sleep 1000 & echo $! >"$1/child"; wait) & while [ ! -s "$1/child" ]; do sleep 0.01; done';
    const env = { PATH: "/usr/bin:/bin" };
    const { child } = spawnDetached({ program: "/bin/sh", args: ["-c", script, "w", folder], cwd: "/", env });
    await child.exited;
    const { pid, start_ticks } = child;
    const target = { pgid: pid, start_ticks, cage: groupCage, tags: { TAG: "x" } };
    const found = await sweep(target, 10_000);
    console.log(JSON.stringify(found));`,
    { args: [folder.path] },
  );
  const found = JSON.parse(await program.line());
  const child = Number(folder.read("child"));
  assert.ok(found.in_group.includes(child));
  assert.deepEqual([found.escaped, found.survivors], [[], []]);
  assert.equal(lives(child), false);
});

Deno.test("sweep() finds by session and environment what does not come to us", async () => {
  using folder = new TempFolder();
  await using program = new Program(
    `
    import { groupCage } from "/lib/process/cage.ts";
    import { spawnDetached } from "/lib/process/spawn.ts";
    import { sweep } from "/lib/process/sweep.ts";
    const [folder] = Deno.args;
    // One in a session of its own that keeps its environment, one without it in a group of its own.
    const script = \`
      (setsid sh -c 'echo $$ >"$1/tagged"; exec sleep 1000' d "$1" <&- >&- 2>&- &)
      bash -c 'set -m; env -i PATH="$PATH" sh -c "echo \\\\$\\\\$ >inside; exec sleep 1000" <&- >&- 2>&- &'
      while [ ! -s "$1/tagged" ] || [ ! -s "$1/inside" ]; do sleep 0.01; done\`;
    const tags = { LLEM_TEST_TAG: folder };
    const env = { PATH: "/usr/bin:/bin", ...tags };
    const { child } = spawnDetached({ program: "/bin/sh", args: ["-c", script, "w", folder], cwd: folder, env });
    await child.exited;
    const { pid, start_ticks } = child;
    const found = await sweep({ pgid: pid, start_ticks, cage: groupCage, tags }, 10_000);
    console.log(JSON.stringify(found));`,
    { args: [folder.path] },
  );
  const found = JSON.parse(await program.line());
  const pids = ["tagged", "inside"].map((name) => Number(folder.read(name)));
  assert.deepEqual(pids.filter((pid) => !found.escaped.includes(pid)), []);
  assert.deepEqual(pids.filter(lives), []);
  assert.deepEqual(found.survivors, []);
});

Deno.test("sweep() finds a daemon that left group, session, pipes and environment behind", async () => {
  using folder = new TempFolder();
  const script = `(setsid env -i /bin/sh -c 'echo $$ >"$1/daemon"; exec sleep 1000' d "$1" <&- >&- 2>&- &)
    while [ ! -s "$1/daemon" ]; do sleep 0.01; done`;
  await using left = await leave(folder, script, ["daemon"]);
  const [daemon = 0] = left.pids;
  assert.equal(readProcStat(daemon)?.pgrp, daemon);
  const found = await sweep(treeOf(left.child), PATIENCE_MS);
  assert.deepEqual(found.in_group, []);
  assert.deepEqual(found.escaped, [daemon]);
  assert.deepEqual(found.survivors, []);
  assert.equal(lives(daemon), false);
});

Deno.test("sweep() follows a daemon to the daemon that it started itself", async () => {
  using folder = new TempFolder();
  const script = `
    (setsid /bin/sh -c '
      echo $$ >"$1/first"
      setsid /bin/sh -c "echo \\$\\$ >\\$1/second; exec sleep 1000" s "$1" &
      sleep 1000' f "$1" &)
    while [ ! -s "$1/second" ]; do sleep 0.01; done`;
  await using left = await leave(folder, script, ["first", "second"]);
  const found = await sweep(treeOf(left.child), PATIENCE_MS);
  for (const pid of left.pids) assert.ok(found.escaped.includes(pid));
  assert.deepEqual(left.pids.filter(lives), []);
});

Deno.test("sweep() collects what it killed: no zombie of the attempt is left", async () => {
  using folder = new TempFolder();
  const script = '(setsid sleep 1000 & echo $! >"$1/daemon"); sleep 1000 & echo $! >"$1/child"';
  await using left = await leave(folder, script, ["daemon", "child"]);
  await sweep(treeOf(left.child), PATIENCE_MS);
  for (const pid of left.pids) assert.equal(readProcStat(pid), null);
});

Deno.test("sweep() touches neither an older child nor one that we started ourselves nor a stranger's", async () => {
  using folder = new TempFolder();
  await using older = await bystander();
  await using left = await leave(
    folder,
    '(setsid sleep 1000 & echo $! >"$1/daemon"); sleep 1000 & echo $! >"$1/child"',
    ["daemon", "child"],
  );
  await using kept = await bystander();
  // A child of a process that is not swept is a stranger, though it came later.
  const stranger = ownChild(
    new Deno.Command("/bin/sh", {
      args: ["-c", 'sleep 1000 & echo $! >"$1"; wait', "stranger", folder.at("stranger")],
      stdin: "null",
    }).spawn(),
  );
  await until("the stranger's child is there", () => {
    try {
      return folder.read("stranger") !== "";
    } catch {
      return false;
    }
  });
  const strangersChild = Number(folder.read("stranger"));
  try {
    const found = await sweep(treeOf(left.child), PATIENCE_MS);
    assert.deepEqual(found.survivors, []);
    assert.deepEqual(left.pids.filter(lives), []);
    for (const pid of [older.pid, kept.pid, stranger.pid, strangersChild]) assert.ok(lives(pid));
  } finally {
    for (const pid of [strangersChild, stranger.pid]) Deno.kill(pid, "SIGKILL");
    await stranger.status;
  }
});

Deno.test("sweep() names what still lives when its time is up", async () => {
  using folder = new TempFolder();
  await using left = await leave(folder, 'sleep 1000 & echo $! >"$1/child"', ["child"]);
  const found = await sweep(treeOf(left.child), -1);
  assert.deepEqual(found.survivors, [...left.pids]);
  assert.deepEqual(found.in_group, [...left.pids]);
  await until("it has died all the same", () => left.pids.every((pid) => !lives(pid)));
  await sweep(treeOf(left.child), PATIENCE_MS);
});

Deno.test("children() lists our children, orphans that came to us included", async () => {
  using folder = new TempFolder();
  await using left = await leave(folder, '(setsid sleep 1000 & echo $! >"$1/daemon")', ["daemon"]);
  const [daemon = 0] = left.pids;
  await until("the orphan is ours", () => children().some((stat) => stat.pid === daemon));
  assert.ok(children().filter(isAlive).every((stat) => stat.ppid === Deno.pid));
  signalGroup(daemon, "SIGKILL");
  await sweep(treeOf(left.child), PATIENCE_MS);
});

/** A process of this machine that a cage may say it holds; no orphan, so that nothing but the cage leads to it. */
async function sleeper(): Promise<{ pid: number; isDead: () => boolean } & AsyncDisposable> {
  const child = ownChild(
    new Deno.Command("sleep", { args: ["1000"], stdin: "null", stdout: "null", detached: true }).spawn(),
  );
  await until("it sleeps", () => readProcStat(child.pid)?.pgrp === child.pid);
  return {
    pid: child.pid,
    isDead: () => !lives(child.pid),
    async [Symbol.asyncDispose]() {
      if (lives(child.pid)) child.kill("SIGKILL");
      await child.status;
    },
  };
}

Deno.test("sweep() looks once more after something ran away: what that forked meanwhile may have been missed", async () => {
  using folder = new TempFolder();
  await using left = await leave(folder, "exit 0", []);
  await using first = await sleeper();
  await using second = await sleeper();
  // What the cage shows at each look: the second one hides in the one between.
  const looks = [[first.pid], [], [second.pid], [], []];
  let looked = 0;
  const members = (): ProcStat[] => statsOf(looks[looked++] ?? []);
  const found = await sweep({ ...treeOf(left.child), cage: { ...groupCage, members } }, PATIENCE_MS);
  assert.deepEqual(found.escaped, [first.pid, second.pid]);
  await until("both have died", () => first.isDead() && second.isDead());
  assert.equal(looked, 5, "two clean looks in a row");
});

Deno.test("sweep() looks once where nothing ran away", async () => {
  using folder = new TempFolder();
  await using left = await leave(folder, "exit 0", []);
  let looked = 0;
  const members = (): ProcStat[] => {
    looked += 1;
    return [];
  };
  await sweep({ ...treeOf(left.child), cage: { ...groupCage, members } }, PATIENCE_MS);
  assert.equal(looked, 1);
});

Deno.test("sweep() finds below a process that does not die what has left its group", async () => {
  using folder = new TempFolder();
  const script = `setsid sleep 1000 & echo $! >"$1/child"; exec sleep 1000`;
  const spawned = spawnDetached({
    program: "/bin/sh",
    args: ["-c", script, "worker", folder.path],
    cwd: "/",
    env: { PATH: "/usr/bin:/bin" },
  });
  assert.ok("child" in spawned);
  const { child } = spawned;
  await until("its child is there", () => folder.isFile("child") && folder.read("child") !== "");
  const pid = Number(folder.read("child"));
  await until("it has left the group", () => readProcStat(pid)?.pgrp === pid);
  // Nothing kills the process itself, as if it did not die.
  const cage = { ...groupCage, kill: () => {} };
  const found = await sweep({ ...treeOf(child), cage }, -1);
  assert.deepEqual([found.escaped, found.in_group], [[pid], [child.pid]]);
  assert.deepEqual(found.survivors.toSorted(), [child.pid, pid].toSorted());
  signalGroup(child.pid, "SIGKILL");
  await child.exited;
  await until("both are dead", () => !lives(child.pid) && !lives(pid));
  await Promise.all([child.stdin.close().catch(() => {}), child.stdout.cancel(), child.stderr.cancel()]);
});
