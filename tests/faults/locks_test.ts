/** Who may run what at the same time: study directories and devices. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { bootId, readProcStat } from "../../lib/process/proc_stat.ts";
import { deviceLockPath, quarantine } from "../../lib/storage/device_lock.ts";
import { readOwner, tryLock } from "../../lib/storage/lock.ts";
import { assertGone, ended, LLEM, llem, pidsOf, ran, Sandbox, start, until } from "../e2e/llem.ts";
import { STRACE, testWith } from "../support/needs.ts";
import { killRunner, type RunningStudy, startStudy, studyDirs } from "./_running_study.ts";

{
  // Loads libc before any test: a library that a test loads counts as a leak.
  using box = new Sandbox();
  const attempt = tryLock(join(box.dir, "lock"), "");
  if (attempt.kind === "held") attempt.lock[Symbol.dispose]();
}

const LONG = { experiment_timeout_seconds: 50, grace_seconds: 0.2 };

/** Stops a study at work, whatever the test came to. */
async function stop({ child, folder }: RunningStudy): Promise<void> {
  child.kill("SIGTERM");
  await ended(child);
  await assertGone(pidsOf(folder));
}

/** The environment by which the tests' device locks are nobody else's. */
function lockEnv(box: Sandbox): { env: Record<string, string> } {
  return { env: { LLEM_LOCK_DIR: box.dir } };
}

Deno.test("fault 33: of ten starts on one directory in the same second one wins; the others name it and leave with 75", async () => {
  using box = new Sandbox();
  const running = await startStudy(box, box.study(["hang"], LONG));
  await killRunner(running);
  const starts = Array.from({ length: 10 }, () => start(["run", "--resume", running.dir]));
  const ends = starts.map((child) => ended(child).then((end) => ({ ...end, pid: child.pid })));
  const losers: { code: number; stderr: string }[] = [];
  for (const end of ends) end.then((lost) => lost.code === 75 && losers.push(lost));
  await until("nine to leave", () => losers.length === 9);
  const [winner] = starts.filter(({ pid }) => readProcStat(pid)?.state !== undefined);
  assert.ok(winner !== undefined);
  for (const { stderr } of losers) {
    assert.match(
      stderr,
      new RegExp(`^llem: .* is being run by (process ${winner.pid} on ${Deno.hostname()} |another)`),
    );
    assert.equal(stderr.trimEnd().split("\n").length, 1);
  }
  assert.ok(losers.some(({ stderr }) => stderr.includes(`process ${winner.pid} on `)));
  winner.kill("SIGTERM");
  assert.deepEqual((await Promise.all(ends)).map(({ code }) => code).toSorted((a, b) => a - b).slice(-2), [
    75,
    143,
  ]);
});

Deno.test("fault 33: the host of a holder elsewhere is named as its lock says", async () => {
  using box = new Sandbox();
  const { dir } = await box.run(box.study(["ok"]));
  const since = "2026-01-02T03:04:05.000Z";
  const held = tryLock(
    join(dir, "lock"),
    JSON.stringify({ host: "node17", pid: 4242, since, study_dir: dir }),
  );
  assert.ok(held.kind === "held");
  const end = await llem(["run", "--resume", dir]);
  held.lock[Symbol.dispose]();
  assert.deepEqual([end.code, end.stdout], [75, ""]);
  assert.equal(
    end.stderr,
    `llem: ${dir} is being run by process 4242 on node17 since ${since}; use --wait SECONDS to wait for it\n`,
  );
});

Deno.test("fault 33: a runner that was killed holds nothing any more", async () => {
  using box = new Sandbox();
  const study = box.study(["hang"], { ...LONG, devices: ["0"] });
  await killRunner(await startStudy(box, study, { options: lockEnv(box) }));
  const next = await startStudy(box, study, { options: lockEnv(box) });
  await stop(next);
});

