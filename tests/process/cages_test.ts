import assert from "node:assert/strict";
import { becomeSubreaper } from "../../lib/process/adopted.ts";
import { type Cage, groupCage } from "../../lib/process/cage.ts";
import { ownCgroup } from "../../lib/process/cgroup.ts";
import { type ContainmentMethod, openContainment } from "../../lib/process/containment.ts";
import { type ChildProcess, spawnDetached } from "../../lib/process/spawn.ts";
import { sweep } from "../../lib/process/sweep.ts";
import { NO_SUCH_PID } from "../support/libc.ts";
import { CGROUP, type Need, PID_NAMESPACE, testWith } from "../support/needs.ts";
import { lives, PATIENCE_MS, until } from "../support/program.ts";
import { TempFolder } from "../support/temp_folder.ts";

becomeSubreaper();

const LARGER: readonly (readonly [kind: "cgroup" | "pidns", need: Need])[] = [
  ["cgroup", CGROUP],
  ["pidns", PID_NAMESPACE],
];

/** Runs a shell script in a cage and lets a test look at it; nothing of it is left afterwards. */
async function inCage(
  method: ContainmentMethod,
  script: string,
  test: (child: ChildProcess, cage: Cage, folder: TempFolder) => Promise<void>,
): Promise<void> {
  using folder = new TempFolder();
  const cage = await method.makeCage();
  const env = { PATH: "/usr/bin:/bin" };
  const spawned = spawnDetached(cage.wrap({
    program: "/bin/sh",
    args: ["-c", script, "worker", folder.path],
    cwd: "/",
    env,
  }));
  assert.ok("child" in spawned);
  const { child } = spawned;
  try {
    cage.admit(child.pid);
    await test(child, cage, folder);
  } finally {
    cage.kill(child.pid);
    await cage.close();
    await child.exited;
    await Promise.all([child.stdin.close().catch(() => {}), child.stdout.cancel(), child.stderr.cancel()]);
  }
}

const DAEMON = `
  read -r go
  setsid env -i sh -c 'echo $$ >"$1/daemon"; exec sleep 1000' daemon "$1" </dev/null >/dev/null 2>&1 &
  exec sleep 1000`;

/** Outer ids of what runs `sleep 1000` in the cage: inside a pid namespace a process knows its id by another name. */
function sleepers(cage: Cage): number[] {
  return cage.members().map(({ pid }) => pid).filter((pid) => {
    try {
      return Deno.readTextFileSync(`/proc/${pid}/cmdline`).startsWith("sleep");
    } catch {
      return false;
    }
  });
}

async function tellGo(child: ChildProcess): Promise<void> {
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode("go\n"));
  writer.releaseLock();
}

