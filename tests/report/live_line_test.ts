import assert from "node:assert/strict";
import { NO_EARLIER_TIMES } from "../../lib/plan/estimate.ts";
import { LiveState } from "../../lib/report/live_line.ts";
import { runNamer } from "../../lib/report/run_name.ts";
import { distinctConfigs } from "../../lib/results/varied.ts";
import type { RunnerEvent } from "../../lib/journal/runner_event.ts";
import { configOf, planOf } from "../support/plans.ts";
import { CRASHED } from "../support/records.ts";
import { runFinished, runStarted, studyFinished, studyStarted } from "../support/runner_events.ts";

const plan = planOf([configOf({ params: { batch: 1 } }), configOf({ params: { batch: 2 } })], {
  n_cycles: 2,
});
const [first, second] = plan.runs;
if (first === undefined || second === undefined) throw new Error("The plan is empty");

function state(todo = plan.runs, earlier = NO_EARLIER_TIMES): LiveState {
  const name = runNamer(distinctConfigs(plan.runs), plan.n_cycles);
  return new LiveState({ total: 4, todo, name, gaps: { experiment_s: 60, cycle_s: 300 }, earlier });
}

const progress = (done: number, note: string | null = null, unit = "requests"): RunnerEvent => ({
  type: "run_progress",
  run: first,
  done,
  total: 8,
  unit,
  note,
});
const phase = (name: string | null): RunnerEvent => ({ type: "run_phase", run: first, phase: name });

/** Plays events at their seconds and draws the line at every step. */
function play(
  live: LiveState,
  story: readonly (readonly [second: number, event: RunnerEvent | null])[],
): string[] {
  return story.map(([seconds, event]) => {
    if (event !== null) live.take(event, seconds * 1000);
    return live.draw(seconds * 1000, 200);
  });
}

Deno.test("LiveState follows a study from its start to its end", () => {
  const lines = play(state(), [
    [0, studyStarted()],
    [0, runStarted(first)],
    [3, phase("load")],
    [4, phase("measure")],
    [4, progress(0)],
    [6, progress(3)],
    [7, progress(3, "long prompt")],
    [10, runFinished(first, { timing: { ...runFinished(first).record.timing, duration_s: 10 } })],
    [10, { type: "gap_started", kind: "experiment", source: "machine", seconds: 60, run: second }],
    [25.5, null],
    [70, runStarted(second)],
    [75, null],
    [100, null],
    [100, runFinished(second, { timing: { ...runFinished(second).record.timing, duration_s: 30 } })],
    [100, studyFinished()],
  ]);
  assert.deepEqual(lines, [
    "",
    "[1/4] batch=1 cycle 1 0s",
    "[1/4] batch=1 cycle 1 load 3s",
    "[1/4] batch=1 cycle 1 measure 4s",
    "[1/4] batch=1 cycle 1 measure 0/8 requests 4s",
    "[1/4] batch=1 cycle 1 measure 3/8 requests 1.5 requests/s 6s",
    // A worker that says nothing new is no slower for it.
    "[1/4] batch=1 cycle 1 measure 3/8 requests 1.5 requests/s long prompt 7s",
    "",
    "gap before the next run: 60s left ETA 90s",
    "gap before the next run: 45s left ETA 75s",
    "[2/4] batch=1 cycle 2 0s ETA 30s",
    "[2/4] batch=1 cycle 2 5s ETA 25s",
    // A run that takes longer than the mean does not make the rest shorter.
    "[2/4] batch=1 cycle 2 30s ETA 20s",
    "",
    "",
  ]);
});

Deno.test("LiveState tells no end of a study that grows by what it finds", () => {
  const name = runNamer(distinctConfigs(plan.runs), 1);
  const gaps = { experiment_s: 0, cycle_s: 0 };
  const live = new LiveState({
    total: 4,
    todo: plan.runs,
    name,
    gaps,
    earlier: NO_EARLIER_TIMES,
    grows: true,
  });
  const lines = play(live, [[0, runStarted(first)], [9, runFinished(first)], [9, runStarted(second)]]);
  assert.deepEqual(lines, ["[1/4] batch=1 0s", "", "[2/4] batch=1 0s"]);
});

