/** What a resume does after the death of a runner, and with a study that has changed meanwhile. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { JournalEvent, RunStarted } from "../../lib/journal/event.ts";
import { decodeLine, encodeLine } from "../../lib/journal/journal_line.ts";
import { isAlive, readProcStat } from "../../lib/process/proc_stat.ts";
import {
  assertGone,
  ended,
  llem,
  pidsOf,
  ran,
  readManifest,
  Sandbox,
  start,
  until,
  WORKERS,
} from "../e2e/llem.ts";
import { CgroupV1, MEMORY_CGROUP_V1 } from "../support/cgroup_v1.ts";
import { testWith } from "../support/needs.ts";
import { killRunner, killWithoutGuard, startStudy, studyDirs } from "./_running_study.ts";

const lives = (pid: number): boolean => isAlive(readProcStat(pid));

/** Puts other fields into the worker of the last start that the journal names. */
function rewriteWorker(dir: string, change: (worker: NonNullable<RunStarted["worker"]>) => object): void {
  const path = join(dir, "journal.jsonl");
  const lines = Deno.readTextFileSync(path).trimEnd().split("\n");
  const at = lines.findLastIndex((line) => line.includes('"run_started"'));
  const reading = decodeLine(lines[at] ?? "");
  assert.ok(
    reading.kind === "event" && reading.event.type === "run_started" && reading.event.worker !== null,
  );
  const { at: time, ...event } = reading.event;
  const worker = { ...reading.event.worker, ...change(reading.event.worker) };
  const rewritten: JournalEvent = { ...event, worker };
  lines[at] = encodeLine(rewritten, time).trimEnd();
  Deno.writeTextFileSync(path, `${lines.join("\n")}\n`);
}

/** The limit of a run whose runner is caught at work before that has passed, on a busy machine as well. */
const CAUGHT_S = 4;