for (const [kind, need] of LARGER) {
  testWith(
    [need],
    `a cage of kind ${kind} holds a daemon that has left group, session and environment`,
    async () => {
      const method = await openContainment(kind);
      assert.equal(method.kind, kind);
      await inCage(method, DAEMON, async (child, cage) => {
        await tellGo(child);
        await until("worker and daemon sleep", () => sleepers(cage).length === 2);
        const pids = sleepers(cage);
        cage.kill(child.pid);
        await until("both are dead", () => !pids.some(lives));
        assert.deepEqual(cage.members(), []);
      });
    },
  );

  testWith([need], `sweep() finds in a cage of kind ${kind} what has escaped`, async () => {
    const method = await openContainment(kind);
    const script = DAEMON.replace(/exec sleep 1000$/, "exit 0");
    await inCage(method, script, async (child, cage, folder) => {
      await tellGo(child);
      await child.exited;
      await until("the daemon is there", () => sleepers(cage).length === 1);
      const pids = sleepers(cage);
      const target = {
        pgid: child.pid,
        start_ticks: child.start_ticks,
        cage,
        tags: { LLEM_TEST_TAG: folder.path },
      };
      const found = await sweep(target, PATIENCE_MS);
      assert.deepEqual([found.in_group, found.escaped, found.survivors], [[], pids, []]);
      assert.ok(folder.isFile("daemon"));
    });
  });

  testWith(
    [need],
    `a cage of kind ${kind} tells code and signal apart, and hands polite signals on`,
    async () => {
      const method = await openContainment(kind);
      const cases = [
        ["exit 7", { code: 7, signal: null }],
        ["exit 137", { code: 137, signal: null }],
        ["kill -ABRT $$", { code: null, signal: "SIGABRT" }],
        ["kill -KILL $$", { code: null, signal: "SIGKILL" }],
      ] as const;
      for (const [script, exit] of cases) {
        await inCage(method, script, async (child) => assert.deepEqual(await child.exited, exit, script));
      }
      const polite = `trap 'sleep 0.1; exit 5' TERM; echo >"$1/ready"; while :; do sleep 0.01; done`;
      await inCage(method, polite, async (child, cage, folder) => {
        await until("the trap is set", () => folder.isFile("ready"));
        cage.signal(child.pid, "SIGTERM");
        assert.deepEqual(await child.exited, { code: 5, signal: null });
      });
    },
  );

  testWith([need], `a cage of kind ${kind} leaves nothing behind when it is closed, ten times`, async () => {
    const method = await openContainment(kind);
    const helpers: number[] = [];
    const folders: string[] = [];
    for (let round = 0; round < 10; round++) {
      // Whether the worker dies before its parent or after it is a matter of luck.
      await inCage(method, "exec sleep 1000", (_, cage) => {
        helpers.push(...cage.helper_pids);
        if (cage.cgroup !== null) folders.push(cage.cgroup);
        return Promise.resolve();
      });
    }
    assert.deepEqual(helpers.filter(lives), []);
    assert.deepEqual(folders.filter(exists), []);
    assert.deepEqual([helpers.length, folders.length], kind === "pidns" ? [10, 0] : [0, 10]);
  });
}

testWith(
  [CGROUP],
  "what a worker forked before it was moved into its control group is moved along",
  async () => {
    const script = `sleep 1000 & sleep 1000 & echo >"$1/ready"; wait`;
    using folder = new TempFolder();
    const cage = await (await openContainment("cgroup")).makeCage();
    const spawned = spawnDetached({
      program: "/bin/sh",
      args: ["-c", script, "worker", folder.path],
      cwd: "/",
      env: { PATH: "/usr/bin:/bin" },
    });
    assert.ok("child" in spawned);
    const { child } = spawned;
    await until("both children are there", () => folder.isFile("ready"));
    cage.admit(child.pid);
    assert.equal(cage.members().length, 3);
    cage.kill(child.pid);
    await cage.close();
    await child.exited;
    await Promise.all([child.stdin.close().catch(() => {}), child.stdout.cancel(), child.stderr.cancel()]);
  },
);

testWith(
  [CGROUP],
  "openContainment() removes what runners that are gone have left, and nothing else",
  async () => {
    const own = ownCgroup() ?? "";
    const [gone, living, foreign] = [
      `${own}/llem-${NO_SUCH_PID}-1`,
      `${own}/llem-${Deno.pid}-999999`,
      `${own}/other-1-1`,
    ];
    for (const path of [gone, living, foreign]) Deno.mkdirSync(path);
    await openContainment("cgroup");
    assert.deepEqual([gone, living, foreign].map(exists), [false, true, true]);
    for (const path of [living, foreign]) Deno.removeSync(path);
  },
);

testWith(
  [CGROUP],
  "openContainment() takes a control group where nothing was asked for and one can be made",
  async () => {
    assert.equal((await openContainment(null)).kind, "cgroup");
  },
);

Deno.test("openContainment() takes the process group where that was asked for", async () => {
  const method = await openContainment("group");
  assert.equal(await method.makeCage(), groupCage);
});

Deno.test("ownCgroup() is a folder that lists this process, or nothing", () => {
  const path = ownCgroup();
  if (path === null) return;
  const pids = Deno.readTextFileSync(`${path}/cgroup.procs`).split("\n").map(Number);
  assert.ok(pids.includes(Deno.pid));
});

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