testWith(
  [STRACE],
  "fault 33: a file system without flock is refused by name, or gone on with as a warning",
  async () => {
    for (const [error, devices] of [["ENOLCK", []], ["ENOSYS", []], ["EOPNOTSUPP", ["0"]]] as const) {
      using box = new Sandbox();
      const study = box.study(["ok"], { devices });
      const run = async (...args: readonly string[]) => {
        const { code, stdout, stderr } = await new Deno.Command("strace", {
          args: [
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            "trace=flock",
            "-e",
            `inject=flock:error=${error}`,
            LLEM,
            "run",
          ]
            .concat([study, "-o", join(box.dir, "out"), "--json", ...args]),
          env: { LLEM_LOCK_DIR: box.dir },
          stdin: "null",
        }).output();
        const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
        return ran({ code, signal: null, stdout: text(stdout), stderr: text(stderr) });
      };
      const refused = await run();
      assert.equal(refused.code, 4);
      assert.match(
        refused.stderr,
        new RegExp(
          `^llem: Cannot lock .*: its file system \\(\\w+\\) does not support flock \\(${error}\\)\\.`,
        ),
      );
      assert.match(refused.stderr, /another file system with -o.*or add --no-lock if no other llem.*\.\n$/);
      // Nothing was begun.
      assert.deepEqual(studyDirs(box), []);
      const without = await run("--no-lock");
      assert.equal(without.code, 0, without.stderr);
      const warnings = without.all.filter((row) => JSON.stringify(row).includes('"code":"no_lock"'));
      assert.equal(warnings.length, devices.length + 1);
      assert.match(without.stderr, /warning: Cannot lock .*Continuing without a lock \(--no-lock\)/);
    }
  },
);

Deno.test("--no-lock is no way past somebody who holds the lock", async () => {
  using box = new Sandbox();
  const running = await startStudy(box, box.study(["hang"], LONG));
  assert.equal((await llem(["run", "--resume", running.dir, "--no-lock"])).code, 75);
  await stop(running);
});

Deno.test("a device is one study's: another start leaves with 75 and nothing made, and gets it afterwards", async () => {
  using box = new Sandbox();
  const running = await startStudy(box, box.study(["hang"], LONG, "first"), {
    args: ["--devices", "0,GPU-x"],
    options: lockEnv(box),
  });
  const study = box.study(["ok"], {}, "second");
  const other = (devices: string) =>
    llem(["run", study, "-o", join(box.dir, "other"), "--devices", devices], lockEnv(box));
  const busy = await other("GPU-y,GPU-x");
  assert.equal(busy.code, 75);
  const line = new RegExp(
    `^llem: device GPU-x is held by process ${running.child.pid} on ${Deno.hostname()} since \\S+Z for ${running.dir};` +
      " use --wait SECONDS to wait for it\n$",
  );
  assert.match(busy.stderr, line);
  assert.throws(() => Deno.statSync(join(box.dir, "other")));
  // What it did get was given back, and a device of its own is its own.
  assert.equal((await other("GPU-y")).code, 0);
  // A resume needs the devices of its study as well.
  const owner = JSON.parse(readOwner(deviceLockPath(box.dir, "0")));
  assert.deepEqual([owner.pid, owner.study_dir, owner.boot_id], [running.child.pid, running.dir, bootId()]);
  await stop(running);
  assert.equal((await other("GPU-x")).code, 0);
});

Deno.test("no process of a study inherits a lock", async () => {
  using box = new Sandbox();
  const running = await startStudy(box, box.study(["hang"], { ...LONG, devices: ["0"] }), {
    options: lockEnv(box),
  });
  for (const pid of pidsOf(running.folder)) {
    const targets = [...Deno.readDirSync(`/proc/${pid}/fd`)].flatMap(({ name }) => {
      try {
        return [Deno.readLinkSync(`/proc/${pid}/fd/${name}`)];
      } catch (error) {
        // Closed since it was listed: a lock that is inherited stays open.
        if (error instanceof Deno.errors.NotFound) return [];
        throw error;
      }
    });
    assert.deepEqual(targets.filter((target) => target.startsWith(box.dir) && target.includes("lock")), []);
  }
  await stop(running);
});

/** Starts llem, which is to wait; resolves with the one line that it says then. */
async function startWaiting(args: readonly string[], options: Deno.CommandOptions) {
  const child = start([...args, "--wait", "50"], options);
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  const { value: line = "" } = await reader.read();
  const rest = async (): Promise<string> => {
    let text = "";
    for (let read = await reader.read(); !read.done; read = await reader.read()) text += read.value;
    return text;
  };
  return { child, line, rest };
}