testWith(
  [MEMORY_CGROUP_V1],
  "fault 19: the OOM killer takes the runner: its worker dies with it, and a resume marks the run lost and goes on",
  async () => {
    using box = new Sandbox();
    using group = new CgroupV1("memory");
    const study = box.study(["ok", "hang", "ok"], { experiment_timeout_seconds: CAUGHT_S });
    const running = await startStudy(box, study, { index: 2 });
    // Of all in the group the kernel is to take the runner, as it would where that is the largest.
    group.add(running.child.pid);
    Deno.writeTextFileSync(`/proc/${running.child.pid}/oom_score_adj`, "1000");
    group.write("memory.swappiness", "0");
    group.write("memory.limit_in_bytes", String(32 * 1024 * 1024));
    const eater = new Deno.Command("sh", {
      args: [
        "-c",
        'echo $$ >"$1/cgroup.procs"; exec awk "BEGIN { s = \\"x\\"; for (;;) s = s s }"',
        "eater",
        group.path,
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const end = await ended(running.child);
    assert.equal(end.signal, "SIGKILL");
    await eater.status;
    assert.match(group.read("memory.oom_control"), /oom_kill [1-9]/);
    await assertGone(pidsOf(running.folder));
    const resumed = ran(await llem(["run", "--resume", running.dir, "--json"]));
    assert.match(resumed.stderr, /^llem: resuming: 2 runs to do \(1 lost, 1 pending\)$/m);
    assert.deepEqual(resumed.runs.map((run) => [run.index, run.attempt, run.outcome]), [
      [2, 2, "timed_out"],
      [3, 1, "completed"],
    ]);
    assert.match(Deno.readTextFileSync(join(running.dir, "journal.jsonl")), /"kind":"lost"/);
  },
);

Deno.test("fault 36: a process that has got a lost worker's pid by chance is not touched", async () => {
  using box = new Sandbox();
  const running = await startStudy(box, box.study(["hang"], { experiment_timeout_seconds: CAUGHT_S }));
  await killRunner(running);
  // Leads a group of its own, as a worker does: killing that group would kill it.
  const innocent = new Deno.Command("sleep", { args: ["1000"], stdin: "null", detached: true }).spawn();
  try {
    rewriteWorker(running.dir, () => ({ pid: innocent.pid }));
    const end = ran(await llem(["run", "--resume", running.dir, "--json"]));
    assert.deepEqual(end.runs.map((run) => [run.attempt, run.outcome]), [[2, "timed_out"]]);
    assert.doesNotMatch(end.stderr, /outlived/);
    assert.ok(lives(innocent.pid));
  } finally {
    innocent.kill("SIGKILL");
    await innocent.status;
  }
});

Deno.test("fault 36: a process of that pid and start time is left alone where host or boot are not the same", async () => {
  for (const other of [{ host: "another-host" }, { boot_id: "an-earlier-boot" }]) {
    using box = new Sandbox();
    const running = await startStudy(box, box.study(["hang"], { experiment_timeout_seconds: CAUGHT_S }));
    await killRunner(running);
    const innocent = new Deno.Command("sleep", { args: ["1000"], stdin: "null", detached: true }).spawn();
    try {
      const { start_ticks = 0 } = readProcStat(innocent.pid) ?? {};
      rewriteWorker(running.dir, () => ({ pid: innocent.pid, start_ticks, ...other }));
      const end = await llem(["run", "--resume", running.dir]);
      assert.equal(end.code, 1, end.stderr);
      assert.ok(lives(innocent.pid), JSON.stringify(other));
    } finally {
      innocent.kill("SIGKILL");
      await innocent.status;
    }
  }
});

Deno.test("fault 22: a worker that outlived its runner and its guard dies before its run is made again, wherever its children are", async () => {
  using box = new Sandbox();
  const running = await startStudy(box, box.study(["escapes"], { experiment_timeout_seconds: CAUGHT_S }));
  const pids = await killWithoutGuard(running);
  assert.equal(pids.length, 3);
  assert.deepEqual(pids.filter(lives), pids, "the fixture is to outlive its runner");
  const end = ran(await llem(["run", "--resume", running.dir, "--json"]));
  assert.match(
    end.stderr,
    new RegExp(`^llem: processes [0-9, ]*\\b${pids[0]}\\b.* outlived the last session`, "m"),
  );
  assert.deepEqual(end.runs.map((run) => [run.attempt, run.outcome]), [[2, "timed_out"]]);
  await assertGone(pids);
});

Deno.test("fault 22: children of a worker that died after its runner are found by their environment", async () => {
  using box = new Sandbox();
  const running = await startStudy(box, box.study(["escapes"], { experiment_timeout_seconds: CAUGHT_S }));
  const [worker = 0, ...children] = await killWithoutGuard(running);
  Deno.kill(worker, "SIGKILL");
  await assertGone([worker]);
  assert.deepEqual(children.filter(lives), children);
  const end = await llem(["run", "--resume", running.dir]);
  assert.match(end.stderr, /outlived the last session and were killed/);
  await assertGone(children);
});

Deno.test("fault 38: whatever was changed in the study file is named, and the directory is not touched", async () => {
  using box = new Sandbox();
  const experiments = [1, 2].map((n) => ({ n, command: { argv: [join(WORKERS, "ok.sh")] } }));
  const write = (change: object): string =>
    box.write(
      "study.yaml",
      JSON.stringify({
        name: "s",
        backend: "command",
        model: "none",
        experiments,
        execution: { n_cycles: 1, cycle_order: "sequential", max_failures: 1 },
        ...change,
      }),
    );
  const { dir } = await box.run(write({}));
  const before = Deno.readTextFileSync(join(dir, "journal.jsonl"));
  const [one, two] = experiments;
  const third = { n: 7, command: { argv: ["true"], env: { A: "1", B: "2" } }, params: { batch: 2 } };
  const cases: readonly (readonly [what: string, change: object, difference: RegExp])[] = [
    [
      "edited",
      { experiments: [one, { ...two, n: 9 }] },
      /experiment [0-9a-f]{16} is now [0-9a-f]{16}: n was 2, is 9/,
    ],
    ["removed", { experiments: [one] }, /experiment [0-9a-f]{16} is gone: /],
    ["added", { experiments: [one, two, third] }, /experiment [0-9a-f]{16} is new: /],
    ["cycles", { execution: { n_cycles: 3, cycle_order: "sequential" } }, /n_cycles was 1, is 3/],
    ["named otherwise", { name: "t" }, /name was "s", is "t"/],
  ];
  for (const [what, change, difference] of cases) {
    const end = await llem(["run", write(change), "--resume", dir]);
    assert.equal(end.code, 2, what);
    assert.match(end.stderr, difference, what);
  }
  assert.equal(Deno.readTextFileSync(join(dir, "journal.jsonl")), before);
});

Deno.test("fault 38: the order of a study file means nothing, and its settings stay as the study began", async () => {
  using box = new Sandbox();
  const study = (fixtures: readonly (readonly [n: number, name: string])[], retries: number): string =>
    box.write(
      "s.yaml",
      JSON.stringify({
        name: "s",
        backend: "command",
        model: "none",
        experiments: fixtures.map(([n, name]) => ({ n, command: { argv: [join(WORKERS, `${name}.sh`)] } })),
        execution: { n_cycles: 1, cycle_order: "sequential", retries, grace_seconds: 0.2 },
      }),
    );
  const running = await startStudy(box, study([[1, "ok"], [2, "hang"], [3, "ok"]], 0), { index: 2 });
  running.child.kill("SIGTERM");
  running.child.kill("SIGTERM");
  await ended(running.child);
  const turned = study([[3, "ok"], [2, "hang"], [1, "ok"]], 1);
  const child = start(["run", turned, "--resume", running.dir, "--json"]);
  const second = await until("the second attempt", () => studyAttempt(running.dir));
  child.kill("SIGTERM");
  child.kill("SIGTERM");
  const end = ran(await ended(child));
  assert.match(second, /^0002_/);
  assert.match(end.stderr, /keeping the original settings: execution\.retries stays 0, not 1\./);
  assert.match(end.stderr, /^llem: resuming: 2 runs to do \(1 interrupted, 1 pending\)$/m);
});

/** The run folder of a second attempt with a worker at work in it. */
function studyAttempt(dir: string): string | null {
  const found = [...Deno.readDirSync(join(dir, "runs"))].find(({ name }) => name.endsWith("_a2"));
  return found !== undefined && Deno.statSync(join(dir, "runs", found.name, "pids")).size > 0
    ? found.name
    : null;
}

Deno.test("a study without its end is ended by a resume, with nothing made again", async () => {
  using box = new Sandbox();
  const { dir } = await box.run(box.study(["ok"]));
  const path = join(dir, "journal.jsonl");
  const lines = Deno.readTextFileSync(path).trimEnd().split("\n");
  assert.match(lines.at(-1) ?? "", /study_finished/);
  Deno.writeTextFileSync(path, `${lines.slice(0, -1).join("\n")}\n`);
  Deno.removeSync(join(dir, "manifest.json"));
  const end = ran(await llem(["run", "--resume", dir, "--json"]));
  assert.deepEqual([end.code, end.runs.length, end.finish?.status], [0, 0, "completed"]);
  assert.equal(readManifest(dir).status, "completed");
  // And where only what is derived is missing, that comes back.
  Deno.removeSync(join(dir, "manifest.json"));
  Deno.removeSync(join(dir, "summary.csv"));
  const nothing = await llem(["run", "--resume", dir]);
  assert.match(nothing.stderr, /nothing is left to do in .*: every run has completed/);
  assert.equal(readManifest(dir).status, "completed");
  assert.ok(Deno.statSync(join(dir, "summary.csv")).size > 0);
});

/** As a power cut leaves a run whose start was not synced: its folder is there. */
function removeResult(dir: string, index: number): void {
  const folder = [...Deno.readDirSync(join(dir, "runs"))].find(({ name }) => name.startsWith(`000${index}_`));
  Deno.removeSync(join(dir, "runs", folder?.name ?? "", "result.json"));
}

Deno.test("fault 26: a result that the journal does not name is taken up, and a folder without one is left alone", async () => {
  using box = new Sandbox();
  const { dir } = await box.run(box.study(["quick", "quick", "quick"]));
  const path = join(dir, "journal.jsonl");
  const whole = Deno.readTextFileSync(path).trimEnd().split("\n");
  const cut = whole.findIndex((line) => line.includes('"run_starting"') && line.includes('"index":2,'));
  Deno.writeTextFileSync(path, `${whole.slice(0, cut).join("\n")}\n`);
  removeResult(dir, 3);
  const end = ran(await llem(["run", "--resume", dir, "--json"]));
  assert.equal(end.code, 0, end.stderr);
  assert.match(end.stderr, /^llem: run 2 had finished, and its result was saved, when the runner died\.$/m);
  assert.match(end.stderr, /^llem: resuming: 1 run to do \(1 pending\)$/m);
  assert.deepEqual(end.runs.map((run) => [run.index, run.attempt]), [[3, 2]]);
  const { completed, experiments } = readManifest(dir);
  assert.deepEqual([completed, experiments.map(({ attempt }) => attempt)], [3, [1, 1, 2]]);
  assert.match(experiments[1]?.result_file ?? "", /^runs\/0002_.*_c1\/result\.json$/);
});

/** `llem run STUDY --resume` into the sandbox. */
async function again(box: Sandbox, study: string, ...args: readonly string[]) {
  return ran(await llem(["run", study, "--resume", "-o", join(box.dir, "out"), "--json", ...args]));
}

Deno.test("llem run STUDY --resume: a new study where there is none, on with a cut-off one, anew after its end", async () => {
  using box = new Sandbox();
  const study = box.study(["ok", "ok"]);
  const first = await again(box, study);
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stderr, /has no directory of this study; starting a new one\.$/m);
  assert.equal(studyDirs(box).length, 1);

  const path = join(first.dir, "journal.jsonl");
  const lines = Deno.readTextFileSync(path).trimEnd().split("\n");
  const cut = lines.findLastIndex((line) => line.includes('"run_starting"'));
  Deno.writeTextFileSync(path, `${lines.slice(0, cut).join("\n")}\n`);
  removeResult(first.dir, 2);
  const second = await again(box, study);
  assert.deepEqual([second.code, second.dir, second.runs.map((run) => run.index)], [0, first.dir, [2]]);
  assert.match(second.stderr, /^llem: resuming: 1 run to do \(1 pending\)$/m);

  // The value may be the file as well.
  const third = ran(await llem(["run", "--resume", study, "-o", join(box.dir, "out"), "--json", "-q"]));
  assert.deepEqual([third.code, third.stderr, third.runs.length], [0, "", 2]);
  assert.notEqual(third.dir, first.dir);
  assert.equal(studyDirs(box).length, 2);
});

Deno.test("llem run STUDY --resume takes the newest of this very study, and no other", async () => {
  using box = new Sandbox();
  const out = join(box.dir, "out");
  const study = box.study(["exit_code", "ok"], { max_failures: 1 });
  const [old, newest] = [await box.run(study), await box.run(study)];
  // The times in their names may be the same second.
  const aged = join(out, "test_2026-01-01T00-00-00_aaaa");
  Deno.renameSync(old.dir, aged);
  // Of the same name: another study, something else, and a directory that cannot be read.
  const other = await box.run(box.study(["exit_code", "ok", "ok"], { max_failures: 1 }));
  Deno.renameSync(other.dir, join(out, "test_2030-01-01T00-00-00_aaaa"));
  Deno.mkdirSync(join(out, "test_2030-01-02T00-00-00_aaaa"));
  Deno.mkdirSync(join(out, "test_not-a-study"));
  const end = await again(box, box.study(["exit_code", "ok"], { max_failures: 1 }));
  assert.deepEqual([end.dir, end.runs.map((run) => [run.index, run.outcome])], [newest.dir, [[
    2,
    "completed",
  ]]]);
  // All runs of that one are made by now; the older one still has something to do.
  const next = await again(box, study);
  assert.equal(next.dir, aged);
  // Failed runs are something to do only where the user says so: the newest comes first again.
  const retried = await again(box, study, "--retry-failed");
  assert.deepEqual([retried.dir, retried.runs.map((run) => [run.index, run.attempt])], [newest.dir, [[
    1,
    2,
  ]]]);
  const anew = await again(box, study);
  assert.match(anew.stderr, /nothing is left to do in .*; starting a new study\./);
  assert.ok(![aged, newest.dir].includes(anew.dir));
});

Deno.test("llem run STUDY --resume starts nothing beside a living runner, and two starts in one second make one study", async () => {
  using box = new Sandbox();
  const study = box.study(["hang"], { experiment_timeout_seconds: 50 });
  const starts = [1, 2, 3].map(() => start(["run", study, "--resume", "-o", join(box.dir, "out"), "--json"]));
  const folder = await until("the run", () => {
    const [dir = ""] = studyDirs(box);
    const [run] = [...Deno.readDirSync(join(dir, "runs"))];
    const path = join(dir, "runs", run?.name ?? "");
    return Deno.statSync(join(path, "pids")).size > 0 && path;
  });
  const later = await again(box, study);
  assert.equal(later.code, 75);
  assert.match(
    later.stderr,
    /^llem: .* is being run by process \d+ on .* since .*; use --wait SECONDS to wait for it\n$/,
  );
  const ends = starts.map((child) => ended(child));
  const codes = Promise.all(ends.map((end) => end.then(({ code }) => code)));
  const [owner] = starts.filter(({ pid }) => later.stderr.includes(`process ${pid} `));
  assert.ok(owner !== undefined);
  owner.kill("SIGTERM");
  owner.kill("SIGTERM");
  assert.deepEqual((await codes).toSorted((a, b) => a - b), [75, 75, 143]);
  assert.equal(studyDirs(box).length, 1);
  await assertGone(pidsOf(folder));
});