Deno.test("LiveState starts its progress anew with a phase, a unit or a count that falls back", () => {
  const lines = play(state(), [
    [0, runStarted(first)],
    [0, phase("warmup")],
    [1, progress(1)],
    [2, progress(3)],
    [3, phase("warmup")],
    [3, phase("measure")],
    [4, progress(2)],
    [5, progress(4)],
    [6, progress(5, null, "tokens")],
    [7, progress(1, null, "tokens")],
    [8, phase(null)],
  ]);
  assert.deepEqual(lines.map((line) => line.replace("[1/4] batch=1 cycle 1", "")), [
    " 0s",
    " warmup 0s",
    " warmup 1/8 requests 1s",
    " warmup 3/8 requests 2 requests/s 2s",
    " warmup 3/8 requests 2 requests/s 3s",
    " measure 3s",
    " measure 2/8 requests 4s",
    " measure 4/8 requests 2 requests/s 5s",
    " measure 5/8 tokens 6s",
    " measure 1/8 tokens 7s",
    " 8s",
  ]);
});

Deno.test("LiveState does not count a run that is tried again", () => {
  const lines = play(state(), [
    [0, runStarted(first)],
    [5, runFinished(first, { outcome: CRASHED }, { will_retry: true })],
    [5, runStarted(first, 2)],
    [6, null],
  ]);
  assert.deepEqual(lines.slice(2), ["[1/4] batch=1 cycle 1 0s", "[1/4] batch=1 cycle 1 1s"]);
});

Deno.test("LiveState estimates from the runs that are left, not from all", () => {
  const lines = play(state(plan.runs.slice(2)), [
    [0, runStarted(first)],
    [10, runFinished(first, { timing: { ...runFinished(first).record.timing, duration_s: 10 } })],
    [10, runStarted(second)],
  ]);
  assert.equal(lines.at(-1), "[2/4] batch=1 cycle 2 0s ETA 10s");
});

Deno.test("LiveState gives the rate of the pass under way, which the time after it does not lower", () => {
  const lines = play(state(), [
    [0, runStarted(first)],
    [0, phase("measure")],
    [1, progress(0)],
    [3, progress(6)],
    // The next pass reads its prompts and says nothing.
    [9, null],
    [10, progress(2, "repeat 1 of about 3")],
    [11, progress(6, "repeat 1 of about 3")],
  ]);
  assert.deepEqual(lines.slice(3).map((line) => line.replace("[1/4] batch=1 cycle 1 measure ", "")), [
    "6/8 requests 3 requests/s 3s",
    "6/8 requests 3 requests/s 9s",
    "2/8 requests repeat 1 of about 3 10s",
    "6/8 requests 4 requests/s repeat 1 of about 3 11s",
  ]);
});

Deno.test("LiveState keeps the progress of a phase while others are nested in it", () => {
  const lines = play(state(), [
    [0, phase("measure")],
    [0, runStarted(first)],
    [0, phase("measure")],
    [1, progress(0)],
    [2, progress(2)],
    [2, phase("decode")],
    [2, phase("measure")],
    [3, progress(4)],
  ]);
  assert.deepEqual(lines.slice(4).map((line) => line.replace("[1/4] batch=1 cycle 1 ", "")), [
    "measure 2/8 requests 2 requests/s 2s",
    "decode 2s",
    "measure 2/8 requests 2 requests/s 2s",
    "measure 4/8 requests 2 requests/s 3s",
  ]);
});

