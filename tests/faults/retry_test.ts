/** What is tried again, what is not, and what happens where the system is short of something. */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  ended,
  ran,
  readManifest,
  readResult,
  runFolder,
  Sandbox,
  start,
  until,
  WORKERS,
} from "../e2e/llem.ts";
import { fixture } from "./_fault.ts";
import { CgroupV1, PIDS_CGROUP } from "../support/cgroup_v1.ts";
import { program, testWith } from "../support/needs.ts";
import { startStudy, studyDirs } from "./_running_study.ts";

const PRLIMIT = program("prlimit", "prlimit", "--version");

Deno.test("a run that completes after a failure is flaky in its record, the journal and the output", async () => {
  using box = new Sandbox();
  const study = box.study(["fails_once"], { retries: 2, retry_backoff_seconds: 0.1 });
  const { code, runs, dir, stderr } = await box.run(study);
  assert.equal(code, 0);
  assert.deepEqual(runs.map((run) => [run.attempt, run.outcome, run.flags, run.will_retry]), [
    [1, "crashed", [], true],
    [2, "completed", ["flaky"], false],
  ]);
  assert.match(stderr, /^\[1\/1\] attempt 2 in \d+ms$/m);
  const [first, second] = runs.map((run) => readResult(join(dir, "runs", run.run_id)));
  assert.deepEqual([first?.outcome.kind, second?.outcome.flags], ["crashed", ["flaky"]]);
  assert.match(Deno.readTextFileSync(join(dir, "journal.jsonl")), /"kind":"completed".*"flags":\["flaky"\]/);
});

Deno.test("fault 20: what can never be started is not tried again, whatever errno it is", async () => {
  using box = new Sandbox();
  // What is wrong from the start is refused: the first run breaks the others.
  const scripts = {
    "breaks.sh": `chmod a-x plain.sh; rm gone.sh; exec ${fixture("ok")}`,
    "gone.sh": "",
    "plain.sh": "",
  };
  for (const [name, text] of Object.entries(scripts)) {
    Deno.chmodSync(box.write(name, `#!/bin/sh\n${text}\n`), 0o755);
  }
  const commands = [["./breaks.sh"], ["./gone.sh"], ["./plain.sh"], ["/bin/true", "x".repeat(200_000)]];
  const study = box.write(
    "study.yaml",
    JSON.stringify({
      name: "s",
      backend: "command",
      model: "none",
      experiments: commands.map((argv) => ({ command: { argv } })),
      execution: { n_cycles: 1, cycle_order: "sequential", retries: 3 },
    }),
  );
  const { code, runs } = await box.run(study);
  assert.equal(code, 1);
  assert.equal(runs[0]?.outcome, "completed");
  assert.deepEqual(runs.slice(1).map((run) => [run.attempt, run.outcome, run.error?.type, run.will_retry]), [
    [1, "spawn_failed", "ENOENT", false],
    [1, "spawn_failed", "EACCES", false],
    [1, "spawn_failed", "E2BIG", false],
  ]);
});

Deno.test("a group whose first runs fail alike is given up: a warning, exit 1, and a resume makes the rest", async () => {
  using box = new Sandbox();
  const { code, all, finish, runs, stderr, dir } = await box.run(
    box.study(["exit_code", "exit_code", "ok", "ok"]),
    ["--give-up-after", "2"],
  );
  assert.equal(code, 1);
  assert.equal(runs.length, 2);
  assert.deepEqual([finish?.status, finish?.failed, finish?.pending], ["failed", 2, 2]);
  assert.equal(finish?.reason, "2 runs skipped (execution.give_up_after is 2)");
  assert.match(
    stderr,
    /warning: Giving up on command none: its first 2 runs .* crashed \(exit_code\)\. Skipping its other 2/,
  );
  assert.ok(all.some((row) => JSON.stringify(row).includes('"code":"gave_up"')));
  const rest = ran(await ended(start(["run", "--resume", dir, "--json"])));
  assert.match(rest.stderr, /^llem: resuming: 2 runs to do \(2 pending\)$/m);
  assert.deepEqual(rest.runs.map((run) => [run.index, run.outcome]), [[3, "completed"], [4, "completed"]]);
});

testWith(
  [PIDS_CGROUP],
  "fault 21: no process to be had (EAGAIN): the attempt waits for one and completes",
  async () => {
    using box = new Sandbox();
    using group = new CgroupV1("pids");
    const running = await startStudy(box, box.study(["waits_for_file", "ok"]));
    group.add(running.child.pid);
    // As many as there are; the worker of the first run was counted before.
    group.write("pids.max", group.read("pids.current").trim());
    Deno.writeTextFileSync(join(running.folder, "go"), "");
    await until("the second run waits for a process", () => runFolder(running.dir, 2));
    await until("a refusal", () => Number(/max (\d+)/.exec(group.read("pids.events"))?.[1]) > 0);
    group.write("pids.max", "max");
    const end = ran(await ended(running.child));
    assert.equal(end.code, 0, end.stderr);
    assert.deepEqual(end.runs.map((run) => [run.outcome, run.attempt]), [["completed", 1], ["completed", 1]]);
    assert.deepEqual(end.runs[1]?.warnings, ["spawn_refused"]);
  },
);

