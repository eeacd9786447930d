import assert from "node:assert/strict";
import type { Outcome } from "../../lib/experiment/outcome.ts";
import { palette } from "../../lib/report/color.ts";
import { eventLine, type LineContext, newWarnings, type Verbosity } from "../../lib/report/run_line.ts";
import { runNamer } from "../../lib/report/run_name.ts";
import { distinctConfigs } from "../../lib/results/varied.ts";
import type { RunnerEvent } from "../../lib/journal/runner_event.ts";
import { configOf, planOf } from "../support/plans.ts";
import { CRASHED, measurementOf } from "../support/records.ts";
import { measuredRun } from "../support/recordings.ts";
import { runFinished, runStarted, studyFinished, studyStarted } from "../support/runner_events.ts";

const plan = planOf([configOf({ params: { batch: 1 } }), configOf({ params: { batch: 2 } })], {
  n_cycles: 2,
});
const [run, ...others] = plan.runs;
const last = others.at(-1);
if (run === undefined || last === undefined) throw new Error("The plan is empty");

const measured = {
  measurement: measurementOf({ output_tokens: 247 }),
  phases: [{ name: "measure", begin_ns: 0n, end_ns: 2_000_000_000n }],
};
const leaked: Outcome = { ...CRASHED, flags: ["leaked", "result_present"] };

const events: readonly (readonly [what: string, event: RunnerEvent])[] = [
  ["start", studyStarted()],
  ["resume", studyStarted({ name: null, total: 4, done_before: 3 })],
  ["run", runStarted(run)],
  ["phase", { type: "run_phase", run, phase: "load" }],
  ["progress", { type: "run_progress", run, done: 1, total: 2, unit: "requests", note: null }],
  ["completed", runFinished(run)],
  ["measured", runFinished(last, measured)],
  ["crashed", runFinished(run, { outcome: CRASHED })],
  ["flags", runFinished(run, { outcome: leaked })],
  ["retry", runFinished(run, { outcome: CRASHED }, { will_retry: true })],
  ["gap", { type: "gap_started", kind: "experiment", source: "machine", seconds: 60, run }],
  ["cycle", { type: "gap_started", kind: "cycle", source: "given", seconds: 300, run }],
  ["wait", { type: "retry_waiting", run, attempt: 2, seconds: 4.4 }],
  ["warning", { type: "warning", code: "manifest", text: "manifest.json could not be written" }],
  ["end", studyFinished()],
  ["failed", studyFinished({ status: "failed" }, { completed: 3, failed: 1 })],
  [
    "stopped",
    studyFinished({ status: "interrupted", reason: "stopped by SIGINT" }, {
      completed: 1,
      failed: 1,
      interrupted: 1,
      pending: 1,
    }),
  ],
];

/** What is printed for all events, by name. */
function linesAt(verbosity: Verbosity): string[] {
  const name = runNamer(distinctConfigs(plan.runs), plan.n_cycles);
  const context: LineContext = { total: 4, name, colors: palette(false, undefined), verbosity };
  return events.flatMap(([what, event]) => {
    const line = eventLine(event, context);
    return line === null ? [] : [`${what}: ${line}`];
  });
}

/** Of a study whose runs are all called x, without colours. */
function plainContext(verbosity: Verbosity): LineContext {
  return { total: 4, name: () => "x", colors: palette(false, undefined), verbosity };
}

