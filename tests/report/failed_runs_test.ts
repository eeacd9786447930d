import assert from "node:assert/strict";
import type { FailedRun } from "../../lib/archive/failed_runs.ts";
import { failedRow, failedText } from "../../lib/report/failed_runs.ts";
import { jsonText } from "../../lib/base/text.ts";
import { configOf, planOf } from "../support/plans.ts";
import { CRASHED, recordOfRun } from "../support/records.ts";

const [run] = planOf([configOf()]).runs;
if (run === undefined) throw new Error("The plan is empty");

function failedOf(change: Partial<FailedRun> = {}, log_tail: readonly string[] = []): FailedRun {
  return {
    run: run as FailedRun["run"],
    run_id: "0001_x",
    attempt: 1,
    failure: recordOfRun(run as FailedRun["run"], { outcome: CRASHED, log_tail }),
    duration_s: 2,
    result_file: "runs/0001_x/result.json",
    log_path: "/out/s/runs/0001_x/worker.log",
    ...change,
  };
}

const shown = (failed: readonly FailedRun[]): string =>
  failedText(failed, { total: 9, name: () => "x", study_dir: "/out/s" });

Deno.test("failedText() gives a paragraph a run", () => {
  const quiet = failedOf({ attempt: 2 });
  const loud = failedOf({}, ["one", "", "two"]);
  assert.equal(
    shown([quiet, loud]),
    [
      "[1/9] x: crashed in attempt 2 after 2.0s: The worker exited with code 3",
      "  try:   Start the program by hand to see more.",
      "  log:   /out/s/runs/0001_x/worker.log (empty)",
      "",
      "[1/9] x: crashed after 2.0s: The worker exited with code 3",
      "  log:   /out/s/runs/0001_x/worker.log",
      "    one",
      "    ",
      "    two",
      "",
    ].join("\n"),
  );
  assert.equal(shown([]), "");
});

Deno.test("failedText() shows what the record kept of a log that is gone", () => {
  assert.match(shown([failedOf({ log_path: null }, ["one"])]), /\n {2}log: {3}\(removed\)\n {4}one\n$/);
  assert.match(
    shown([failedOf({ log_path: null, duration_s: null })]),
    /crashed: The .*\n {2}log: {3}\(removed\)\n$/s,
  );
});

Deno.test("failedText() lets no control character of a worker through", () => {
  const nasty = "\x1b]0;t\x07\x9b2J\x00\r\x1b[31mred";
  const error = { type: nasty, message: nasty, traceback: `${nasty}\n${nasty}`, retryable: null };
  const failure = recordOfRun(run, {
    outcome: { ...CRASHED, kind: "failed", flags: ["leaked"], error },
    log_tail: [nasty],
  });
  const text = shown([failedOf({ failure, log_path: nasty })]);
  assert.doesNotMatch(text.replaceAll("\n", ""), /\p{Cc}/u);
  assert.match(text, /\[leaked\]/);
  assert.match(jsonText(failedRow(failedOf({ failure }))), /^[\x20-\x7e]*$/);
});

Deno.test("failedText() shows a traceback only where the message does not say everything", () => {
  const failed = (type: string): string => {
    const error = { type, message: "What it says.", traceback: "at engine.ts:1", retryable: null };
    const llamacpp = { ...run, config: configOf({ backend: "llamacpp", model: "m.gguf", command: null }) };
    const failure = recordOfRun(llamacpp, { outcome: { ...CRASHED, kind: "failed", flags: [], error } });
    return shown([failedOf({ run: llamacpp, failure })]);
  };
  assert.match(failed("internal_error"), /\n {2}traceback\n {4}at engine.ts:1\n/);
  assert.doesNotMatch(failed("not_gguf"), /traceback/);
});
