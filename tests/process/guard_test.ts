import assert from "node:assert/strict";
import { descendants } from "../../lib/process/adopted.ts";
import { Guard } from "../../lib/process/guard.ts";
import { readProcStat } from "../../lib/process/proc_stat.ts";
import { livingMembers, signalGroup } from "../../lib/process/process_group.ts";
import { NO_SUCH_PID } from "../support/libc.ts";
import { lives, Program, until } from "../support/program.ts";

/** A runner that does what it reads from stdin and answers with a line. */
const RUNNER = `
  import { Guard } from "/lib/process/guard.ts";
  import { spawnDetached } from "/lib/process/spawn.ts";
  const guard = new Guard();
  const start = () => {
    const script = "trap '' TERM INT HUP; sleep 1000 & while :; do sleep 1000; done";
    const env = { PATH: "/usr/bin:/bin" };
    return spawnDetached({ program: "/bin/sh", args: ["-c", script], cwd: "/", env }).child.pid;
  };
  const [registered, removed, unregistered, later] = [start(), start(), start(), start()];
  const of = (pgid) => ({ pgid, tag: "tag-" + pgid, cgroup: null });
  await guard.add(of(registered));
  await guard.add(of(removed));
  await guard.remove(of(removed));
  console.log(JSON.stringify({ guard: guard.pid, registered, removed, unregistered, later }));
  await Deno.stdin.read(new Uint8Array(1));
`;

interface Pids {
  readonly guard: number;
  readonly registered: number;
  readonly removed: number;
  readonly unregistered: number;
  readonly later: number;
}

const groupLives = (pgid: number): boolean => livingMembers(pgid).length > 0;

/** Starts the runner, lets a test deal with it, and leaves nothing of it alive. */
async function withRunner(code: string, test: (runner: Program, pids: Pids) => Promise<void>): Promise<void> {
  await using runner = new Program(code);
  const pids: Pids = JSON.parse(await runner.line());
  const groups = [pids.registered, pids.removed, pids.unregistered, pids.later];
  try {
    await until("all groups are complete", () => groups.every((pgid) => livingMembers(pgid).length >= 2));
    await test(runner, pids);
  } finally {
    for (const pgid of groups) signalGroup(pgid, "SIGKILL");
    runner.kill();
    await until("nothing is left", () => !groups.some(groupLives) && !lives(pids.guard));
  }
}

Deno.test("Guard kills every registered group, and no other, when its runner is killed", async () => {
  await withRunner(RUNNER, async (runner, { guard, registered, removed, unregistered }) => {
    runner.kill("SIGKILL");
    await until("the registered group is dead", () => !groupLives(registered));
    await until("the guard has ended", () => !lives(guard));
    assert.ok(groupLives(removed));
    assert.ok(groupLives(unregistered));
  });
});

Deno.test("Guard kills what is registered when its runner ends in good order, too", async () => {
  await withRunner(RUNNER, async (runner, { registered, unregistered }) => {
    runner.kill("SIGTERM");
    await until("the registered group is dead", () => !groupLives(registered));
    assert.ok(groupLives(unregistered));
  });
});

Deno.test("Guard lives in a session of its own and shrugs off the signals of a terminal", async () => {
  await withRunner(RUNNER, async (runner, { guard, registered }) => {
    assert.equal(readProcStat(guard)?.session, guard);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGPIPE"] as const) {
      Deno.kill(guard, signal);
    }
    runner.kill("SIGKILL");
    await until("the registered group is dead", () => !groupLives(registered));
  });
});