Deno.test("LiveState counts gaps that are left, and no more of them once one is left out", () => {
  const runs = plan.runs.map((run) => ({ ...run, gap_before: "experiment" as const }));
  const [one, two, three] = runs;
  assert.ok(one !== undefined && two !== undefined && three !== undefined);
  const took = { timing: { ...runFinished(one).record.timing, duration_s: 10 } };
  const end = (story: readonly (readonly [number, RunnerEvent | null])[]): string =>
    play(state(runs), story).at(-1) ?? "";
  const firstRun = [[0, runStarted(one)], [10, runFinished(one, took)]] as const;
  // Three runs of 10 s, three gaps of a minute.
  const gap = { type: "gap_started", kind: "experiment", source: "machine", seconds: 60, run: two } as const;
  assert.equal(end([...firstRun, [10, gap]]), "gap before the next run: 60s left ETA 3m 30s");
  assert.equal(end([...firstRun, [10, gap], [70, runStarted(two)]]), "[2/4] batch=1 cycle 2 0s ETA 2m 30s");
  assert.equal(end([...firstRun, [10, runStarted(two)]]), "[2/4] batch=1 cycle 2 0s ETA 30s");
});

Deno.test("LiveState knows from earlier studies how long it takes, and says no ETA once that is over", () => {
  const run_s = new Map(plan.runs.map(({ config_hash }) => [config_hash, 100]));
  const [last] = plan.runs.slice(-1);
  assert.ok(last !== undefined);
  const whole = play(state(plan.runs, { run_s, studies: 1 }), [[0, runStarted(first)], [40, null]]);
  assert.equal(whole.at(-1), "[1/4] batch=1 cycle 1 40s ETA 6m 00s");
  const end = play(state([last], { run_s, studies: 1 }), [[0, runStarted(last)], [90, null], [101, null]]);
  assert.deepEqual(end.slice(1), ["[4/4] batch=2 cycle 2 90s ETA 10s", "[4/4] batch=2 cycle 2 101s"]);
});

Deno.test("LiveState tells a log what goes on: the run, its phase, how far it is, since when", () => {
  const live = state(plan.runs, {
    run_s: new Map(plan.runs.map((run) => [run.config_hash, 100])),
    studies: 1,
  });
  assert.equal(live.beat(0), null);
  live.take(runStarted(first), 0);
  assert.equal(live.beat(61_000), "[1/4] batch=1 cycle 1: 61s so far, about 5m 39s left for the study");
  live.take(phase("measure"), 70_000);
  live.take(progress(0), 70_000);
  live.take(progress(6), 72_000);
  assert.equal(
    live.beat(121_000),
    "[1/4] batch=1 cycle 1: measure 6/8 requests 3 requests/s, 2m 01s so far, about 5m 00s left for the study",
  );
  live.take(runFinished(first), 130_000);
  assert.equal(live.beat(131_000), null);
  live.take({ type: "gap_started", kind: "cycle", source: "machine", seconds: 300, run: second }, 131_000);
  assert.equal(live.beat(191_000), "gap before the next cycle: 4m 00s left");
});

Deno.test("LiveState counts a cycle gap down and never below zero", () => {
  const live = state();
  const lines = play(live, [
    [0, { type: "gap_started", kind: "cycle", source: "machine", seconds: 300, run: second }],
    [0.2, null],
    [181, null],
    [299.5, null],
    [400, null],
  ]);
  assert.deepEqual(lines, [
    "gap before the next cycle: 5m 00s left",
    "gap before the next cycle: 5m 00s left",
    "gap before the next cycle: 119s left",
    "gap before the next cycle: 1s left",
    "gap before the next cycle: 0s left",
  ]);
});

Deno.test("LiveState counts the wait before another attempt down, until that begins", () => {
  const lines = play(state(), [
    [0, { type: "retry_waiting", run: second, attempt: 3, seconds: 8 }],
    [7.5, null],
    [8, runStarted(second, 3)],
  ]);
  assert.deepEqual(lines, [
    "[2/4] batch=1 cycle 2 attempt 3: 8s left",
    "[2/4] batch=1 cycle 2 attempt 3: 1s left",
    "[2/4] batch=1 cycle 2 0s",
  ]);
});

Deno.test("LiveState shows no gap once the study has ended in it", () => {
  const lines = play(state(), [
    [0, { type: "gap_started", kind: "cycle", source: "machine", seconds: 300, run: second }],
    [1, studyFinished({ status: "interrupted" })],
  ]);
  assert.equal(lines.at(-1), "");
});

