/** Signals, locks, the death of the runner and resuming, on real processes. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { assertInTime } from "../support/control.ts";
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
  type RunRow,
  Sandbox,
  start,
  until,
} from "./llem.ts";

/** Starts a study and waits until its nth run has written the file `sign` (its fixture is then fully at work). */
async function startAndWait(box: Sandbox, study: string, index: number, sign: string) {
  const child = start(["run", study, "-o", join(box.dir, "out"), "--json"]);
  const dir = await until("the study directory", () => {
    const [entry] = [...Deno.readDirSync(join(box.dir, "out"))];
    return entry === undefined ? null : join(box.dir, "out", entry.name);
  });
  const folder = await until(`run ${index}`, () => runFolder(dir, index));
  await until(`${sign} of run ${index}`, () => Deno.statSync(join(folder, sign)).size > 0);
  return { child, dir, folder };
}

const CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

for (const [signal, code] of Object.entries(CODES)) {
  Deno.test(`${signal} stops the study: forwarded, grace, then SIGKILL; exit ${code} and an interrupted entry`, async () => {
    using box = new Sandbox();
    const study = box.study(["ok", "hang", "ok"], { grace_seconds: 0.3 });
    const { child, dir, folder } = await startAndWait(box, study, 2, "pids");
    child.kill(signal as Deno.Signal);
    const end = ran(await ended(child));
    assert.equal(end.code, code, end.stderr);
    await assertGone(pidsOf(folder));
    assert.deepEqual(end.runs.map((run) => [run.outcome, run.status, run.signal]), [
      ["completed", "completed", null],
      ["interrupted", "interrupted", "SIGKILL"],
    ]);
    assert.equal(end.finish?.status, "interrupted");
    const manifest = readManifest(dir);
    assert.equal(manifest.status, "interrupted");
    assert.deepEqual(manifest.experiments.map((entry) => entry.status), [
      "completed",
      "interrupted",
      "pending",
    ]);
    const { completed, failed, interrupted, pending, total_experiments } = manifest;
    assert.deepEqual([completed, failed, interrupted, pending, total_experiments], [1, 0, 1, 1, 3]);
  });
}