Deno.test("Guard starts anew as soon as it was killed, and knows what was registered before", async () => {
  await withRunner(
    `${RUNNER}
    const dead = guard.pid;
    Deno.kill(dead, "SIGKILL");
    while (guard.pid === dead) await new Promise((resolve) => setTimeout(resolve, 1));
    await guard.remove(of(removed));
    await guard.add(of(later));
    console.log(guard.pid);
    await Deno.stdin.read(new Uint8Array(1));`,
    async (runner, { guard, registered, removed, unregistered, later }) => {
      await runner.tell();
      const second = Number(await runner.line());
      assert.notEqual(second, guard);
      assert.equal(lives(guard), false);
      runner.kill("SIGKILL");
      await until("both registered groups are dead", () => ![registered, later].some(groupLives));
      await until("the second guard has ended", () => !lives(second));
      for (const pgid of [removed, unregistered]) assert.ok(groupLives(pgid));
    },
  );
});

Deno.test("Guard knows what was registered as soon as it stands in another's place", async () => {
  // The runner is dead before it can say a word to the second guard.
  const dying = RUNNER.replace("new Guard()", 'new Guard(() => Deno.kill(Deno.pid, "SIGKILL"))');
  await withRunner(
    `${dying}
    Deno.kill(guard.pid, "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 1e6));`,
    async (runner, { registered, removed, unregistered }) => {
      await runner.tell();
      assert.equal((await runner.status).signal, "SIGKILL");
      await until("the registered group is dead", () => !groupLives(registered));
      for (const pgid of [removed, unregistered]) assert.ok(groupLives(pgid));
    },
  );
});

Deno.test("Guard loses no group that is registered in the moment of its death", async () => {
  await withRunner(
    `${RUNNER}
    const dead = guard.pid;
    Deno.kill(dead, "SIGKILL");
    // Nothing has been heard of the death yet.
    await guard.add(of(later));
    while (guard.pid === dead) await new Promise((resolve) => setTimeout(resolve, 1));
    // Lines arrive in order: once this one is there, the new guard knows everything.
    await guard.remove(of(removed));
    console.log("registered");
    await Deno.stdin.read(new Uint8Array(1));`,
    async (runner, { registered, unregistered, later }) => {
      await runner.tell();
      assert.equal(await runner.line(), "registered");
      runner.kill("SIGKILL");
      await until("both registered groups are dead", () => ![registered, later].some(groupLives));
      assert.ok(groupLives(unregistered));
    },
  );
});

Deno.test("Guard ends when it is closed, and kills nothing that is no longer registered", async () => {
  const child = new Deno.Command("/bin/sleep", {
    args: ["1000"],
    stdin: "null",
    stdout: "null",
    detached: true,
  }).spawn();
  const guard = new Guard();
  const nobody = { pgid: NO_SUCH_PID, tag: "tag-of-nobody", cgroup: null };
  const somebody = { pgid: child.pid, tag: "tag-of-somebody", cgroup: null };
  await guard.add(nobody);
  await guard.add(somebody);
  await guard.remove(somebody);
  await guard.remove(nobody);
  await guard.close();
  assert.equal(lives(guard.pid), false);
  assert.equal(lives(child.pid), true);
  child.kill("SIGKILL");
  await child.status;
});

/** A runner that registers a worker by its tag, and dies in the moment in which that is started. */
const AT_BIRTH = `
  import { Guard } from "/lib/process/guard.ts";
  import { spawnDetached } from "/lib/process/spawn.ts";
  const guard = new Guard();
  const start = (tag) => {
    const env = { PATH: "/usr/bin:/bin", LLEM_TEST_TAG: tag };
    const script = "trap '' TERM; env -i setsid sleep 1000 & sleep 1000; sleep 1000";
    return spawnDetached({ program: "/bin/sh", args: ["-c", script], cwd: "/", env }).child.pid;
  };
  const [tag, other] = [crypto.randomUUID(), crypto.randomUUID()];
  await guard.add({ pgid: null, tag, cgroup: null });
  const stranger = start(other);
  const worker = start(tag);
  Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify({ worker, stranger, guard: guard.pid }) + "\\n"));
  Deno.kill(Deno.pid, "SIGKILL");
`;