Deno.test("LiveState stays within the width of the terminal and lets no control character through", () => {
  const live = state();
  live.take(runStarted(first), 0);
  live.take(phase("ph\x1b[2Jase\nx"), 0);
  live.take(progress(1, "no\x07te", "un\tit"), 0);
  const whole = live.draw(0, 200);
  assert.equal(whole, "[1/4] batch=1 cycle 1 ph?[2Jase / x 1/8 un?it no?te 0s");
  for (const width of [80, 40, 20, 12]) {
    assert.ok(live.draw(0, width).length < width);
    assert.doesNotMatch(live.draw(0, width), /\p{Cc}/u);
  }
  for (const width of [0, 1, 5]) assert.equal(live.draw(0, width).length, 10);
});

Deno.test("LiveState shortens a long name before it gives up what moves", () => {
  const configs = [1, 2].map((batch) =>
    configOf({ params: { where: `/srv/studies/${"deep/".repeat(30)}${batch}` } })
  );
  const long = planOf(configs, { n_cycles: 1 }).runs;
  const [run] = long;
  assert.ok(run !== undefined);
  const name = runNamer(distinctConfigs(long), 1);
  const live = new LiveState({
    total: 2,
    todo: long,
    name,
    gaps: { experiment_s: 0, cycle_s: 0 },
    earlier: NO_EARLIER_TIMES,
  });
  live.take(runStarted(run), 0);
  live.take({ type: "run_phase", run, phase: "measure" }, 0);
  live.take({ type: "run_progress", run, done: 3, total: 8, unit: "requests", note: null }, 0);
  assert.equal(live.draw(4000, 60), "[1/2] where=/srv/studies/deep/de... measure 3/8 requests 4s");
  assert.equal(live.draw(4000, 60).length, 59);
  assert.equal(live.draw(4000, 41), "[1/2] where=/... measure 3/8 requests 4s");
});

Deno.test("LiveState leaves out details of the progress on a narrow terminal, never phase, time and ETA", () => {
  const live = state(plan.runs, {
    run_s: new Map(plan.runs.map(({ config_hash }) => [config_hash, 100])),
    studies: 1,
  });
  const events = [
    runStarted(first),
    phase("measure"),
    progress(0),
    progress(3, "repeat 2 of about 9"),
  ];
  for (const [index, event] of events.entries()) live.take(event, index * 2000);
  const at = (width: number): string => live.draw(6000, width);
  const ends = / measure .*6s ETA 6m 34s$/;
  for (const width of [120, 80, 60, 50]) assert.match(at(width), ends, `${width}: ${at(width)}`);
  assert.match(at(120), /3\/8 requests 1.5 requests\/s repeat 2 of about 9/);
  assert.match(at(60), /batch=1 cycle 1 measure .*6s/);
});

Deno.test("LiveState says up to when a study may go on whose number of cycles is open, and how long once that is settled", () => {
  const name = runNamer(distinctConfigs(plan.runs), plan.n_cycles);
  const live = new LiveState({
    total: 4,
    todo: plan.runs,
    name,
    gaps: { experiment_s: 0, cycle_s: 0 },
    earlier: NO_EARLIER_TIMES,
    further: 6,
  });
  const ended = runFinished(first, { timing: { ...runFinished(first).record.timing, duration_s: 10 } });
  const look = (decision: "continue" | "met"): RunnerEvent => ({
    type: "look",
    look: { cycle: 2, decision, metrics: [], left_out: [], n_left_out: 0 },
    varied: {},
    most: 5,
  });
  assert.deepEqual(
    play(live, [
      [0, runStarted(first)],
      [10, ended],
      [10, runStarted(second)],
      [10, look("continue")],
      [10, { type: "runs_added", runs: [{ ...first, index: 5, cycle: 3 }], total: 5 }],
      [10, look("met")],
    ]).map((line) => line.replace(/^.*cycle \d/, "")),
    [" 0s", "", " 0s ETA up to 90s", " 0s ETA up to 90s", " 0s ETA up to 90s", " 0s ETA 40s"],
  );
});
