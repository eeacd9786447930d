/** Faults that concern the pipes between runner and worker. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { assertGone, pidsOf, Sandbox } from "../e2e/llem.ts";
import { assertInTime } from "../support/control.ts";
import { commandStudy, endedInTime, restRuns, runWatched } from "./_fault.ts";

/** Head, tail and the line between them. */
const MOST_LOG_BYTES = 2 * 1024 * 1024 + 100;

Deno.test("fault 4: a grandchild that keeps stdout is waited for no longer than the drain, killed and told", async () => {
  using box = new Sandbox();
  const end = await box.run(commandStudy(box, ["grandchild_holds_pipe", "ok"]));
  const { row, folder, record } = restRuns(end, 1, "completed");
  assert.deepEqual(row.flags, ["leaked"]);
  await assertGone(pidsOf(folder));
  // The result came before the exit, so this holds the whole drain of 200 ms, and no more than that and a sweep.
  assertInTime(record.timing.teardown_s ?? NaN, 0.2, record.timing);
});

Deno.test("fault 8: a worker that closes stdout and stderr is supervised on, until it ends by itself", async () => {
  using box = new Sandbox();
  const end = await box.run(commandStudy(box, ["closes_pipes", "ok"]));
  const { row, record } = restRuns(end, 1, "completed");
  assert.deepEqual(row.flags, []);
  // It sleeps for 0.3 s with its pipes closed: end-of-file is not the end.
  assert.ok(record.timing.duration_s >= 0.3, `${record.timing.duration_s} s`);
});

Deno.test("fault 8: a worker that closes stdout and stderr and hangs ends at its limit", async () => {
  using box = new Sandbox();
  const study = commandStudy(box, ["closes_pipes_and_hangs", "ok"], { experiment_timeout_seconds: 0.7 });
  const { record, row, folder } = restRuns(await box.run(study), 1, "timed_out");
  assert.equal(row.signal, "SIGKILL");
  endedInTime(record, 0.7);
  await assertGone(pidsOf(folder));
});

Deno.test("fault 14: a flood on both pipes delays no limit, costs no memory and leaves a bounded log", async () => {
  using box = new Sandbox();
  const study = commandStudy(box, ["floods_both", "ok"], { experiment_timeout_seconds: 1.5 });
  const end = await runWatched(box, study);
  const { record, folder } = restRuns(end, 1, "timed_out");
  endedInTime(record, 1.5);
  await assertGone(pidsOf(folder));
  assertFlat(end.rssMb);
  const log = new TextDecoder("latin1").decode(Deno.readFileSync(join(folder, "worker.log")));
  assert.ok(log.length <= MOST_LOG_BYTES, `the log has ${log.length} bytes`);
  const parts = /^[^]{1048576}\n\[\.\.\. (\d+) bytes left out \.\.\.\]\n[^]{1048576}$/.exec(log);
  assert.ok(parts !== null, "the log is not head, line and tail");
  // A flood, and not a trickle, was what it had to stand.
  assert.ok(Number(parts[1]) > 50_000_000, `${parts[1]} bytes were left out`);
  // Which of two full pipes is read first is the reader's; each holds 64 kB.
  assert.ok(log.slice(0, 200_000).includes("the first line of the log\n"));
  assert.match(log.slice(-1000), /^[\w\n]+$/);
});

Deno.test("fault 14: a flood of frames delays no limit and costs no memory", async () => {
  using box = new Sandbox();
  const study = commandStudy(box, ["floods_frames", "ok"], { experiment_timeout_seconds: 1.5 });
  const end = await runWatched(box, study);
  const { record, folder } = restRuns(end, 1, "timed_out");
  endedInTime(record, 1.5);
  await assertGone(pidsOf(folder));
  assertFlat(end.rssMb);
});

Deno.test("fault 15: 3 MB on stderr before the first byte on stdout block nobody", async () => {
  using box = new Sandbox();
  const study = commandStudy(box, ["chatty", "ok"], { startup_timeout_seconds: 20 });
  const { row, folder } = restRuns(await box.run(study), 1, "completed");
  assert.equal(row.metrics.output_tokens, 20);
  const log = Deno.readFileSync(join(folder, "worker.log"));
  assert.ok(log.length <= MOST_LOG_BYTES);
  assert.ok(log.subarray(0, 1_000_000).every((byte) => byte === 0x65), "stderr is the head of the log");
});

/** Memory may move with the garbage collector; what was flooded is many times as much. */
function assertFlat(rssMb: readonly number[]): void {
  const [least, most] = [Math.min(...rssMb.slice(2)), Math.max(...rssMb)];
  assert.ok(rssMb.length > 10, "the runner was hardly watched");
  assert.ok(most < 250 && most - least < 120, `between ${least} and ${most} MB`);
}
