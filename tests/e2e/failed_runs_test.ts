/** What people and scripts learn about runs that did not complete: `show --failed`, the hint, the end of the log. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { ResultRecord } from "../../lib/results/record.ts";
import { ended, llem, pidsOf, readJson, readResult, runFolder, Sandbox, start, until } from "./llem.ts";

/** An object of `show --failed --json`. */
interface FailedRow {
  readonly run_id: string;
  readonly index: number;
  readonly config_hash: string;
  readonly cycle: number;
  readonly attempt: number;
  readonly outcome: string;
  readonly error: { readonly type: string; readonly message: string } | null;
  readonly hint: string | null;
  readonly log_tail: readonly string[];
  readonly result_file: string | null;
}

async function failedRows(dir: string): Promise<FailedRow[]> {
  const { code, stdout, stderr } = await llem(["show", dir, "--failed", "--json"]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

/** What a terminal would obey. */
// deno-lint-ignore no-control-regex -- control characters are what this is about
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;

Deno.test("show --failed names place, outcome, cause and remedy of every run that did not complete, with the end of its log", async () => {
  using box = new Sandbox();
  const fixtures = ["ok", "exit_code", "error_frame", "ok", "nasty_log"];
  const { dir, runs } = await box.run(box.study(fixtures));
  const { code, stdout, stderr } = await llem(["show", dir, "--failed"]);
  assert.deepEqual([code, stderr], [0, ""]);
  const [first = "", second = "", third = "", ...more] = stdout.split("\n\n");
  assert.deepEqual(more, []);
  assert.match(
    first,
    /^\[2\/5\] .*n=2.*: crashed after .*: The worker exited with code 3 without a result\n/,
  );
  // The end of the log stands below: it is no cause, and there is nothing to try.
  assert.doesNotMatch(first, /cause:|try:/);
  const log = join(runFolder(dir, 2), "worker.log");
  assert.ok(first.endsWith(`\n  log:   ${log}\n    about to fail`), first);
  assert.match(second, /^\[3\/5\] .*: failed after .*: the weights are wrong\n/);
  assert.match(second, /\n {2}traceback\n {4}Traceback:\n {6}line 1\n {4}ValueError\n/);
  assert.match(second, /\n {2}log: {3}\S+ \(empty\)/);
  assert.match(
    third,
    /^\[5\/5\] .*\n {2}cause: The GPU's memory was full\.\n {2}try: {3}Use a smaller model/,
  );

  const rows = await failedRows(dir);
  assert.deepEqual(rows.map((row) => [row.index, row.outcome, row.attempt, row.cycle]), [
    [2, "crashed", 1, 1],
    [3, "failed", 1, 1],
    [5, "crashed", 1, 1],
  ]);
  for (const row of rows) {
    const told = runs.find(({ index }) => index === row.index);
    assert.ok(told !== undefined);
    for (const name of ["run_id", "config_hash", "hint", "result_file", "error"] as const) {
      assert.deepEqual(row[name], told[name], name);
    }
    assert.deepEqual(Object.keys(row).sort(), [
      "attempt",
      "config_hash",
      "cycle",
      "error",
      "hint",
      "index",
      "log_tail",
      "outcome",
      "result_file",
      "run_id",
    ]);
    assert.deepEqual(readJson<ResultRecord>(join(dir, row.result_file ?? "")).log_tail, row.log_tail);
  }
});

Deno.test("the last 40 log lines are in the record as they are and harmless where they are shown", async () => {
  using box = new Sandbox();
  const { dir, runs, stderr } = await box.run(box.study(["nasty_log", "ok"]));
  const { log_tail } = readResult(runFolder(dir, 1));
  assert.equal(log_tail.length, 40);
  assert.deepEqual(log_tail.slice(0, 2), ["line 27", "line 28"]);
  assert.deepEqual(log_tail.slice(-6), [
    "\x1b]0;owned\x07\x1b[2J\x1b[31mred\x1b[0m",
    "c1 \x9b2J end",
    "nul \x00 bell \x07 broken \ufffd\ufffd half \ufffd",
    "100 %",
    `${"x".repeat(497)}...`,
    "\x1b[1;31mCUDA error: out of memory\x1b[0m",
  ]);
  assert.deepEqual(readResult(runFolder(dir, 2)).log_tail, []);
  assert.match(runs[0]?.hint ?? "", /^The GPU's memory was full\. Use a smaller/);

  const { stdout } = await llem(["show", dir, "--failed"]);
  const json = await llem(["show", dir, "--failed", "--json"]);
  for (const text of [stdout, stderr, json.stdout]) assert.doesNotMatch(text, CONTROL);
  const shown = stdout.trimEnd().split("\n").slice(-6);
  assert.deepEqual(shown, [
    "    red",
    "    c1  end",
    "    nul ? bell ? broken \ufffd\ufffd half \ufffd",
    "    100 %",
    `    ${"x".repeat(497)}...`,
    "    CUDA error: out of memory",
  ]);
});

Deno.test("the end of a log is kept where it lies: in the head of a short one, in the tail of a flood", async () => {
  using box = new Sandbox();
  const { dir } = await box.run(box.study(["exit_code", "flood"], { experiment_timeout_seconds: 1 }));
  assert.deepEqual(readResult(runFolder(dir, 1)).log_tail, ["about to fail"]);
  const flood = readResult(runFolder(dir, 2));
  assert.equal(flood.outcome.kind, "timed_out");
  assert.equal(flood.log_tail.length, 40);
  assert.ok(flood.log_tail.slice(0, -1).every((line) => /^(?:0123456789)+$/.test(line)));
});

Deno.test("show --failed says so where nothing failed, for people and for scripts", async () => {
  using box = new Sandbox();
  const { dir } = await box.run(box.study(["ok"]));
  const plain = await llem(["show", dir, "--failed"]);
  assert.deepEqual([plain.code, plain.stdout], [0, ""]);
  assert.match(plain.stderr, /^llem: no run of .* has failed\.\n$/);
  const json = await llem(["show", dir, "--failed", "--json"]);
  assert.deepEqual([json.code, json.stdout], [0, "[]\n"]);
  const csv = await llem(["show", dir, "--failed", "--csv"]);
  assert.equal(csv.code, 2);
});

Deno.test("show --failed shows the last attempt of a run, and nothing of one that passed later", async () => {
  using box = new Sandbox();
  const { dir } = await box.run(box.study(["fails_once", "exit_code"]), ["--retries", "1"]);
  assert.deepEqual((await failedRows(dir)).map((row) => [row.index, row.attempt]), [[2, 2]]);
  assert.match((await llem(["show", dir, "--failed"])).stdout, /: crashed in attempt 2 after /);
});

Deno.test("a damaged or missing result.json costs show --failed that run's details only", async () => {
  using box = new Sandbox();
  const { dir } = await box.run(box.study(["error_frame", "exit_code", "exit_code"]));
  Deno.writeTextFileSync(join(runFolder(dir, 1), "result.json"), '{"schema":"llem.res');
  Deno.removeSync(join(runFolder(dir, 2), "result.json"));
  Deno.removeSync(join(runFolder(dir, 3)), { recursive: true });
  const rows = await failedRows(dir);
  assert.deepEqual(rows.map((row) => [row.outcome, row.error?.message, row.log_tail]), [
    ["failed", "the weights are wrong", []],
    ["crashed", "The worker exited with code 3 without a result", ["about to fail"]],
    ["crashed", "The worker exited with code 3 without a result", []],
  ]);
  assert.ok(rows.every((row) => row.hint !== null));
  const { code, stdout } = await llem(["show", dir, "--failed"]);
  assert.equal(code, 0);
  assert.match(stdout, /\[3\/3\] .*\n(?: .*\n)* {2}log: {3}\(removed\)\n$/);
});

Deno.test("show --failed works while the study runs, and calls a run whose runner was killed lost", async () => {
  using box = new Sandbox();
  const child = start(["run", box.study(["exit_code", "hang", "ok"]), "-o", join(box.dir, "out"), "--json"]);
  const dir = await until("the study directory", () => {
    const [entry] = [...Deno.readDirSync(join(box.dir, "out"))];
    return entry !== undefined && join(box.dir, "out", entry.name);
  });
  await until("run 2", () => pidsOf(runFolder(dir, 2)).length > 0);
  assert.deepEqual((await failedRows(dir)).map((row) => [row.index, row.outcome]), [[1, "crashed"]]);
  child.kill("SIGKILL");
  await ended(child);

  const lost = async (): Promise<FailedRow> => {
    const [, row] = await failedRows(dir);
    assert.ok(row !== undefined);
    return row;
  };
  const cutOff = await lost();
  assert.deepEqual([cutOff.index, cutOff.outcome, cutOff.error?.type], [2, "lost", "lost"]);
  assert.match(cutOff.hint ?? "", /llem itself was killed .*out-of-memory killer.*--resume/);
  assert.equal(cutOff.result_file, null);
  const { stdout } = await llem(["show", dir, "--failed"]);
  assert.match(stdout, /\[2\/3\] .*: lost: The runner died while this attempt ran\n {2}cause: llem itself/);
});

Deno.test("an interrupted run tells how to go on", async () => {
  using box = new Sandbox();
  const child = start(["run", box.study(["polite", "ok"]), "-o", join(box.dir, "out"), "--json"]);
  const dir = await until("a hello", () => {
    const [entry] = [...Deno.readDirSync(join(box.dir, "out"))];
    const path = join(box.dir, "out", entry?.name ?? "");
    return Deno.readTextFileSync(join(path, "journal.jsonl")).includes("run_started") && path;
  });
  child.kill("SIGINT");
  assert.equal((await ended(child)).code, 130);
  const [row] = await failedRows(dir);
  assert.equal(row?.outcome, "interrupted");
  assert.match(row?.hint ?? "", /llem run --resume/);
});