testWith(
  [PIDS_CGROUP],
  "fault 21: no process to be had for long is spawn_failed, and the study goes on",
  async () => {
    using box = new Sandbox();
    using group = new CgroupV1("pids");
    const running = await startStudy(
      box,
      box.study(["waits_for_file", "ok", "ok"], { experiment_gap_seconds: 0 }),
    );
    group.add(running.child.pid);
    group.write("pids.max", group.read("pids.current").trim());
    Deno.writeTextFileSync(join(running.folder, "go"), "");
    await until(
      "the second run has failed",
      () => readResult(runFolder(running.dir, 2)).outcome.kind === "spawn_failed",
    );
    group.write("pids.max", "max");
    const end = ran(await ended(running.child));
    assert.equal(end.code, 1);
    assert.deepEqual(end.runs.map((run) => [run.outcome, run.error?.type ?? null]), [
      ["completed", null],
      ["spawn_failed", "EAGAIN"],
      ["completed", null],
    ]);
  },
);

testWith(
  [PRLIMIT],
  "fault 21: no descriptor to be had (EMFILE) for long is spawn_failed, and another attempt may complete",
  async () => {
    using box = new Sandbox();
    const execution = { retries: 1, retry_backoff_seconds: 2 };
    const running = await startStudy(box, box.study(["waits_for_file", "ok"], execution));
    const { pid } = running.child;
    // None is free from now on. The end of the first run frees four (its pipes and its log); three new pipes take six.
    const used = new Set(descriptors(pid));
    let lowestFree = 0;
    while (used.has(lowestFree)) lowestFree += 1;
    setDescriptors(pid, lowestFree);
    Deno.writeTextFileSync(join(running.folder, "go"), "");
    await until("the first attempt of the second run", () => readResult(runFolder(running.dir, 2)));
    setDescriptors(pid, 1024);
    const end = ran(await ended(running.child));
    assert.equal(end.code, 0, end.stderr);
    assert.deepEqual(end.runs.map((run) => [run.index, run.outcome, run.error?.type ?? null, run.flags]), [
      [1, "completed", null, []],
      [2, "spawn_failed", "EMFILE", []],
      [2, "completed", null, ["flaky"]],
    ]);
    assert.deepEqual(end.runs[1]?.warnings, ["spawn_refused"]);
  },
);

Deno.test("fault 21: many units, also such that cannot be started, leave no descriptor behind", async () => {
  using box = new Sandbox();
  const study = box.write(
    "study.yaml",
    JSON.stringify({
      name: "s",
      backend: "command",
      model: "none",
      experiments: [
        { n: 1, command: { argv: [join(WORKERS, "no_result.sh")] } },
        { n: 2, command: { argv: ["/bin/true", "x".repeat(200_000)] } },
        { n: 3, command: { argv: [join(WORKERS, "ok.sh")] } },
      ],
      execution: { n_cycles: 20, cycle_order: "interleaved" },
    }),
  );
  const child = start(["run", study, "-o", join(box.dir, "out"), "--json"]);
  const counts: number[] = [];
  const made = (): number => {
    const [dir = ""] = studyDirs(box);
    return Deno.readTextFileSync(join(dir, "journal.jsonl")).match(/run_finished/g)?.length ?? 0;
  };
  for (const at of [10, 30, 50]) {
    await until(`${at} runs`, () => made() >= at);
    // Of several looks the lowest: between two runs nothing but what stays is open.
    let least = Infinity;
    for (let look = 0; look < 40 || made() < at + 5; look++) {
      least = Math.min(least, descriptors(child.pid).length);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    counts.push(least);
  }
  const end = ran(await ended(child));
  assert.equal(end.runs.length, 60);
  const [early = 0, , late = 0] = counts;
  assert.ok(late <= early + 2, `descriptors over time: ${counts.join(", ")}`);
  assert.equal(readManifest(end.dir).completed, 20);
});

function descriptors(pid: number): number[] {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].map(({ name }) => Number(name));
}

function setDescriptors(pid: number, most: number): void {
  const { success } = new Deno.Command("prlimit", { args: ["--pid", String(pid), `--nofile=${most}:`] })
    .outputSync();
  assert.ok(success, "prlimit");
}
