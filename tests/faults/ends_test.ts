/** Faults at the end of a run that is slow to come, comes again and again, or is not seen in time. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { readProcStat } from "../../lib/process/proc_stat.ts";
import { ended, ran, readManifest, Sandbox, start, until } from "../e2e/llem.ts";
import { restRuns } from "./_fault.ts";
import { startStudy, studyDirs } from "./_running_study.ts";

Deno.test("fault 53: a worker that hangs after its result is killed, and its result counts", async () => {
  using box = new Sandbox();
  const execution = {
    close_timeout_seconds: 0.5,
    experiment_timeout_seconds: 60,
    silence_timeout_seconds: 0.2,
  };
  const { row, record } = restRuns(
    await box.run(box.study(["result_then_hang", "quick"], execution)),
    1,
    "completed",
  );
  assert.deepEqual([row.flags, row.signal, row.error], [["closed_by_force"], "SIGKILL", null]);
  assert.equal(record.measurement?.output_tokens, 20);
  assert.ok(row.duration_s < 10, `${row.duration_s} s`);
});

Deno.test("fault 53: after the result the limit of the run ends it where that is the earlier one, as a completed run", async () => {
  using box = new Sandbox();
  const execution = { close_timeout_seconds: 60, experiment_timeout_seconds: 0.5 };
  const { row } = restRuns(
    await box.run(box.study(["result_then_hang", "quick"], execution)),
    1,
    "completed",
  );
  assert.deepEqual(row.flags, ["closed_by_force"]);
});

Deno.test("fault 53: a worker that hangs after it told its error is killed, and the run has failed", async () => {
  using box = new Sandbox();
  const execution = { close_timeout_seconds: 0.3 };
  const { row } = restRuns(await box.run(box.study(["error_then_hang", "quick"], execution)), 1, "failed");
  assert.deepEqual([row.flags, row.error?.type], [["closed_by_force"], "ValueError"]);
});

Deno.test("fault 54: a run that is made void again and again is left to a resume, and the next one is made", async () => {
  using box = new Sandbox();
  const study = box.study(["hang", "quick"], { retry_backoff_seconds: 0.002 });
  const child = start(["run", study, "-o", join(box.dir, "out"), "--json"]);
  const end = ended(child);
  const dir = await until("the study directory", () => studyDirs(box)[0]);
  for (let attempt = 1; attempt <= 10; attempt++) {
    await until(
      `attempt ${attempt} at work`,
      () => Deno.statSync(join(attemptFolder(dir, attempt), "pids")).size > 0,
    );
    child.kill("SIGTSTP");
    await until("it stands still", () => readProcStat(child.pid)?.state === "T");
    child.kill("SIGCONT");
  }
  const { runs, code, finish } = ran(await end);
  const first = runs.filter(({ index }) => index === 1);
  assert.deepEqual(first.map(({ flags }) => flags), Array.from({ length: 10 }, () => ["suspended"]));
  assert.deepEqual(first.map((run) => run.will_retry), [...Array.from({ length: 9 }, () => true), false]);
  assert.deepEqual(runs.at(-1)?.outcome, "completed");
  assert.deepEqual([code, finish?.status, finish?.interrupted], [1, "interrupted", 1]);
  assert.equal(readManifest(dir).experiments[0]?.status, "interrupted");
});

function attemptFolder(dir: string, attempt: number): string {
  const names = [...Deno.readDirSync(join(dir, "runs"))].map(({ name }) => name);
  const suffix = attempt === 1 ? "_c1" : `_c1_a${attempt}`;
  const found = names.find((name) => name.startsWith("0001_") && name.endsWith(suffix));
  assert.ok(found !== undefined);
  return join(dir, "runs", found);
}

/** Longer than what is left of a run has for its end. */
const STOP_MS = 600;
/** From here on a stop is a pause, which makes a run void. */
const PAUSE_MS = 950;

Deno.test("fault 55: a runner that stands still while a run ends takes nothing of it for leaked", async () => {
  for (let tries = 1;; tries++) {
    using box = new Sandbox();
    const { child } = await startStudy(box, box.study(["helper_ends_late", "quick"]), { sign: "done" });
    child.kill("SIGSTOP");
    const stoppedMs = performance.now();
    await until("it stands still", () => readProcStat(child.pid)?.state === "T");
    await new Promise((resolve) => setTimeout(resolve, STOP_MS));
    child.kill("SIGCONT");
    const lastedMs = performance.now() - stoppedMs;
    const { runs, stderr } = ran(await ended(child));
    // On a busy machine it may have stood still for longer than was meant.
    if (lastedMs > PAUSE_MS && tries < 10) continue;
    const ends = runs.map(({ outcome, flags }) => [outcome, flags]);
    assert.deepEqual(ends, [["completed", []], ["completed", []]], stderr);
    break;
  }
});