Deno.test("a worker that ends by itself within the grace may do so", async () => {
  using box = new Sandbox();
  const child = start([
    "run",
    box.study(["polite"], { grace_seconds: 20 }),
    "-o",
    join(box.dir, "out"),
    "--json",
  ]);
  await until("the worker", () => {
    const [entry] = [...Deno.readDirSync(join(box.dir, "out"))];
    const journal = Deno.readTextFileSync(join(box.dir, "out", entry?.name ?? "", "journal.jsonl"));
    return journal.includes("run_started");
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  child.kill("SIGINT");
  const end = ran(await ended(child));
  assert.equal(end.code, 130);
  assert.equal(end.runs[0]?.outcome, "interrupted");
  assert.equal(end.runs[0]?.exit_code, 0);
  assert.equal(Deno.readTextFileSync(join(runFolder(end.dir, 1), "stopped")), "stopped\n");
});

Deno.test("a second signal means now: no grace is waited for", async () => {
  using box = new Sandbox();
  const { child, folder } = await startAndWait(box, box.study(["hang"], { grace_seconds: 50 }), 1, "pids");
  child.kill("SIGINT");
  await new Promise((resolve) => setTimeout(resolve, 300));
  child.kill("SIGTERM");
  const end = ran(await ended(child));
  // The first signal decides the exit code.
  assert.equal(end.code, 130);
  assert.equal(end.runs[0]?.outcome, "interrupted");
  await assertGone(pidsOf(folder));
});

Deno.test("a stop during a gap ends the gap and starts no further run", async () => {
  using box = new Sandbox();
  const study = box.study(["ok", "ok"], { experiment_gap_seconds: 50 });
  const child = start(["run", study, "-o", join(box.dir, "out"), "--json"]);
  await until("the first run to end", () => {
    const [entry] = [...Deno.readDirSync(join(box.dir, "out"))];
    return Deno.readTextFileSync(join(box.dir, "out", entry?.name ?? "", "journal.jsonl")).includes(
      "run_finished",
    );
  });
  child.kill("SIGTERM");
  const end = ran(await ended(child));
  assert.equal(end.code, 143);
  assert.deepEqual([end.finish?.completed, end.finish?.pending, end.finish?.status], [1, 1, "interrupted"]);
});

Deno.test("a signal that was ignored at the start stays ignored (nohup)", async () => {
  using box = new Sandbox();
  const study = box.study(["sleeper"]);
  const child = new Deno.Command("nohup", {
    args: [LLEM, "run", study, "-o", join(box.dir, "out"), "--json"],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  await until("the run", () => {
    const [entry] = [...Deno.readDirSync(join(box.dir, "out"))];
    return Deno.readTextFileSync(join(box.dir, "out", entry?.name ?? "", "journal.jsonl")).includes(
      "run_started",
    );
  });
  child.kill("SIGHUP");
  const end = ran(await ended(child));
  assert.equal(end.code, 0, end.stderr);
  assert.equal(end.finish?.completed, 1);
});

Deno.test("killing a worker by hand gives one crashed row and a finished study", async () => {
  using box = new Sandbox();
  const { child, folder } = await startAndWait(box, box.study(["ok", "hang", "ok"]), 2, "pids");
  const [worker = 0] = pidsOf(folder);
  Deno.kill(worker, "SIGKILL");
  const end = ran(await ended(child));
  assert.equal(end.code, 1);
  assert.deepEqual(end.runs.map((run) => [run.outcome, run.signal]), [
    ["completed", null],
    ["crashed", "SIGKILL"],
    ["completed", null],
  ]);
  assert.equal(end.finish?.status, "failed");
  await assertGone(pidsOf(folder));
});

Deno.test("SIGKILL of the runner takes worker and grandchild along; a resume makes exactly the unfinished runs", async () => {
  using box = new Sandbox();
  const study = box.study(["ok", "hang", "ok"], { experiment_timeout_seconds: 3 });
  const { child, dir, folder } = await startAndWait(box, study, 2, "pids");
  child.kill("SIGKILL");
  await ended(child);
  await assertGone(pidsOf(folder));
  assert.equal(readManifest(dir).status, "running");
  const status = await llem(["status", dir]);
  assert.match(status.stdout, /stopped unexpectedly .*1 of 3 runs completed/);
  const before = Deno.readTextFileSync(join(runFolder(dir, 1), "result.json"));

  const end = ran(await llem(["run", "--resume", dir, "--json"]));
  assert.equal(end.code, 1);
  assert.deepEqual(end.runs.map((run) => [run.index, run.attempt, run.outcome]), [
    [2, 2, "timed_out"],
    [3, 1, "completed"],
  ]);
  assert.equal(Deno.readTextFileSync(join(runFolder(dir, 1), "result.json")), before);
  const journal = Deno.readTextFileSync(join(dir, "journal.jsonl"));
  assert.match(journal, /"kind":"lost"/);
  const manifest = readManifest(dir);
  assert.deepEqual(manifest.experiments.map((entry) => [entry.status, entry.attempt]), [
    ["completed", 1],
    ["failed", 2],
    ["completed", 1],
  ]);
  assert.equal(manifest.status, "failed");

  // Also without the lines of every day: what a script goes by is the exit code, and who reads on sees what failed.
  const nothing = await llem(["run", "--resume", dir, "-q"]);
  assert.equal(nothing.code, 1);
  assert.match(
    nothing.stderr,
    /nothing is left to do .*1 failed; to rerun it: llem run --resume .* --retry-failed/,
  );
  assert.match(nothing.stderr, /run 2 timed_out: /);
  const retried = ran(await llem(["run", "--resume", dir, "--retry-failed", "--json"]));
  assert.deepEqual(retried.runs.map((run) => [run.index, run.attempt]), [[2, 3]]);
});

Deno.test("a resume goes on after a stop and ends complete", async () => {
  using box = new Sandbox();
  const study = box.study(["ok", "sleeper", "ok"]);
  const child = start(["run", study, "-o", join(box.dir, "out"), "--json"]);
  const dir = await until("run 2", () => {
    const [entry] = [...Deno.readDirSync(join(box.dir, "out"))];
    const path = join(box.dir, "out", entry?.name ?? "");
    return Deno.readTextFileSync(join(path, "journal.jsonl")).match(/run_started/g)?.length === 2 && path;
  });
  child.kill("SIGINT");
  assert.equal((await ended(child)).code, 130);
  const end = ran(await llem(["run", study, "--resume", dir, "--json"]));
  assert.equal(end.code, 0, end.stderr);
  assert.deepEqual(end.runs.map((run) => [run.index, run.attempt, run.status]), [[2, 2, "completed"], [
    3,
    1,
    "completed",
  ]]);
  const manifest = readManifest(dir);
  assert.equal(manifest.status, "completed");
  assert.equal(manifest.completed, 3);
  const summary = Deno.readTextFileSync(join(dir, "summary.csv")).trim().split("\r\n");
  assert.equal(summary.length, 4);
});

Deno.test("a resume refuses a changed study and names the difference", async () => {
  using box = new Sandbox();
  const { dir } = await box.run(box.study(["ok"], {}, "one"));
  const other = await llem(["run", box.study(["ok", "exit_code"], {}, "two"), "--resume", dir]);
  assert.equal(other.code, 2);
  assert.match(other.stderr, /experiment [0-9a-f]{16} is new/);
  Deno.writeTextFileSync(join(dir, "study.yaml"), "# changed\n", { append: true });
  const changed = await llem(["run", "--resume", dir]);
  assert.equal(changed.code, 2);
  assert.match(changed.stderr, /study\.yaml has changed/);
});

for (const isSaved of [true, false]) {
  const what = isSaved ? "costs nothing where the result is saved" : "costs its run where there is no result";
  Deno.test(`a torn last line of the journal is cut with a notice and ${what}`, async () => {
    using box = new Sandbox();
    const { dir } = await box.run(box.study(["ok", "ok"]));
    const path = join(dir, "journal.jsonl");
    const lines = Deno.readTextFileSync(path).trimEnd().split("\n");
    // As after a crash in the middle of writing the end of run 2.
    const upTo = lines.findLastIndex((line) => line.includes('"run_finished"'));
    Deno.writeTextFileSync(path, `${lines.slice(0, upTo).join("\n")}\n${lines[upTo]?.slice(0, 40)}`);
    if (!isSaved) Deno.removeSync(join(runFolder(dir, 2), "result.json"));
    const end = ran(await llem(["run", "--resume", dir, "--json"]));
    assert.equal(end.code, 0, end.stderr);
    assert.match(end.stderr, /incomplete line at the end of the journal; removed its 40 bytes/);
    assert.equal(end.stderr.includes("run 2 had finished, and its result was saved"), isSaved);
    assert.deepEqual(end.runs.map((run) => [run.index, run.attempt]), isSaved ? [] : [[2, 2]]);
    assert.equal(readManifest(dir).completed, 2);
  });
}

Deno.test("a second process on the same study directory leaves with 75 and names the first", async () => {
  using box = new Sandbox();
  const { child, dir, folder } = await startAndWait(box, box.study(["hang"]), 1, "pids");
  const second = await llem(["run", "--resume", dir]);
  assert.equal(second.code, 75);
  assert.match(second.stderr, new RegExp(`being run by process ${child.pid} on `));
  const status = await llem(["status", dir, "--json"]);
  const { running, runner }: { running: RunRow[]; runner: { alive: boolean; pid: number } } = JSON.parse(
    status.stdout,
  );
  assert.deepEqual([running.length, runner.alive, runner.pid], [1, true, child.pid]);
  child.kill("SIGTERM");
  child.kill("SIGTERM");
  await ended(child);
  await assertGone(pidsOf(folder));
});

Deno.test("a reader that goes away or never reads costs no result", async () => {
  using box = new Sandbox();
  const study = box.study(["ok", "hang", "ok"], { experiment_timeout_seconds: 0.5 });
  const script = `"$1" run "$2" -o "$3" --json | head -1 >/dev/null; exit "\${PIPESTATUS[0]}"`;
  const { code } = await new Deno.Command("bash", {
    args: ["-c", script, "pipe", LLEM, study, join(box.dir, "closed")],
    stderr: "null",
  }).output();
  assert.equal(code, 1);
  // Nobody reads this pipe until the study is over.
  const child = start(["run", study, "-o", join(box.dir, "stalled"), "--json"]);
  for (const name of ["closed", "stalled"]) {
    const dir = await until("the study", () => {
      const [entry] = [...Deno.readDirSync(join(box.dir, name))];
      const path = join(box.dir, name, entry?.name ?? "");
      return readManifest(path).status === "failed" && path;
    });
    assert.deepEqual(readManifest(dir).experiments.map((entry) => entry.outcome), [
      "completed",
      "timed_out",
      "completed",
    ]);
    const { timing } = readResult(runFolder(dir, 2));
    assertInTime(timing.duration_s, 0.5, timing);
  }
  await ended(child);
});