const START = [
  "start: s: 4 runs planned, results in /tmp/out/s_1",
  "resume: study: 1 of 4 runs left, results in /tmp/out/s_1",
];
const COMPLETED = [
  "completed: [1/4] batch=1 cycle 1: completed in 2.0s",
  "measured: [4/4] batch=2 cycle 2: completed in 2.0s, 123.5 tok/s",
];
const TROUBLE = [
  "crashed: [1/4] batch=1 cycle 1: crashed after 2.0s: The worker exited with code 3. It printed nothing. " +
  "Start the program by hand to see more.",
  "flags: [1/4] batch=1 cycle 1: crashed after 2.0s [leaked, result_present]: The worker exited with code 3. " +
  "The measurement was complete; the worker failed while shutting down. It printed nothing. Start the program by hand to see more.",
  "retry: [1/4] batch=1 cycle 1: crashed after 2.0s: The worker exited with code 3. It printed nothing. " +
  "Start the program by hand to see more. Retrying.",
];
const GAPS = [
  "gap: waiting 1m 00s to let the GPUs cool before the next run (--no-gaps skips this)",
  "cycle: waiting 5m 00s before the next cycle (execution.cycle_gap_seconds)",
  "wait: [1/4] attempt 2 in 4.4s",
];
const WARNING = ["warning: warning: manifest.json could not be written"];
const ENDS = [
  "failed: study finished: 3/4 runs completed, 1 failed, in 1m 15s",
  "stopped: study interrupted (stopped by SIGINT): 1/4 runs completed, 1 failed, 1 interrupted, 1 pending, in 1m 15s; " +
  "resume with: llem run --resume /tmp/out/s_1",
];

Deno.test("eventLine() says what a person wants to know", () => {
  assert.deepEqual(linesAt("normal"), [
    ...START,
    ...COMPLETED,
    ...TROUBLE,
    ...GAPS,
    ...WARNING,
    "end: study finished: 4/4 runs completed, in 1m 15s",
    ...ENDS,
  ]);
});

Deno.test("newWarnings() says each kind of a run's warnings once, and leaves contention to the end of the study", () => {
  const context = plainContext("normal");
  const warnings = [
    { code: "beyond_training_context", text: "Too long." },
    { code: "beyond_training_context", text: "Too long again." },
    { code: "contended", text: "The run was contended." },
    { code: "log", text: "No \x1b[31mlog." },
  ];
  const event = runFinished(run, { warnings });
  assert.deepEqual(newWarnings(event, context, new Set()), [
    { code: "beyond_training_context", line: "warning: [1/4] Too long." },
    { code: "log", line: "warning: [1/4] No ?[31mlog." },
  ]);
  assert.deepEqual(
    newWarnings(event, context, new Set(["beyond_training_context", warnings[3]?.text ?? ""])),
    [],
  );
});

Deno.test("eventLine() follows a search from verdict to verdict", () => {
  const step = (kept: number | null, missed: number | null, next: number | null): string | null =>
    eventLine(
      {
        type: "search_step",
        over: "openai.load.rate",
        config_hash: "",
        varied: { "openai.api": "chat" },
        bracket: { kept, missed, next },
      },
      { total: 1, name: () => "", colors: palette(false, ""), verbosity: "normal" },
    );
  assert.deepEqual([step(null, null, 1), step(4, null, 8), step(4, 8, 5.66), step(5.5, 5.66, null)], [
    null,
    "search over openai.load.rate (api=chat): 4 meets the slo; next 8",
    "search over openai.load.rate (api=chat): 4 meets the slo, 8 does not; next 5.66",
    null,
  ]);
});

Deno.test("eventLine() adds every start where much is wanted", () => {
  const verbose = linesAt("verbose");
  assert.deepEqual(verbose.filter((line) => !linesAt("normal").includes(line)), [
    "run: [1/4] started: batch=1 cycle 1",
  ]);
});

Deno.test("eventLine() is silent on success and keeps what went wrong where little is wanted", () => {
  assert.deepEqual(linesAt("quiet"), [...TROUBLE, ...WARNING, ...ENDS]);
});

Deno.test("eventLine() says in one line what happened, why and what to try", () => {
  const context = plainContext("normal");
  const finished = runFinished(run, { outcome: CRASHED, log_tail: ["CUDA error: out of memory", ""] });
  assert.equal(
    eventLine(finished, context),
    "[1/4] x: crashed after 2.0s: The worker exited with code 3. The GPU's memory was full. Use a smaller model, " +
      "batch or context, or a device with more memory; nvidia-smi shows whether another process holds memory.",
  );
});