Deno.test("--wait says once that it waits for a device, and goes on when that is free", async () => {
  using box = new Sandbox();
  const options = lockEnv(box);
  const running = await startStudy(box, box.study(["hang"], { ...LONG, devices: ["0"] }), { options });
  const study = box.study(["ok"], { devices: ["0"] }, "other");
  const { child, line, rest } = await startWaiting(["run", study, "-o", join(box.dir, "other")], options);
  assert.match(line, /^llem: waiting up to 50 s: device 0 is held by process \d+ on .* for .*\n$/);
  // A study that waits has no directory yet.
  assert.throws(() => Deno.statSync(join(box.dir, "other")));
  await stop(running);
  const told = await rest();
  assert.equal((await child.status).code, 0, told);
  await child.stdout.cancel();
  assert.doesNotMatch(told, /waiting/);
});

Deno.test("--wait says once that it waits for a directory, and goes on with it when that is free", async () => {
  using box = new Sandbox();
  const running = await startStudy(box, box.study(["waits_for_file", "ok"]));
  const { child, line, rest } = await startWaiting(["run", "--resume", running.dir], {});
  assert.match(line, /^llem: waiting up to 50 s: .* is being run by process \d+ on .*\n$/);
  running.child.kill("SIGINT");
  await ended(running.child);
  const folder = await until("the second attempt", () => {
    const found = [...Deno.readDirSync(join(running.dir, "runs"))].find(({ name }) => name.endsWith("_a2"));
    const path = join(running.dir, "runs", found?.name ?? "");
    return Deno.statSync(join(path, "pids")).size > 0 && path;
  });
  Deno.writeTextFileSync(join(folder, "go"), "");
  const told = await rest();
  assert.equal((await child.status).code, 0, told);
  await child.stdout.cancel();
  assert.match(told, /^llem: resuming: 2 runs to do \(1 interrupted, 1 pending\)$/m);
  assert.doesNotMatch(told, /waiting/);
});

Deno.test("--wait ends with 75 when the time is over, and with a signal's code when stopped", async () => {
  using box = new Sandbox();
  const running = await startStudy(box, box.study(["hang"], LONG));
  const over = await llem(["run", "--resume", running.dir, "--wait", "0.3"]);
  assert.equal(over.code, 75);
  assert.match(over.stderr, /^llem: waiting up to 0\.3 s: .*\nllem: .* is being run by .*\n$/);
  assert.equal(
    (await llem(["run", "--resume", running.dir, "--wait", "0.2", "-q"])).stderr.trimEnd().split("\n").length,
    1,
  );
  for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    const waiting = start(["run", "--resume", running.dir, "--wait", "500"]);
    const reader = waiting.stderr.pipeThrough(new TextDecoderStream()).getReader();
    await reader.read();
    waiting.kill(signal);
    const { value } = await reader.read();
    assert.match(value ?? "", new RegExp(`^llem: stopped by ${signal} while waiting: `));
    assert.equal((await waiting.status).code, code);
    await reader.cancel();
    await waiting.stdout.cancel();
  }
  await stop(running);
});

Deno.test("a device in quarantine is refused while its process lives, and free once it is gone", async () => {
  using box = new Sandbox();
  const stuck = new Deno.Command("sleep", { args: ["1000"], stdin: "null" }).spawn();
  const { start_ticks = 0 } = readProcStat(stuck.pid) ?? {};
  const mark = { pid: stuck.pid, start_ticks, boot_id: bootId(), study_dir: "/studies/s", run_id: "0001_x" };
  quarantine(box.dir, "0", mark);
  const study = box.study(["ok"], { devices: ["0"] });
  const run = () => llem(["run", study, "-o", join(box.dir, "out")], lockEnv(box));
  const refused = await run();
  assert.equal(refused.code, 75);
  assert.match(
    refused.stderr,
    new RegExp(
      `^llem: device 0 is quarantined: process ${stuck.pid} of 0001_x \\(/studies/s\\) .*Reboot, or reset`,
    ),
  );
  stuck.kill("SIGKILL");
  await stuck.status;
  const free = await run();
  assert.deepEqual([free.code, free.stderr.includes("quarantine")], [0, false]);
  assert.throws(() => Deno.statSync(join(box.dir, "llem-device-0.quarantine")));
});

Deno.test("two studies without devices may run side by side", async () => {
  using box = new Sandbox();
  const running = await startStudy(box, box.study(["hang"], LONG));
  const { code } = await box.run(box.study(["ok"], {}, "test"));
  assert.equal(code, 0);
  assert.equal(studyDirs(box).length, 2);
  await stop(running);
});
