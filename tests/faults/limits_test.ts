/** Limits against workers that do not heed them, and limits that make no sense. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { assertGone, llem, pidsOf, readManifest, readResult, runFolder, Sandbox } from "../e2e/llem.ts";
import { sampledPairs } from "../support/sampled.ts";
import { endedInTime } from "./_fault.ts";

Deno.test("fault 1: ten hanging workers in a row are each dead after the limit, and the rest runs", async () => {
  using box = new Sandbox();
  // Long enough for the last one, which ends by itself, on a busy machine.
  const limit = 0.7;
  const fixtures = [...Array.from({ length: 10 }, () => "hang"), "ok"];
  const { runs, dir, stderr } = await box.run(box.study(fixtures, { experiment_timeout_seconds: limit }));
  assert.equal(runs.length, 11, stderr);
  for (const run of runs.slice(0, 10)) {
    assert.deepEqual([run.outcome, run.signal, run.error?.type], ["timed_out", "SIGKILL", "timeout_total"]);
    endedInTime(readResult(runFolder(dir, run.index)), limit);
    await assertGone(pidsOf(runFolder(dir, run.index)));
  }
  assert.equal(runs[10]?.outcome, "completed");
  const { total_experiments, completed, failed } = readManifest(dir);
  assert.deepEqual([total_experiments, completed, failed], [11, 1, 10]);
});

Deno.test("fault 2: a worker that has stopped itself is killed at its limit", async () => {
  using box = new Sandbox();
  const { runs, dir, stderr } = await box.run(
    box.study(["stopped", "ok"], { experiment_timeout_seconds: 0.5 }),
  );
  assert.deepEqual(runs.map((run) => [run.outcome, run.signal]), [
    ["timed_out", "SIGKILL"],
    ["completed", null],
  ], stderr);
  await assertGone([readResult(runFolder(dir, 1)).worker?.pid ?? 0]);
});

const WRONG = ["0", "-1", "-0.5", ".nan", ".inf", "1e12", "1000000d", "soon", '""', "[1]", "true"];

const KEYS = [
  "experiment_timeout_seconds",
  "startup_timeout_seconds",
  "silence_timeout_seconds",
  "close_timeout_seconds",
  "grace_seconds",
];
const REFUSED = sampledPairs("limits that are none", WRONG, KEYS, KEYS.length);

for (const key of KEYS) {
  Deno.test(`fault 34: ${key} refuses what is no limit, with its place`, async () => {
    using box = new Sandbox();
    for (const [value] of REFUSED.filter((pair) => pair[1] === key)) {
      const study = box.write(
        "study.yaml",
        `backend: command\nmodel: none\ncommand: { argv: [true] }\nexecution:\n  ${key}: ${value}\n`,
      );
      const { code, stderr } = await llem(["run", study, "-o", join(box.dir, "out")]);
      assert.equal(code, 2, `${value}: ${stderr}`);
      assert.match(stderr, new RegExp(`study\\.yaml:5:\\d+ execution\\.${key}: `), value);
    }
  });
}

Deno.test("fault 34: a millisecond is honoured, and 30 days do not fire at once", async () => {
  using box = new Sandbox();
  const short = await box.run(box.study(["hang"], { experiment_timeout_seconds: 0.001 }));
  assert.equal(short.runs[0]?.outcome, "timed_out", short.stderr);
  const days = 30 * 86_400;
  const long = await box.run(
    box.study(["sleeper"], {
      experiment_timeout_seconds: days,
      startup_timeout_seconds: days,
      silence_timeout_seconds: days,
      close_timeout_seconds: days,
      study_timeout_seconds: 366 * 86_400,
    }, "long"),
  );
  assert.equal(long.runs[0]?.outcome, "completed", long.stderr);
});
