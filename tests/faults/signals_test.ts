/** Signals to the runner, on real processes: every one, every ordered pair, a third, and the ones that do not stop. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { readProcStat } from "../../lib/process/proc_stat.ts";
import {
  assertGone,
  type Ended,
  ended,
  LLEM,
  llem,
  pidsOf,
  ran,
  readManifest,
  readResult,
  runFolder,
  Sandbox,
  start,
  until,
} from "../e2e/llem.ts";
import { CgroupV1, FREEZER } from "../support/cgroup_v1.ts";
import { testWith } from "../support/needs.ts";
import { sampledPairs } from "../support/sampled.ts";
import { Heard } from "./_heard.ts";
import { inTurns } from "./_in_turns.ts";
import { startStudy, studyDirs } from "./_running_study.ts";

const CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGQUIT: 131 } as const;
type Stop = keyof typeof CODES;
const STOPS = Object.keys(CODES) as Stop[];

/** Nothing is left, and what is on disk says so. */
async function assertInterrupted(end: Ended, dir: string, folder: string, first: Stop): Promise<void> {
  // By the signal itself, so that a shell sees it; its $? is then the documented code.
  assert.deepEqual([end.signal, end.code], [first, CODES[first]], end.stderr);
  await assertGone(pidsOf(folder));
  const { status, interrupted, failed, experiments } = readManifest(dir);
  assert.deepEqual([status, interrupted, failed], ["interrupted", 1, 0]);
  assert.equal(experiments.at(-1)?.status, "pending");
  assert.equal(ran(end).finish?.status, "interrupted");
  assert.equal(readResult(folder).outcome.kind, "interrupted");
}

Deno.test("fault 29: every stop signal ends the study after the grace, and is what the runner dies of", async () => {
  using box = new Sandbox();
  const study = box.study(["hang", "ok"], { grace_seconds: 0.2 });
  await inTurns(STOPS, 2, async (signal) => {
    const { child, dir, folder } = await startStudy(box, study, { out: signal });
    child.kill(signal);
    await assertInterrupted(await ended(child), dir, folder, signal);
  });
});

Deno.test("fault 29: a second stop signal kills at once, whichever it is; the first names the end", async () => {
  using box = new Sandbox();
  // Nobody would wait that long for the grace.
  const study = box.study(["hang", "ok"], { grace_seconds: 1000 });
  const pairs = sampledPairs("ordered pairs of stop signals", STOPS, STOPS, 2);
  await inTurns(pairs, 3, async ([first, second]) => {
    const { child, dir, folder } = await startStudy(box, study, { out: `${first}-${second}` });
    const heard = new Heard(child.stderr);
    child.kill(first);
    await heard.says(new RegExp(`${first}: the current run has`));
    child.kill(second);
    await assertInterrupted(await heard.end(child), dir, folder, first);
  });
});

