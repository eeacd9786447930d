/** Faults that concern what a worker says: no result, too much of it, or what only looks like it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Summary } from "../../lib/results/summary.ts";
import { readJson, readResult, runFolder, Sandbox } from "../e2e/llem.ts";
import { commandStudy, restRuns, runWatched } from "./_fault.ts";

Deno.test("fault 9: exit code 0 without a result is a protocol error and no success", async () => {
  for (const command of ["no_result", ["true"]]) {
    using box = new Sandbox();
    const { row, record } = restRuns(await box.run(commandStudy(box, [command, "ok"])), 1, "protocol_error");
    assert.equal(row.exit_code, 0);
    assert.equal(row.status, "failed");
    assert.deepEqual(row.error, {
      type: "no_result",
      message: "The worker exited with code 0 but sent no result frame",
    });
    assert.equal(record.measurement, null);
  }
});

for (
  const [worker, ending] of [["result_then_exit", [1, null]], ["result_then_segfault", [
    null,
    "SIGSEGV",
  ]]] as const
) {
  Deno.test(`fault 10: a result before a dirty exit is kept and not counted (${worker})`, async () => {
    using box = new Sandbox();
    const end = await box.run(commandStudy(box, [worker, "ok"]));
    const { row, record } = restRuns(end, 1, "crashed");
    assert.deepEqual([row.exit_code, row.signal], ending);
    assert.deepEqual(row.flags, ["result_present"]);
    assert.equal(record.measurement?.output_tokens, 20);
    const { rows }: Summary = readJson(join(end.dir, "summary.json"));
    const summed = rows.find((each) => each.config_hash === row.config_hash);
    assert.equal(summed?.metrics["output_tokens"] ?? null, null);
    // The run that completed is counted, so there is something to count.
    assert.equal(rows.find((each) => each.config_hash !== row.config_hash)?.metrics["output_tokens"]?.n, 1);
  });
}

/** The runner alone takes about 100 MB. A frame of the largest size allowed is 64 MiB, and may be held twice. */
const MOST_MB = 400;

Deno.test("fault 12: a result of 500 MB is refused by its size, in bounded memory", async () => {
  using box = new Sandbox();
  const end = await runWatched(box, commandStudy(box, ["frame_of_500_mb", "ok"]));
  const { row, record, folder } = restRuns(end, 1, "protocol_error");
  assert.equal(row.exit_code, 0);
  assert.match(row.error?.message ?? "", /^a frame of 5000000\d\d bytes exceeds the limit of 64 MiB$/);
  assert.equal(record.measurement, null);
  assert.ok(end.peakMb < MOST_MB, `the runner took ${end.peakMb} MB`);
  assert.ok(Deno.statSync(join(folder, "worker.log")).size < 10_000);
});

Deno.test("fault 12: a line of 1 GB is log text, in bounded memory", async () => {
  using box = new Sandbox();
  const end = await runWatched(box, commandStudy(box, ["line_of_1_gb", "ok"]));
  const { record, folder } = restRuns(end, 1, "completed");
  assert.equal(record.measurement?.output_tokens, 20);
  assert.ok(end.peakMb < MOST_MB, `the runner took ${end.peakMb} MB`);
  const { size } = Deno.statSync(join(folder, "worker.log"));
  assert.ok(size > 2 * 1024 * 1024 && size < 2.1 * 1024 * 1024, `the log has ${size} bytes`);
});

Deno.test("fault 16: what only looks like a frame is log text, before and after the true result", async () => {
  using box = new Sandbox();
  const end = await box.run(commandStudy(box, ["fake_frames", "ok"]));
  const { row, record, folder } = restRuns(end, 1, "completed");
  assert.deepEqual(row.warnings, []);
  assert.equal(record.measurement?.output_tokens, 20);
  assert.deepEqual(record.measurement, readResult(runFolder(end.dir, 2)).measurement);
  const log = Deno.readTextFileSync(join(folder, "worker.log"));
  for (
    const [text, times] of [["somebody else", 2], ["no token", 2], ["no separator", 2], [
      "999999",
      4,
    ]] as const
  ) {
    assert.equal(log.split(text).length - 1, times, text);
  }
});
