import assert from "node:assert/strict";
import type { RunnerEvent } from "../../../lib/journal/runner_event.ts";
import { NO_EARLIER_TIMES } from "../../../lib/plan/estimate.ts";
import { LiveState } from "../../../lib/report/live_line.ts";
import { runNamer } from "../../../lib/report/run_name.ts";
import { distinctConfigs } from "../../../lib/results/varied.ts";
import { configOf, planOf } from "../../support/plans.ts";
import { runFinished, runStarted, studyFinished, studyStarted } from "../../support/runner_events.ts";

const plan = planOf(Array.from({ length: 12 }, (_, index) => configOf({ params: { batch: index + 1 } })));
const NO_GAPS = { experiment_s: 0, cycle_s: 0 };
const SIZE = { width: 80, height: 24 };

function runAt(index: number): (typeof plan.runs)[number] {
  const run = plan.runs[index - 1];
  assert.ok(run !== undefined);
  return run;
}

function opened(count: number, mode: "staged" | "shared" = "staged"): RunnerEvent {
  const boards = Array.from({ length: count }, (_, index) => ({ key: `GPU-${index}`, index }));
  return { type: "pool_opened", mode, boards, width: count };
}

/** The run of that number begins on the boards from that slot on. */
function begin(index: number, slot: number, boards = 1): RunnerEvent {
  const devices = Array.from({ length: boards }, (_, place) => `GPU-${slot + place}`);
  return { ...runStarted(runAt(index)), placed: { chain: "c1", slot, devices } } as RunnerEvent;
}

const gate = (index: number, what: "waiting" | "passed"): RunnerEvent => ({
  type: `gate_${what}`,
  run: runAt(index),
});
const phase = (index: number, name: string): RunnerEvent => ({
  type: "run_phase",
  run: runAt(index),
  phase: name,
});
const took = (index: number, duration_s: number): RunnerEvent => {
  const { record: { timing } } = runFinished(runAt(index));
  return runFinished(runAt(index), { timing: { ...timing, duration_s } });
};

function live(
  story: readonly (readonly [second: number, event: RunnerEvent])[],
  todo = plan.runs,
): LiveState {
  const name = runNamer(distinctConfigs(plan.runs), 1);
  const state = new LiveState({
    total: plan.runs.length,
    todo,
    name,
    gaps: NO_GAPS,
    earlier: NO_EARLIER_TIMES,
  });
  for (const [second, event] of story) state.take(event, second * 1000);
  return state;
}

const STORY: readonly (readonly [number, RunnerEvent])[] = [
  [0, opened(6)],
  [0, studyStarted({ total: 12 })],
  [0, begin(1, 0)],
  [0, begin(2, 1)],
  [0, begin(3, 2)],
  [5, begin(12, 3)],
  [6, phase(1, "load")],
  [6, phase(2, "measure")],
  [7, { type: "run_progress", run: runAt(2), done: 1, total: 8, unit: "requests", note: null }],
  [9, { type: "run_progress", run: runAt(2), done: 3, total: 8, unit: "requests", note: null }],
  [8, phase(3, "load")],
  [9, gate(3, "waiting")],
  [9, took(12, 4)],
  [9, { type: "gap_started", kind: "experiment", source: "given", seconds: 60, run: runAt(5), slot: 3 }],
  [9, { type: "board_out", board: "GPU-5", why: "lost" }],
];

Deno.test("with several runs at a time there is a row for each board, and below them how far the study is", () => {
  assert.deepEqual(live(STORY).lines(10_000, SIZE), [
    "GPU 0  [ 1/12] batch=1 load 10s",
    "GPU 1  [ 2/12] batch=2 measure 3/8 requests 1 requests/s 10s",
    "GPU 2  [ 3/12] batch=3 waiting 10s",
    "GPU 3  gap 59s left",
    "GPU 4  idle",
    "GPU 5  lost",
    // One run of 4 s has ended; eleven are left, six at a time less the lost board.
    "1/12 done, 3 running ETA 7s",
  ]);
  // Once the study is over, nothing.
  assert.deepEqual(live([...STORY, [11, studyFinished()]]).lines(12_000, SIZE), []);
  // A pause that is over is none.
  assert.equal(live(STORY).lines(80_000, SIZE)[3], "GPU 3  idle");
});

Deno.test("rows fit the terminal: names give way, and where there are more boards than lines the busy ones are shown", () => {
  const state = live(STORY);
  for (const width of [80, 50, 30]) {
    const lines = state.lines(10_000, { width, height: 24 });
    assert.equal(lines.length, 7);
    for (const line of lines) assert.ok(line.length < width, `${width}: ${line}`);
  }
  assert.equal(
    state.lines(10_000, { width: 50, height: 24 })[1],
    "GPU 1  [ 2/12] batch=2 measure 1 requests/s 10s",
  );
  const many = live([[0, opened(16)], [0, begin(1, 14)], [0, begin(2, 3)], [1, phase(1, "measure")]]);
  const lines = many.lines(2000, SIZE);
  assert.equal(lines.length, 9);
  assert.deepEqual(
    lines.filter((line) => !line.endsWith("idle")),
    [
      "GPU 3   [ 2/12] batch=2 2s",
      "GPU 14  [ 1/12] batch=1 measure 2s",
      "... 9 more: 0 busy, 9 idle",
      "0/12 done, 2 running",
    ].filter((line) => !line.endsWith("idle")),
  );
  assert.equal(many.lines(2000, { width: 80, height: 3 }).length, 3);
});

