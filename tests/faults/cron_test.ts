/** Starts as cron makes them: no terminal, hardly any environment, another start still at work. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { isAlive, readProcStat } from "../../lib/process/proc_stat.ts";
import { signalGroup } from "../../lib/process/process_group.ts";
import { tryLock } from "../../lib/storage/lock.ts";
import { assertGone, type Ended, ended, LLEM, pidsOf, readManifest, Sandbox, until } from "../e2e/llem.ts";
import "../support/libc.ts";
import { program, testWith } from "../support/needs.ts";
import { killWithoutGuard, studyDirs } from "./_running_study.ts";

{
  // Loads libc before any test: a library that a test loads counts as a leak.
  using box = new Sandbox();
  const attempt = tryLock(join(box.dir, "lock"), "");
  if (attempt.kind === "held") attempt.lock[Symbol.dispose]();
}

const FLOCK = program("flock", "flock", "--version");

/** Starts llem as cron would: `/bin/sh -c LINE` in `/` with next to no environment. */
function cron(line: string): Deno.ChildProcess {
  return new Deno.Command("/bin/sh", {
    args: ["-c", line, "cron", LLEM],
    cwd: "/",
    clearEnv: true,
    env: { PATH: "/usr/bin:/bin", SHELL: "/bin/sh" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

function cronEnds(line: string): Promise<Ended> {
  return ended(cron(line));
}

Deno.test("fault 39: without home, terminal and environment a study runs in silence, and its resume as well", async () => {
  using box = new Sandbox();
  const study = box.study(["ok", "ok"]);
  const line = `exec "$1" run '${study}' --resume -q -o '${box.dir}/out'`;
  for (const times of [1, 2]) {
    const end = await cronEnds(line);
    assert.deepEqual([end.code, end.stdout, end.stderr], [0, "", ""]);
    // The first is complete, so the second is a study of its own.
    assert.equal(studyDirs(box).length, times);
  }
  for (const dir of studyDirs(box)) assert.equal(readManifest(dir).completed, 2);
});

Deno.test("fault 39: an empty environment altogether works too", async () => {
  using box = new Sandbox();
  const end = await cronEnds(`exec env -i "$1" run '${box.study(["ok"])}' -q -o '${box.dir}/out'`);
  assert.deepEqual([end.code, end.stdout, end.stderr], [0, "", ""]);
});

Deno.test("fault 39: what went wrong is said although it is quiet", async () => {
  using box = new Sandbox();
  const end = await cronEnds(`exec "$1" run '${box.study(["exit_code"])}' --resume -q -o '${box.dir}/out'`);
  assert.deepEqual([end.code, end.stdout], [1, ""]);
  assert.match(
    end.stderr,
    /^\[1\/1\] command none: crashed after .*\nstudy finished: 0\/1 runs completed, 1 failed, in .*\n$/,
  );
  const missing = await cronEnds(`exec "$1" run '${box.dir}/no.yaml' --resume -q -o '${box.dir}/out'`);
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /no\.yaml/);
});

Deno.test("fault 39: a start while the last one is at work leaves at once with 75 and one line", async () => {
  using box = new Sandbox();
  const study = box.study(["hang"], { experiment_timeout_seconds: 50, grace_seconds: 0.2, devices: ["0"] });
  const started = (flags: string): string =>
    `LLEM_LOCK_DIR='${box.dir}' exec "$1" run '${study}' -q -o '${box.dir}/out' ${flags}`;
  const first = cron(started("--resume"));
  const folder = await workerFolder(box);
  // With the same command line, with one that always begins anew (its device is taken), and with the directory.
  for (const flags of ["--resume", "", `--resume`]) {
    const end = await cronEnds(started(flags));
    assert.equal(end.code, 75, end.stderr);
    assert.match(end.stderr, new RegExp(`^llem: .* by process ${first.pid} on .* since .*\n$`));
    assert.equal(end.stdout, "");
  }
  assert.equal(studyDirs(box).length, 1);
  first.kill("SIGTERM");
  assert.equal((await ended(first)).code, 143);
  await assertGone(pidsOf(folder));
});

testWith(
  [FLOCK],
  "fault 39: a lock that cron's line holds does not live on in a worker that survives",
  async () => {
    using box = new Sandbox();
    const study = box.study(["hang"], { experiment_timeout_seconds: 50 });
    const lock = join(box.dir, "cron.lock");
    // As `flock -n FILE llem ...` does it, but without a process of its own in between.
    const child = cron(`exec 9>'${lock}' && flock -n 9 && exec "$1" run '${study}' -q -o '${box.dir}/out'`);
    const folder = await workerFolder(box);
    const held = tryLock(lock, "");
    assert.equal(held.kind, "busy");
    const pids = await killWithoutGuard({ child, dir: "", folder });
    try {
      assert.ok(pids.every((pid) => isAlive(readProcStat(pid))), "the worker is to survive");
      const free = tryLock(lock, "");
      assert.equal(free.kind, "held");
      if (free.kind === "held") free.lock[Symbol.dispose]();
    } finally {
      // The whole group: a shell's own child stands in no list.
      signalGroup(pids[0] ?? 0, "SIGKILL");
    }
    await assertGone(pids);
  },
);

testWith(
  [FLOCK],
  "fault 39: `flock -n FILE llem run` works, and the second one leaves by flock's own code",
  async () => {
    using box = new Sandbox();
    const study = box.study(["ok"]);
    const line = `flock -n -E 99 '${box.dir}/cron.lock' "$1" run '${study}' -q -o '${box.dir}/out'`;
    const held = tryLock(join(box.dir, "cron.lock"), "");
    assert.equal((await cronEnds(line)).code, 99);
    if (held.kind === "held") held.lock[Symbol.dispose]();
    const end = await cronEnds(line);
    assert.deepEqual([end.code, end.stdout, end.stderr], [0, "", ""]);
  },
);

Deno.test("fault 39: the usual folder for results is that of the start, and explained where it cannot be written", async () => {
  // Nobody may write to /proc, not even root.
  using box = new Sandbox();
  const end = await cronEnds(`cd /proc && exec "$1" run '${box.study(["ok"])}' -q`);
  assert.equal(end.code, 4);
  assert.match(end.stderr, /^llem: Cannot save the study directory in \/proc\/results: .*\n$/);
  const again = await cronEnds(`cd /proc && exec "$1" run '${box.study(["ok"])}' -q --resume`);
  assert.equal(again.code, 4);
  assert.match(again.stderr, /^llem: Cannot save the study directory in \/proc\/results: .*\n$/);
});

/** The run folder of the first run of a sandbox, once its worker is at work. */
function workerFolder(box: Sandbox): Promise<string> {
  return until("the worker", () => {
    const [dir = ""] = studyDirs(box);
    const [run] = [...Deno.readDirSync(join(dir, "runs"))];
    const folder = join(dir, "runs", run?.name ?? "");
    return Deno.statSync(join(folder, "pids")).size > 0 && folder;
  });
}