Deno.test("eventLine() cuts a long message, never what to try", () => {
  const context = plainContext("quiet");
  const message = "CUDA out of memory ".repeat(100);
  const outcome: Outcome = {
    ...CRASHED,
    kind: "failed",
    error: { type: "OutOfMemoryError", message, traceback: null, retryable: null },
  };
  const line = eventLine(runFinished(run, { outcome }), context) ?? "";
  assert.match(line, /out of.*\.\.\. The GPU's memory was full\. .*holds memory\.$/);
});

Deno.test("eventLine() colours good and bad", () => {
  const colors = palette(true, undefined);
  const context: LineContext = { total: 4, name: () => "x", colors, verbosity: "normal" };
  assert.equal(eventLine(runFinished(run), context), "[1/4] x: \x1b[32mcompleted\x1b[0m in 2.0s");
  const crashed = eventLine(runFinished(run, { outcome: CRASHED }), context) ?? "";
  assert.ok(crashed.startsWith("[1/4] x: \x1b[31mcrashed\x1b[0m after 2.0s"));
});

Deno.test("eventLine() lets no control character through, and no endless message", () => {
  const nasty = "\x1b]0;title\x07a\nb\r\x9b";
  const outcome: Outcome = {
    ...CRASHED,
    error: { type: nasty, message: nasty.repeat(500), traceback: null, retryable: null },
  };
  const context = plainContext("verbose");
  const told: readonly RunnerEvent[] = [
    studyStarted({ name: nasty, study_dir: `/tmp/${nasty}` }),
    runFinished(run, { outcome }),
    runFinished(run, { outcome: { ...outcome, kind: "failed" }, log_tail: [nasty.repeat(50)] }),
    { type: "warning", code: "x", text: nasty },
  ];
  for (const event of told) {
    const line = eventLine(event, context) ?? "";
    assert.doesNotMatch(line, /\p{Cc}/u, event.type);
    assert.ok(line.length < 1000, event.type);
  }
});

Deno.test("eventLine() puts the verdict beside every joule", () => {
  const context = plainContext("normal");
  const line = (alone: boolean, output_tokens: number | null): string =>
    eventLine(
      runFinished(run, { ...measuredRun(alone), measurement: measurementOf({ output_tokens }) }),
      context,
    ) ?? "";
  assert.match(line(true, 9000), /, 300 tok\/s, 1(\.\d+)? J\/token \+-0\.\d+ % \(resolved\)$/);
  assert.match(line(true, null), /completed in 2\.0s, \d+ J \+-0\.\d+ % \(resolved\)$/);
  assert.match(line(false, 9000), /, energy unattributable: other processes used GPU-a: 8 other$/);
  const said = { ...context, saidReasons: new Set(["other processes used GPU-a: 8 other"]) };
  assert.match(
    eventLine(runFinished(run, measuredRun(false)), said) ?? "",
    /, energy unattributable$/,
    "what a line before has said is not repeated",
  );
});

Deno.test("eventLine() says once why a run that a server did has no energy", () => {
  const reason = "the server at gpu7.example runs on another machine";
  const event = runFinished(run, { ...measured, energy: { reason, code: "server_elsewhere" } });
  const context = plainContext("normal");
  assert.match(
    eventLine(event, context) ?? "",
    /tok\/s, energy unknown: the server at gpu7\.example runs on another/,
  );
  assert.match(eventLine(event, { ...context, saidReasons: new Set([reason]) }) ?? "", /tok\/s$/);
  const machine = runFinished(run, { ...measured, energy: { reason: "no meter here" } });
  assert.match(eventLine(machine, context) ?? "", /tok\/s$/, "that was said at the start of the study");
});