Deno.test("fault 29: five Ctrl-C in a burst end in good order", async () => {
  using box = new Sandbox();
  const study = box.study(["hang", "ok"], { grace_seconds: 2 });
  const { child, dir, folder } = await startStudy(box, study);
  for (let left = 5; left > 0; left--) {
    child.kill("SIGINT");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await assertInterrupted(await ended(child), dir, folder, "SIGINT");
});

testWith(
  [FREEZER],
  "fault 29: a third signal leaves at once where the kill hangs; a resume finds the run lost",
  async () => {
    using box = new Sandbox();
    using group = new CgroupV1("freezer");
    const study = box.write(
      "study.yaml",
      JSON.stringify({
        name: "test",
        backend: "command",
        model: "none",
        command: { argv: [join(box.dir, "worker.sh")] },
        execution: { grace_seconds: 1000 },
      }),
    );
    box.write(
      "worker.sh",
      `#!/bin/sh\nread -r line\necho $$ >'${group.procs}'\necho $$ >"$LLEM_RUN_DIR/pids"\nwhile :; do sleep 0.05; done\n`,
    );
    Deno.chmodSync(join(box.dir, "worker.sh"), 0o755);
    const { child, dir, folder } = await startStudy(box, study);
    group.write("freezer.state", "FROZEN");
    const heard = new Heard(child.stderr);
    child.kill("SIGINT");
    await heard.says(/the current run has/);
    child.kill("SIGINT");
    await heard.says(/killing the current run/);
    await until("the third signal is taken for what it is", () => {
      try {
        child.kill("SIGTERM");
      } catch {
        return true;
      }
      return readProcStat(child.pid)?.state === "Z";
    });
    const end = await heard.end(child);
    assert.equal(end.signal, "SIGTERM");
    const [worker = 0] = pidsOf(folder);
    assert.notEqual(readProcStat(worker), null, "it was not frozen");
    group.write("freezer.state", "THAWED");
    await assertGone([worker]);
    const { stdout } = await llem(["status", dir]);
    assert.match(stdout, /stopped unexpectedly/);
  },
);

Deno.test("fault 29: a stop while the worker is still loading, and in the gap between runs", async () => {
  using box = new Sandbox();
  const loading = await startStudy(box, box.study(["silent_loader"], { grace_seconds: 0.2 }, "loading"), {
    out: "loading",
  });
  loading.child.kill("SIGINT");
  const end = ran(await ended(loading.child));
  assert.deepEqual([end.code, end.runs[0]?.outcome], [130, "interrupted"]);
  await assertGone(pidsOf(loading.folder));

  const child = start([
    "run",
    box.study(["ok", "ok", "ok"], { experiment_gap_seconds: 1000 }),
    "-o",
    `${box.dir}/gap`,
    "--json",
  ]);
  const heard = new Heard(child.stderr);
  await heard.says(/^waiting .* before the next run/m);
  child.kill("SIGINT");
  await heard.says(/SIGINT: the study stops now. No run is under way\./);
  const gap = ran(await heard.end(child));
  assert.deepEqual([gap.code, gap.finish?.completed, gap.finish?.pending], [130, 1, 2]);
  // The first run of a session has no gap before it; the one before the next is skipped on request.
  const rest = ran(await llem(["run", "--resume", gap.dir, "--no-gaps", "--json"]));
  assert.deepEqual([rest.code, rest.finish?.completed], [0, 3]);
});

Deno.test("fault 30: what was ignored at the start stays ignored: HUP under nohup, INT and QUIT behind & in a script", async () => {
  using box = new Sandbox();
  const cases = [
    ["nohup", ["SIGHUP"], ["nohup", LLEM]],
    ["background", ["SIGINT", "SIGQUIT"], [
      "sh",
      "-c",
      '"$@" & echo $! >"$0"; wait $!',
      join(box.dir, "pid"),
      LLEM,
    ]],
  ] as const;
  for (const [name, signals, [program, ...args]] of cases) {
    const out = join(box.dir, name);
    const child = new Deno.Command(program, {
      args: [...args, "run", box.study(["sleeper"]), "-o", out, "--json"],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const dir = await until("the study directory", () => studyDirs(box, name)[0]);
    await until(
      "the worker",
      () => Deno.readTextFileSync(join(dir, "journal.jsonl")).includes("run_started"),
    );
    const pid = name === "background" ? Number(Deno.readTextFileSync(join(box.dir, "pid"))) : child.pid;
    for (const signal of signals) Deno.kill(pid, signal);
    const end = ran(await ended(child));
    assert.deepEqual([end.code, end.finish?.completed], [0, 1], `${name}: ${end.stderr}`);
  }
});

Deno.test("fault 31: Ctrl-Z stops runner and worker; after fg the attempt is void and made again", async () => {
  using box = new Sandbox();
  const study = box.study(["sleeper_once", "ok"], { experiment_timeout_seconds: 3 });
  const { child, dir, folder } = await startStudy(box, study);
  const [worker = 0] = pidsOf(folder);
  child.kill("SIGTSTP");
  await until("both stand still", () => [child.pid, worker].every((pid) => readProcStat(pid)?.state === "T"));
  // Longer than the limit of the run: it must not fire on waking.
  await new Promise((resolve) => setTimeout(resolve, 3500));
  child.kill("SIGCONT");
  const end = ran(await ended(child));
  assert.equal(end.code, 0, end.stderr);
  assert.deepEqual(
    end.runs.map((run) => [run.index, run.attempt, run.outcome, run.flags.join(), run.will_retry]),
    [
      [1, 1, "interrupted", "suspended", true],
      [1, 2, "completed", "", false],
      [2, 1, "completed", "", false],
    ],
  );
  const { status, completed, interrupted } = readManifest(dir);
  assert.deepEqual([status, completed, interrupted], ["completed", 2, 0]);
});

Deno.test("fault 31: a runner that stood still (SIGSTOP) past a limit reports no false timeout", async () => {
  using box = new Sandbox();
  const study = box.study(["sleeper_once"], { experiment_timeout_seconds: 2, study_timeout_seconds: 30 });
  const { child } = await startStudy(box, study);
  child.kill("SIGSTOP");
  await until("it stands still", () => readProcStat(child.pid)?.state === "T");
  await new Promise((resolve) => setTimeout(resolve, 2500));
  child.kill("SIGCONT");
  const end = ran(await ended(child));
  assert.equal(end.code, 0, end.stderr);
  assert.deepEqual(end.runs.map((run) => [run.attempt, run.outcome]), [[1, "interrupted"], [2, "completed"]]);
  // The worker went on meanwhile, but what it measured has a hole on our side.
  assert.ok(end.runs[0]?.flags.includes("suspended"));
});

Deno.test("a retry that Ctrl-Z caused takes none of the run's retries", async () => {
  using box = new Sandbox();
  const { child, folder } = await startStudy(
    box,
    box.study(["hang"], { experiment_timeout_seconds: 1, retries: 1 }),
  );
  await new Promise((resolve) => setTimeout(resolve, 50));
  child.kill("SIGTSTP");
  await until("it stands still", () => readProcStat(child.pid)?.state === "T");
  child.kill("SIGCONT");
  const end = ran(await ended(child));
  assert.deepEqual(end.runs.map((run) => [run.attempt, run.outcome]), [
    [1, "interrupted"],
    [2, "timed_out"],
    [3, "timed_out"],
  ], end.stderr);
  await assertGone(pidsOf(folder));
});

Deno.test("SIGUSR1 says what runs now, on a stderr that is no terminal", async () => {
  using box = new Sandbox();
  const { child, dir, folder } = await startStudy(box, box.study(["hang"], { grace_seconds: 0.1 }));
  const heard = new Heard(child.stderr);
  child.kill("SIGUSR1");
  await heard.says(/\[1\/1\] .*last message \d+s ago; log: \S+worker\.log\n/);
  assert.ok(heard.text.includes(join(folder, "worker.log")));
  child.kill("SIGTERM");
  await assertGone(pidsOf(folder));
  assert.equal((await heard.end(child)).code, 143);
  assert.equal(readManifest(dir).status, "interrupted");
});

Deno.test("fault 40: SIGUSR2 lets the run at hand end and begins no further one; a resume makes the rest", async () => {
  using box = new Sandbox();
  const study = box.study(["sleeper_once", "ok"]);
  const { child, dir } = await startStudy(box, study);
  child.kill("SIGUSR2");
  const end = ran(await ended(child));
  assert.equal(end.code, 140, end.stderr);
  assert.deepEqual(end.runs.map((run) => run.outcome), ["completed"]);
  assert.match(end.finish?.reason ?? "", /SIGUSR2/);
  const { status, completed, pending } = readManifest(dir);
  assert.deepEqual([status, completed, pending], ["interrupted", 1, 1]);
  const resumed = ran(await llem(["run", "--resume", dir, "--json"]));
  assert.deepEqual([resumed.code, resumed.runs.map((run) => run.index)], [0, [2]], resumed.stderr);
  assert.ok(runFolder(dir, 2).length > 0);
});

Deno.test("a signal that goes to worker and runner alike, as schedulers send it, is a stop and no crash", async () => {
  using box = new Sandbox();
  const study = box.study(["sleeper_once", "ok"]);
  const signals: readonly Stop[] = ["SIGTERM", "SIGINT", "SIGHUP"];
  await inTurns(signals, 1, async (signal) => {
    const { child, dir, folder } = await startStudy(box, study, { out: signal });
    const [worker = 0] = pidsOf(folder);
    // The worker first: the runner sees its death before it hears of the signal itself.
    Deno.kill(worker, signal);
    await until("the worker's death", () => ["Z", undefined].includes(readProcStat(worker)?.state));
    child.kill(signal);
    await assertInterrupted(await ended(child), dir, folder, signal);
  });
});

Deno.test("a worker that somebody else sends TERM is crashed, and the study goes on", async () => {
  using box = new Sandbox();
  const { child, folder } = await startStudy(box, box.study(["sleeper_once", "ok"]));
  const [worker = 0] = pidsOf(folder);
  Deno.kill(worker, "SIGTERM");
  const { runs } = ran(await ended(child));
  assert.deepEqual(runs.map((run) => [run.outcome, run.signal]), [["crashed", "SIGTERM"], [
    "completed",
    null,
  ]]);
});
