/** What a worker leaves or becomes, whatever it does against it: groups, daemons, storms, state D, and the guard. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { libc } from "../../lib/base/libc.ts";
import { childrenOf } from "../../lib/process/adopted.ts";
import { ownCgroup } from "../../lib/process/cgroup.ts";
import { isAlive, readProcStat } from "../../lib/process/proc_stat.ts";
import {
  assertGone,
  ended,
  LLEM,
  llem,
  pidsOf,
  ran,
  readManifest,
  readResult,
  runFolder,
  Sandbox,
  until,
  WORKERS,
} from "../e2e/llem.ts";
import { CgroupV1, FREEZER, PIDS_CGROUP } from "../support/cgroup_v1.ts";
import { CGROUP, type Need, PID_NAMESPACE, ROOT_USER, testWith } from "../support/needs.ts";
import { sized } from "../support/sampled.ts";
import { Heard } from "./_heard.ts";
import { inTurns } from "./_in_turns.ts";
import { startStudy } from "./_running_study.ts";

// Opened once for the whole file, and not within a test.
libc();

type Containment = "group" | "cgroup" | "pidns";
/** How often what depends on the moment is tried. */
const TIMES = sized(10, 2);
const NOTHING: Need = { what: "nothing", isMet: () => true };
const CONTAINMENTS: readonly (readonly [kind: Containment, need: Need])[] = [
  ["group", NOTHING],
  ["cgroup", CGROUP],
  ["pidns", PID_NAMESPACE],
];

const lives = (pid: number): boolean => isAlive(readProcStat(pid));

/** Workers of this test by their environment: the only name that outer and inner ids have in common. */
function taggedPids(text: string): number[] {
  return [...Deno.readDirSync("/proc")].map((entry) => Number(entry.name)).filter((pid) => {
    try {
      return Number.isInteger(pid) && Deno.readTextFileSync(`/proc/${pid}/environ`).includes(text) &&
        lives(pid);
    } catch {
      return false;
    }
  });
}

/** A study of one worker that gets the path of a test's control group. */
function groupStudy(
  box: Sandbox,
  fixtures: readonly string[],
  procs: string,
  execution: Record<string, unknown>,
): string {
  return box.write(
    "study.yaml",
    JSON.stringify({
      name: "test",
      backend: "command",
      model: "none",
      experiments: fixtures.map((fixture, n) => ({
        n: n + 1,
        command: { argv: [join(WORKERS, `${fixture}.sh`)], env: { LIMITED_GROUP: procs } },
      })),
      execution: { n_cycles: 1, cycle_order: "sequential", ...execution },
    }),
  );
}

for (const [containment, need] of CONTAINMENTS) {
  testWith(
    [need],
    `fault 1: a worker that ignores every polite signal is dead after its limit (${containment})`,
    async () => {
      using box = new Sandbox();
      const study = box.study(["hang", "ok", "escapes", "ok"], {
        experiment_timeout_seconds: 1,
        containment,
      });
      const { code, runs, dir, stderr } = await box.run(study);
      assert.equal(code, 1, stderr);
      assert.deepEqual(runs.map((run) => [run.outcome, run.signal]), [
        ["timed_out", "SIGKILL"],
        ["completed", null],
        ["timed_out", "SIGKILL"],
        ["completed", null],
      ]);
      for (const run of runs) {
        assert.equal(readResult(runFolder(dir, run.index)).run.containment, containment);
      }
      assert.deepEqual(taggedPids(dir), []);
      assert.equal(readManifest(dir).failed, 2);
    },
  );

  testWith(
    [need],
    `fault 5: a daemon in a session of its own, environment cleared, is found and killed (${containment})`,
    async () => {
      using box = new Sandbox();
      const study = box.study(["daemon", "escapes_bare", "ok"], {
        experiment_timeout_seconds: 1,
        containment,
      });
      const { runs, dir, stderr } = await box.run(study);
      assert.deepEqual(runs.map((run) => run.outcome), ["completed", "timed_out", "completed"], stderr);
      assert.deepEqual(runs[0]?.flags, ["leaked"]);
      if (containment !== "pidns") {
        for (const index of [1, 2]) await assertGone(pidsOf(runFolder(dir, index)));
      }
      const sleepers = sleepersBelow(dir);
      assert.deepEqual(sleepers, []);
    },
  );

  testWith(
    [need, PIDS_CGROUP],
    `fault 7: a fork storm in the group is dead after the kill (${containment})`,
    async () => {
      using box = new Sandbox();
      using group = new CgroupV1("pids");
      group.write("pids.max", "60");
      const study = groupStudy(box, ["storm", "ok"], group.procs, {
        experiment_timeout_seconds: 1,
        containment,
      });
      const { runs, stderr } = await box.run(study);
      assert.deepEqual(runs.map((run) => run.outcome), ["timed_out", "completed"], stderr);
      assert.deepEqual(group.pids().filter(lives), []);
    },
  );
}