Deno.test("Guard kills a worker that it knows by its tag alone, born as its runner dies, with all below it", async () => {
  await using runner = new Program(AT_BIRTH);
  const { worker, stranger, guard } = JSON.parse(await runner.line());
  try {
    await until("the guard has ended", () => !lives(guard));
    assert.equal(lives(worker), false);
    assert.equal(groupLives(worker), false);
    assert.ok(lives(stranger));
  } finally {
    for (const pgid of [worker, stranger]) killWithChildren(pgid);
  }
});

/** What a worker started and hides: a session of its own, an environment that shows nothing. */
const HIDES = `
  import { Guard } from "/lib/process/guard.ts";
  import { spawnDetached } from "/lib/process/spawn.ts";
  import { readProcStat } from "/lib/process/proc_stat.ts";
  import { descendants } from "/lib/process/adopted.ts";
  const guard = new Guard();
  const start = () => {
    const script = "env -i setsid sh -c 'sleep 1000 & exec sleep 1000' & sleep 1000; sleep 1000";
    const env = { PATH: "/usr/bin:/bin" };
    const { pid, start_ticks } = spawnDetached({ program: "/bin/sh", args: ["-c", script], cwd: "/", env }).child;
    return { pid, start_ticks };
  };
  const below = async ({ pid }) => {
    const hidden = () => descendants(pid).filter((each) => readProcStat(each)?.session !== pid);
    while (hidden().length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    return hidden();
  };
`;

Deno.test("Guard kills what descends from a worker and hides, also where that was orphaned and told of before", async () => {
  await using runner = new Program(`${HIDES}
    const [one, two] = [start(), start()];
    const hidden = [...await below(one), ...await below(two)];
    const strays = (await below(two)).map((pid) => readProcStat(pid));
    await guard.add({ pgid: one.pid, start_ticks: one.start_ticks, tag: "tag-1", cgroup: null });
    await guard.add({ pgid: null, tag: "tag-2", cgroup: null });
    await guard.add({ pgid: two.pid, start_ticks: two.start_ticks, tag: "tag-2", cgroup: null, strays });
    Deno.kill(two.pid, "SIGKILL");
    console.log(JSON.stringify({ one: one.pid, two: two.pid, hidden }));
    await Deno.stdin.read(new Uint8Array(1));`);
  const { one, two, hidden } = JSON.parse(await runner.line());
  try {
    assert.equal(hidden.length, 4);
    assert.deepEqual(hidden.filter(lives), hidden);
    runner.kill("SIGKILL");
    await until("all are dead", () => !hidden.some(lives) && !groupLives(one) && !groupLives(two));
  } finally {
    for (const pid of [one, two, ...hidden]) killWithChildren(pid);
  }
});

Deno.test("Guard leaves alone who has got the number of a registered process by chance", async () => {
  await using runner = new Program(`${HIDES}
    const innocent = start();
    await below(innocent);
    const { pid, start_ticks } = innocent;
    await guard.add({ pgid: pid, start_ticks: start_ticks - 1, tag: "tag-1", cgroup: null });
    await guard.add({
      pgid: ${NO_SUCH_PID}, tag: "tag-2", cgroup: null, strays: [{ pid, start_ticks: start_ticks + 1 }],
    });
    console.log(JSON.stringify({ pid, guard: guard.pid }));
    await Deno.stdin.read(new Uint8Array(1));`);
  const { pid, guard } = JSON.parse(await runner.line());
  try {
    runner.kill("SIGKILL");
    await until("the guard has ended", () => !lives(guard));
    assert.ok(livingMembers(pid).length >= 2);
    assert.notEqual(readProcStat(pid)?.state, "T");
  } finally {
    killWithChildren(pid);
  }
});

function killWithChildren(pid: number): void {
  for (const each of [...descendants(pid), pid]) {
    if (lives(each)) Deno.kill(each, "SIGKILL");
  }
}