Deno.test("a run on several boards has one row for all of them, and one without boards a row of its own", () => {
  const state = live([[0, opened(4)], [0, begin(1, 0, 2)], [0, begin(2, 2, 2)]]);
  assert.deepEqual(state.lines(1000, SIZE), [
    "GPU 0-1  [ 1/12] batch=1 1s",
    "GPU 2-3  [ 2/12] batch=2 1s",
    "0/12 done, 2 running",
  ]);
  const alone = live([[0, opened(2)], [0, begin(1, 0, 0)]]);
  assert.deepEqual(alone.lines(1000, SIZE), [
    "no GPU  [ 1/12] batch=1 1s",
    "GPU 0   idle",
    "GPU 1   idle",
    "0/12 done, 1 running",
  ]);
});

Deno.test("rows tell waits for memory and heat, another attempt, and a board whose process cannot be killed", () => {
  const state = live([
    [0, opened(4)],
    [0, { type: "waiting", what: "cooling", seconds: 90, text: "hot", slot: 0 }],
    [0, { type: "waiting", what: "memory", seconds: 30, text: "full", slot: 1 }],
    [0, begin(4, 2)],
    [1, runFinished(runAt(4), {}, { will_retry: true })],
    [1, { type: "retry_waiting", run: runAt(4), attempt: 2, seconds: 8 }],
    [1, { type: "board_out", board: "GPU-3", why: "quarantined" }],
  ]);
  assert.deepEqual(state.lines(1000, SIZE).slice(0, 4), [
    "GPU 0  cooling 89s left",
    "GPU 1  waiting for its memory 29s left",
    "GPU 2  [ 4/12] batch=4 attempt 2 in 8s",
    "GPU 3  quarantined",
  ]);
  assert.equal(state.running, 0);
});

Deno.test("while idle power is metered no board is told to be idle", () => {
  const metering: RunnerEvent = {
    type: "waiting",
    what: "baseline",
    seconds: 30,
    text: "metering idle power",
  };
  const state = live([[0, opened(2)], [0, metering]]);
  assert.deepEqual(state.lines(1000, SIZE).slice(0, 2), [
    "GPU 0  metering idle power 29s left",
    "GPU 1  metering idle power 29s left",
  ]);
  const after = live([[0, opened(2)], [0, metering], [10, begin(1, 0)]]);
  assert.equal(after.lines(1000, SIZE)[1], "GPU 1  idle");
});

Deno.test("a log hears how many runs are under way, and whoever asks of each of them", () => {
  const state = live(STORY);
  assert.equal(
    state.beat(10_000),
    "3 runs under way (1 measured, 1 waiting to be measured), 2 GPUs idle, 1 lost or quarantined, 1 of 12 done, " +
      "about 7s left for the study",
  );
  const told = state.tell(10_000).split("\n");
  assert.equal(told.length, 3);
  assert.equal(
    told[1],
    "GPU 1  [ 2/12] batch=2 measure 3/8 requests 1 requests/s 10s; last message 1s ago; " +
      "log: /tmp/out/s_1/runs/run-2/worker.log",
  );
});

Deno.test("lines of a log name the boards that an event is about", () => {
  const state = live([[0, opened(4)], [0, begin(1, 0)], [0, begin(2, 2, 2)]]);
  state.take(runFinished(runAt(2)), 1000);
  const gap: RunnerEvent = {
    type: "gap_started",
    kind: "cycle",
    source: "given",
    seconds: 9,
    run: runAt(3),
    slot: 0,
  };
  assert.deepEqual(
    [runFinished(runAt(1)), runFinished(runAt(2)), gap, studyFinished()].map((e) => state.placeOf(e)),
    [
      "GPU 0",
      "GPU 2-3",
      "GPU 0",
      null,
    ],
  );
  assert.equal(live([]).placeOf(runFinished(runAt(1))), null);
});

Deno.test("the time left is shared among the runs that there can be at a time, and measuring one by one is its least", () => {
  const eta = (state: LiveState, second: number): string => state.lines(second * 1000, SIZE).at(-1) ?? "";
  const four = [begin(1, 0), begin(2, 1), begin(3, 2), begin(4, 3)].map((event) => [0, event] as const);
  // Eight runs of 100 s are left for four boards.
  const ended = [1, 2, 3, 4].map((index) => [100, took(index, 100)] as const);
  assert.equal(
    eta(live([[0, opened(4, "shared")], ...four, ...ended]), 100),
    "4/12 done, 0 running ETA 3m 20s",
  );
  // A board that is lost leaves three; one run that is left alone takes as long as it takes.
  const out: RunnerEvent = { type: "board_out", board: "GPU-3", why: "lost" };
  assert.equal(
    eta(live([[0, opened(4, "shared")], ...four, ...ended, [100, out]]), 100),
    "4/12 done, 0 running ETA 4m 27s",
  );
  const last = live([[0, opened(4, "shared")], ...four, ...ended, [100, begin(5, 0)]], plan.runs.slice(0, 5));
  assert.equal(eta(last, 130), "4/12 done, 1 running ETA 70s");
  // Staged, and 40 s of each are measured: 8 x 40 s one after the other.
  const gates = [1, 2, 3, 4].map((index) => [60, gate(index, "passed")] as const);
  assert.equal(
    eta(live([[0, opened(4)], ...four, ...gates, ...ended]), 100),
    "4/12 done, 0 running ETA 5m 20s",
  );
});