/** Processes that run the daemons' `sleep 1000` and have a file of theirs or their folder below `dir`. */
function sleepersBelow(dir: string): number[] {
  return [...Deno.readDirSync("/proc")].map((entry) => Number(entry.name)).filter((pid) => {
    try {
      return Number.isInteger(pid) && Deno.readLinkSync(`/proc/${pid}/cwd`).startsWith(dir) && lives(pid);
    } catch {
      return false;
    }
  });
}

/** Room for the dead links of a chain that a busy runner has not collected yet: where no more can be forked, it ends. */
const CHAIN_PIDS = "400";

for (const [containment, need] of CONTAINMENTS.slice(1)) {
  testWith(
    [need, PIDS_CGROUP],
    `fault 7: a chain that forks and calls setsid without end is dead (${containment})`,
    async () => {
      using box = new Sandbox();
      using group = new CgroupV1("pids");
      group.write("pids.max", CHAIN_PIDS);
      const study = groupStudy(box, ["storm_setsid", "ok"], group.procs, { containment });
      const { runs, stderr } = await box.run(study);
      assert.deepEqual(runs.map((run) => run.outcome), ["completed", "completed"], stderr);
      // In a pid namespace a look at /proc may miss a link that lives two milliseconds; its end takes them all.
      if (containment === "cgroup") assert.deepEqual(runs[0]?.flags, ["leaked"]);
      assert.deepEqual(group.pids().filter(lives), []);
    },
  );
}

testWith(
  [PIDS_CGROUP],
  "fault 7: with the process group alone such a chain is dead, or reported as unkillable",
  async () => {
    using box = new Sandbox();
    using group = new CgroupV1("pids");
    group.write("pids.max", CHAIN_PIDS);
    const study = groupStudy(box, ["storm_setsid"], group.procs, { containment: "group" });
    const { runs, stderr } = await box.run(study);
    const [run] = runs;
    assert.ok(run !== undefined, stderr);
    if (run.outcome !== "unkillable") assert.deepEqual(group.pids().filter(lives), []);
    assert.ok(run.flags.includes("leaked"));
  },
);

testWith(
  [FREEZER],
  "fault 3: a worker that SIGKILL cannot end is unkillable and ends the study with exit code 5",
  async () => {
    using box = new Sandbox();
    using group = new CgroupV1("freezer");
    const study = groupStudy(box, ["ok", "frozen", "ok"], group.procs, {
      experiment_timeout_seconds: 1,
      devices: ["test-device-of-fault-3"],
    });
    const env = { LLEM_LOCK_DIR: box.dir };
    const { child, dir, folder } = await startStudy(box, study, { index: 2, options: { env } });
    group.write("freezer.state", "FROZEN");
    const end = ran(await ended(child));
    const [worker = 0] = pidsOf(folder);
    assert.equal(end.code, 5, end.stderr);
    assert.deepEqual(end.runs.map((run) => run.outcome), ["completed", "unkillable"]);
    assert.match(end.finish?.reason ?? "", /cannot be killed/);
    assert.ok(lives(worker), "it was not frozen");
    const { status, completed, failed, pending } = readManifest(dir);
    assert.deepEqual([status, completed, failed, pending], ["failed", 1, 1, 1]);
    // Nobody gets the device while that process lives.
    const other = await llem(["run", study, "-o", join(box.dir, "other")], { env });
    assert.equal(other.code, 75, other.stderr);
    assert.match(
      other.stderr,
      new RegExp(`device test-device-of-fault-3 is quarantined: process ${worker} `),
    );
    group.write("freezer.state", "THAWED");
    await assertGone([worker]);
  },
);

for (const [containment, need] of CONTAINMENTS) {
  testWith(
    [need],
    `fault 22: SIGKILL of the runner takes everything along, ${TIMES} times at random (${containment})`,
    async () => {
      using box = new Sandbox();
      const fixture = containment === "group" ? "escapes" : "escapes_bare";
      const study = box.study([fixture], { experiment_timeout_seconds: 100, containment });
      await inTurns(Array.from({ length: TIMES }, (_, n) => `out${n}`), 2, async (name) => {
        const { child, dir } = await startStudy(box, study, { out: name });
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 100));
        const daemons = descendantsOf(child.pid).filter((pid) => !isGuard(pid));
        assert.ok(daemons.length >= 2, "the workers were not seen");
        child.kill("SIGKILL");
        await ended(child);
        await assertGone(daemons);
        await until("nothing carries the tag", () => taggedPids(dir).length === 0);
        await until("its control group is gone", () => !hasCgroupOf(child.pid));
      });
    },
  );
}

function hasCgroupOf(runner: number): boolean {
  const own = ownCgroup();
  return own !== null && [...Deno.readDirSync(own)].some(({ name }) => name.startsWith(`llem-${runner}-`));
}

function descendantsOf(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}

function isGuard(pid: number): boolean {
  return Deno.readTextFileSync(`/proc/${pid}/cmdline`).includes("\0llem-guard\0");
}

Deno.test("fault 22: the lock is free after SIGKILL, and a resume makes exactly the unfinished runs", async () => {
  using box = new Sandbox();
  const study = box.study(["ok", "escapes", "ok"], { experiment_timeout_seconds: 1 });
  const { child, dir, folder } = await startStudy(box, study, { index: 2 });
  child.kill("SIGKILL");
  await ended(child);
  await assertGone(pidsOf(folder));
  const end = ran(await llem(["run", "--resume", dir, "--json"]));
  assert.equal(end.code, 1, end.stderr);
  assert.deepEqual(end.runs.map((run) => [run.index, run.attempt, run.outcome]), [
    [2, 2, "timed_out"],
    [3, 1, "completed"],
  ]);
});

Deno.test(`fault 23: a worker whose runner dies around the registration begins only once it is guarded, ${TIMES} times`, async () => {
  using box = new Sandbox();
  const study = box.study(["kills_runner"]);
  await inTurns(Array.from({ length: TIMES }, (_, n) => `out${n}`), 2, async (name) => {
    const { child, dir, folder } = await startStudy(box, study, { out: name });
    const { signal } = await ended(child);
    assert.equal(signal, "SIGKILL");
    await assertGone(pidsOf(folder));
    const began = [...Deno.readDirSync(folder)].some((entry) => entry.name === "began");
    const isRegistered = Deno.readTextFileSync(join(dir, "journal.jsonl")).includes('"run_started"');
    assert.ok(isRegistered || !began, "it began before it was registered");
  });
});

Deno.test("fault 23: our own worker leaves by itself where the assignment never comes", async () => {
  const child = new Deno.Command(LLEM, { args: ["__worker"], stdin: "piped", stdout: "null", stderr: "null" })
    .spawn();
  await child.stdin.close();
  await child.status;
});

Deno.test("fault 25: a guard that was killed is replaced, told everything, and warned of", async () => {
  using box = new Sandbox();
  const study = box.study(["hang"], { experiment_timeout_seconds: 100 });
  const { child, dir, folder } = await startStudy(box, study);
  const [first] = childrenOf(child.pid).filter(isGuard);
  assert.ok(first !== undefined);
  Deno.kill(first, "SIGKILL");
  const heard = new Heard(child.stderr);
  await until(
    "another guard",
    () => childrenOf(child.pid).some((pid) => pid !== first && lives(pid) && isGuard(pid)),
  );
  await heard.says(/guard process was killed; a new one has taken over/);
  child.kill("SIGKILL");
  await heard.end(child);
  await assertGone(pidsOf(folder));
  await until("nothing is left", () => taggedPids(dir).length === 0);
});

Deno.test("a containment that nobody knows is a mistake in the study", async () => {
  using box = new Sandbox();
  const args = ["-o", join(box.dir, "out"), "--set", "execution.containment=jail"];
  const { code, stderr } = await llem(["run", box.study(["ok"]), ...args]);
  assert.equal(code, 2);
  assert.match(stderr, /execution\.containment/);
});

testWith(
  [ROOT_USER, PID_NAMESPACE],
  "as the first process of a container llem kills its own and leaves orphans of others alone",
  async () => {
    using box = new Sandbox();
    const study = box.study(["leaves_daemon", "sleeper_once"], { containment: "group" });
    const child = new Deno.Command("unshare", {
      args: [
        "--pid",
        "--fork",
        "--mount-proc",
        "--kill-child",
        LLEM,
        "run",
        study,
        "-o",
        `${box.dir}/out`,
        "--json",
      ],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const first = await until("the first process", () => childrenOf(child.pid)[0]);
    const dir = await until("the study", () => {
      const [entry] = [...Deno.readDirSync(join(box.dir, "out"))];
      return entry === undefined ? null : join(box.dir, "out", entry.name);
    });
    await until("the first run", () => Deno.statSync(join(runFolder(dir, 1), "pids")).size > 0);
    // As `docker exec` does: a program of somebody else's, whose orphan comes to the first process.
    const script = `sleep 1001 </dev/null >/dev/null 2>&1 & echo $! >'${box.dir}/stranger'`;
    await new Deno.Command("nsenter", { args: ["-t", String(first), "-p", "-m", "sh", "-c", script] })
      .output();
    const stranger = await until(
      "the stranger",
      () => childrenOf(first).find((pid) => Deno.readTextFileSync(`/proc/${pid}/cmdline`).includes("1001")),
    );
    await until("the second run", () => Deno.statSync(join(runFolder(dir, 2), "pids")).size > 0);
    assert.ok(lives(stranger), "a stranger was killed");
    const daemons = taggedPids(dir).filter((pid) =>
      Deno.readTextFileSync(`/proc/${pid}/cmdline`).includes("1000")
    );
    assert.deepEqual(daemons, [], "the daemon of the first run lives");
    const end = ran(await ended(child));
    assert.deepEqual(end.runs.map((run) => [run.outcome, run.flags.join()]), [
      ["completed", "leaked"],
      ["completed", ""],
    ], end.stderr);
  },
);
