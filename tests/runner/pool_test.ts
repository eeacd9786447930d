/** Several runs at a time, with real workers on boards that are only names. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { ExperimentConfig } from "../../lib/experiment/config.ts";
import type { JsonObject } from "../../lib/base/json.ts";
import type { RunStarting } from "../../lib/journal/event.ts";
import { parseJournal } from "../../lib/journal/journal.ts";
import type { Plan } from "../../lib/plan/plan.ts";
import { sleep } from "../../lib/base/abort.ts";
import { Suspension } from "../../lib/process/suspension.ts";
import { Guard } from "../../lib/process/guard.ts";
import { StopSwitch } from "../../lib/process/stop.ts";
import type { ResultRecord } from "../../lib/results/record.ts";
import { launch, livingChildren, type MadeStudy, makeStudy, type StudyOptions } from "../support/attempts.ts";
import "../support/libc.ts";
import { assertInTime } from "../support/control.ts";
import { FailingDisk } from "../support/failing_disk.ts";
import { SaveError } from "../../lib/storage/save_error.ts";
import { ServerLeases } from "../../lib/servers/leases.ts";
import type { ReadySource } from "../../lib/runner/run_source.ts";
import { boardPool, Losses } from "../support/board_pool.ts";
import { configOf, type PlanDraft, planOf, workerConfig, WORKERS } from "../support/plans.ts";

const BEFORE = livingChildren();

/** An experiment that loads, waits at its gate, and is measured: seconds. */
function gated(load_s: number, measure_s: number, n = 1): ExperimentConfig {
  return configOf({ n, command: { argv: [join(WORKERS, "gate.sh"), String(load_s), String(measure_s)] } });
}

/** A plan of so many cycles, each a chain. */
function cycles(n_cycles: number, configs: readonly ExperimentConfig[], draft: PlanDraft = {}): Plan {
  return planOf(configs, { n_cycles, ...draft });
}

function recordsOf(study: MadeStudy): ResultRecord[] {
  assert.equal(study.error, null);
  return study.events.flatMap((event) => event.type === "run_finished" ? [event.record] : []);
}

function outcomes(study: MadeStudy): string[] {
  return recordsOf(study).map(({ outcome, run }) => `${outcome.kind}/${run.attempt}`).sort();
}

function placings(study: MadeStudy): RunStarting[] {
  const { events } = parseJournal(Deno.readFileSync(study.folder.at("journal.jsonl")));
  return events.flatMap((event) => event.type === "run_starting" ? [event] : []);
}

interface Window {
  readonly begin: bigint;
  readonly end: bigint;
}

function windowsOf(records: readonly ResultRecord[], name: string): Window[] {
  return records.flatMap(({ phases }) =>
    phases.flatMap((phase) =>
      phase.name === name && phase.end_ns !== null
        ? [{ begin: BigInt(phase.begin_ns), end: BigInt(phase.end_ns) }]
        : []
    )
  ).sort((a, b) => Number(a.begin - b.begin));
}

function overlaps(windows: readonly Window[]): number {
  return windows.slice(1).filter(({ begin }, index) => begin < (windows[index]?.end ?? 0n)).length;
}

Deno.test("runStudyOnPool(): eight load at once, and one at a time is measured", async () => {
  using study = await makeStudy(cycles(8, [gated(1, 0.1)]), { pool: { boards: 8 } });
  const records = recordsOf(study);
  assert.deepEqual(study.end?.status, "completed", study.events.map(({ type }) => type).join());
  assert.equal(records.length, 8);
  assert.equal(overlaps(windowsOf(records, "measure")), 0);
  assert.ok(overlaps(windowsOf(records, "load")) >= 6);
  assert.deepEqual(placings(study).map(({ placed }) => placed?.devices.join()).sort(), [
    "b0",
    "b1",
    "b2",
    "b3",
    "b4",
    "b5",
    "b6",
    "b7",
  ]);
  for (const { run: { parallel } } of records) {
    assert.equal(parallel?.mode, "staged");
    assert.equal(parallel?.beside.length, 7);
    assert.deepEqual(parallel?.beside.map(({ measure_overlap_s }) => measure_overlap_s), Array(7).fill(0));
  }
  assertNothingLeft(study);
});

/** Experiments on chains of their own: seconds, and what follows them (takes.sh). */
function apart(...takes: readonly (readonly [seconds: number, then: string])[]): readonly ExperimentConfig[] {
  return takes.map(([seconds, then], index) =>
    configOf({ n: index + 1, command: { argv: [join(WORKERS, "takes.sh"), String(seconds), then] } })
  );
}

/** All of these need nobody's turn. */
const UNGATED = { boards: 4, mode: "shared" } as const;

function each(configs: readonly ExperimentConfig[], execution: JsonObject = {}): Plan {
  return planOf(configs, { execution: { pair_by: ["n"], ...execution } });
}

/** Nothing but what was there before. */
function assertNothingLeft(study: MadeStudy): void {
  assert.deepEqual(study.left.filter((pid) => !BEFORE.includes(pid)), []);
}

function reasonOf(study: MadeStudy): string | null {
  const event = study.events.at(-1);
  assert.ok(event?.type === "study_finished", String(study.error));
  return event.reason;
}

Deno.test("runStudyOnPool(): a worker that is measured before its gate is killed, and told why", async () => {
  using study = await makeStudy(each(apart([0, "measure"], [0, "ok"])), { pool: { boards: 2 } });
  for (const { outcome } of recordsOf(study)) {
    assert.deepEqual([outcome.kind, outcome.error?.type], ["protocol_error", "out_of_turn"]);
    assert.match(outcome.error?.message ?? "", /ready frame.*waits_for_gate/);
  }
  assertNothingLeft(study);
});

Deno.test("runStudyOnPool(): the wait at the gate counts for no limit of the run", async () => {
  const plan = cycles(4, [gated(0.1, 0.8)], {
    execution: { experiment_timeout_seconds: 2, silence_timeout_seconds: 1.2 },
  });
  using study = await makeStudy(plan, { pool: { boards: 4 } });
  assert.deepEqual(outcomes(study), Array(4).fill("completed/1"));
  const durations = recordsOf(study).map(({ timing }) => timing.duration_s);
  assert.ok(Math.max(...durations) > 2.5, durations.join());
  const waited = study.events.filter(({ type }) => type === "gate_waiting").length;
  assert.ok(waited >= 3);
  assert.equal(study.events.filter(({ type }) => type === "gate_passed").length, waited);
  for (const folder of study.folder.names("runs")) assert.ok(!study.folder.isFile(`runs/${folder}/gate`));
});

Deno.test("runStudyOnPool(): limits go on behind the gate", async () => {
  const plan = cycles(2, [gated(0.1, 30)], { execution: { experiment_timeout_seconds: 0.8 } });
  using study = await makeStudy(plan, { pool: { boards: 2 } });
  assert.deepEqual(recordsOf(study).map(({ outcome }) => outcome.error?.type), [
    "timeout_total",
    "timeout_total",
  ]);
  assertNothingLeft(study);
});

Deno.test("runStudyOnPool(): a window ends with the run that fails in it, for its neighbours as well", async () => {
  const failing = (n: number, how: string): ExperimentConfig =>
    configOf({ n, command: { argv: [join(WORKERS, "gate.sh"), "0.05", "0.1", "none", how] } });
  const plan = each([failing(1, "crash"), failing(2, "error"), failing(3, "hang"), gated(0.05, 0.2, 4)], {
    // The others take a tenth of that, but on a machine that is busy.
    experiment_timeout_seconds: 3,
  });
  using study = await makeStudy(plan, { pool: { boards: 4 } });
  assert.deepEqual(outcomes(study), ["completed/1", "crashed/1", "failed/1", "timed_out/1"]);
  for (const { run: { run_id, parallel } } of recordsOf(study)) {
    assert.ok((parallel?.beside.length ?? 0) > 0, run_id);
    // Its worker's clock has steps of 10 ms.
    for (const { measure_overlap_s } of parallel?.beside ?? []) assert.ok(measure_overlap_s <= 0.011, run_id);
  }
});

Deno.test("runStudyOnPool(): without a gate a worker runs alone, and a ready that nobody asked for says nothing", async () => {
  const alone = each([...apart([0.2, "ready"]), gated(0.1, 0.1, 2), gated(0.1, 0.1, 3)]);
  using study = await makeStudy(alone, {
    pool: {
      boards: 4,
      demandOf: ({ config }) => ({ boards: config.n === 1 ? 0 : 1, exclusive: config.n === 1 }),
    },
  });
  assert.deepEqual(outcomes(study), Array(3).fill("completed/1"));
  const [first] = recordsOf(study).filter(({ run }) => run.index === 1);
  assert.deepEqual(first?.run.parallel?.beside, []);
  assert.equal(study.events.filter(({ type }) => type === "gate_waiting").length <= 1, true);
});

Deno.test("runStudyOnPool(): with quiet nothing loads while a run is measured", async () => {
  const plan = cycles(3, [gated(0.15, 0.15), gated(0.15, 0.15, 2)]);
  using study = await makeStudy(plan, { pool: { boards: 3, quiet: true } });
  const records = recordsOf(study);
  assert.equal(records.length, 6);
  const measured = windowsOf(records, "measure");
  for (const load of windowsOf(records, "load")) {
    assert.deepEqual(measured.filter(({ begin, end }) => begin < load.end && load.begin < end), []);
  }
});

Deno.test("runStudyOnPool(): retries stay on their boards, before the rest of their chain", async () => {
  const plan = cycles(3, [workerConfig("fails_once"), workerConfig("ok", { n: 2 })], {
    execution: { retries: 1, retry_backoff_seconds: 0.1 },
  });
  using study = await makeStudy(plan, { pool: { ...UNGATED, boards: 3 } });
  assert.deepEqual(outcomes(study), [
    ...Array(3).fill("completed/1"),
    ...Array(3).fill("completed/2"),
    ...Array(3).fill("crashed/1"),
  ]);
  const byChain = Map.groupBy(placings(study), ({ placed }) => placed?.chain);
  for (const [chain, starts] of byChain) {
    assert.equal(new Set(starts.map(({ placed }) => placed?.devices.join())).size, 1, chain);
    assert.deepEqual(starts.map(({ attempt }) => attempt), [1, 2, 1], chain);
  }
  assert.equal(study.end?.status, "completed");
});

Deno.test("runStudyOnPool(): gaps lie between the runs of a chain, on its boards alone", async () => {
  const plan = cycles(2, [gated(0.05, 0.05), gated(0.05, 0.05, 2)], {
    gaps: { experiment_s: 0.5, cycle_s: 0 },
    execution: { experiment_gap_seconds: 0.5 },
  });
  using study = await makeStudy(plan, { pool: { boards: 2 } });
  for (const [chain, starts] of Map.groupBy(placings(study), ({ placed }) => placed?.chain)) {
    const [first, second] = starts.map(({ run_id }) =>
      recordsOf(study).find(({ run }) => run.run_id === run_id)?.timing
    );
    const gapMs = Date.parse(second?.started_at ?? "") - Date.parse(first?.ended_at ?? "");
    assert.ok(gapMs >= 480, `${chain}: ${gapMs} ms`);
  }
  assert.equal(study.events.filter(({ type }) => type === "gap_started").length, 2);
  assert.ok((recordsOf(study)[0]?.run.parallel?.beside.length ?? 0) > 0);
});

Deno.test("runStudyOnPool(): a lost board costs its run an attempt, and the run is made on another", async () => {
  const losses = new Losses();
  const plan = cycles(2, [gated(0.2, 0.2), gated(0.2, 0.2, 2)]);
  using study = await makeStudy(plan, {
    pool: { boards: 3, losses },
    onEvent: (event) => {
      if (event.type === "run_phase" && event.phase === "load" && event.run.index === 3) losses.lose("b0");
    },
  });
  assert.deepEqual(outcomes(study), [...Array(3).fill("completed/1"), "completed/2", "interrupted/1"].sort());
  const moved = placings(study).filter(({ placed }) => placed?.split === true);
  assert.ok(moved.length >= 1);
  assert.ok(moved.every(({ placed }) => placed?.devices.join() !== "b0"));
  const lost = recordsOf(study).find(({ outcome }) => outcome.kind === "interrupted");
  assert.equal(lost?.outcome.error?.type, "device_lost");
  assert.equal(study.end?.status, "completed");
  assert.equal(study.end?.cut, null);
});

Deno.test("runStudyOnPool(): after a halt a run whose board is lost is not made again", async () => {
  const losses = new Losses();
  let board = "";
  const plan = each(apart([0.5, "crash"], [30, "ok"]), { max_failures: 1 });
  using study = await makeStudy(plan, {
    pool: { ...UNGATED, boards: 3, losses },
    onEvent: (event) => {
      if (event.type === "run_started" && event.run.index === 2) board = event.placed?.devices[0] ?? "";
      // Its failure halts the study once it is written down.
      if (event.type === "run_finished" && event.record.run.index === 1) {
        setTimeout(() => losses.lose(board), 200);
      }
    },
  });
  assert.deepEqual(outcomes(study), ["crashed/1", "interrupted/1"]);
  const texts = study.events.flatMap((event) => event.type === "warning" ? [event.text] : []);
  assert.deepEqual(texts.filter((text) => /made again/.test(text)), []);
  assertNothingLeft(study);
});

Deno.test("runStudyOnPool(): a lost board of the machine that is not the pool's is no concern of it", async () => {
  const losses = new Losses();
  using study = await makeStudy(cycles(1, [gated(0.1, 0.1)]), {
    pool: { boards: 1, losses },
    onEvent: ({ type }) => {
      if (type === "run_started") losses.lose("b9");
    },
  });
  assert.deepEqual(outcomes(study), ["completed/1"]);
  assert.ok(study.events.every(({ type }) => type !== "board_out"));
});

Deno.test("runStudyOnPool(): a server whose chain has lost a board is ended before others have the rest", async () => {
  const losses = new Losses();
  const told: string[] = [];
  class ToldLeases extends ServerLeases {
    readonly #boards: string;
    constructor(set: readonly string[]) {
      super();
      this.#boards = set.join();
    }
    override end(): Promise<void> {
      told.push(`${this.#boards} ends`);
      return super.end();
    }
  }
  const [pair, single] = [[gated(0.1, 0.1), gated(0.1, 0.1, 2)], [gated(0.1, 0.1, 3)]];
  using study = await makeStudy(cycles(1, [...pair, ...single]), {
    pool: {
      boards: 2,
      losses,
      demandOf: ({ index }) => ({ boards: index < 3 ? 2 : 1, exclusive: false }),
      serversOf: (set) => new ToldLeases(set),
    },
    onEvent: (event) => {
      if (event.type === "run_started") told.push(`${event.placed?.devices.join()} begins`);
      if (event.type !== "run_finished") return;
      told.push("is over");
      if (event.run.index === 1) losses.lose("b0");
    },
  });
  const since = told.slice(told.indexOf("is over"));
  assert.deepEqual(since.slice(0, 3), ["is over", "b0,b1 ends", "b1 begins"], told.join());
  assert.equal(study.end?.totals.completed, 2);
});

Deno.test("runStudyOnPool(): a run that loses board after board is left, and the study says so", async () => {
  const losses = new Losses();
  let board = "";
  using study = await makeStudy(cycles(1, [gated(30, 1)]), {
    pool: { boards: 6, losses },
    onEvent: (event) => {
      if (event.type === "run_started") board = event.placed?.devices[0] ?? "";
      if (event.type === "run_phase" && event.phase === "load") losses.lose(board);
    },
  });
  assert.deepEqual(outcomes(study), ["interrupted/1", "interrupted/2", "interrupted/3", "interrupted/4"]);
  assert.match(reasonOf(study) ?? "", /1 run was not made: the devices for it were lost/);
  assert.equal(study.end?.status, "interrupted");
});

Deno.test("runStudyOnPool(): runs without boards of their shape are left with that reason", async () => {
  const losses = new Losses();
  const plan = cycles(3, [gated(0.1, 0.1)]);
  using study = await makeStudy(plan, {
    pool: { boards: 2, losses },
    onEvent: (event) => {
      if (event.type === "run_finished") { for (const board of ["b0", "b1"]) losses.lose(board); }
    },
  });
  assert.match(reasonOf(study) ?? "", /runs were not made: the devices for them were lost/);
  assertNothingLeft(study);
  const { totals } = study.end ?? {};
  assert.equal(totals?.completed, 1);
});

Deno.test("runStudyOnPool(): a stop ends all that run, each in its grace, and begins nothing", async () => {
  const stop = new StopSwitch();
  let started = 0;
  using study = await makeStudy(cycles(6, [workerConfig("polite")], { execution: { grace_seconds: 20 } }), {
    stop,
    pool: { ...UNGATED },
    onEvent: (event) => {
      if (event.type === "run_started" && ++started === 4) setTimeout(() => stop.request("SIGTERM"), 300);
    },
  });
  assert.deepEqual(outcomes(study), Array(4).fill("interrupted/1"));
  assert.deepEqual(study.end?.totals, { total: 6, completed: 0, failed: 0, interrupted: 4, pending: 2 });
  assert.deepEqual(study.end?.cut, { kind: "signal", signal: "SIGTERM" });
  assert.equal(reasonOf(study), "stopped by SIGTERM");
  assertNothingLeft(study);
});

Deno.test("runStudyOnPool(): a drain lets all that run end", async () => {
  const stop = new StopSwitch();
  let started = 0;
  using study = await makeStudy(cycles(6, [gated(0.2, 0.1)]), {
    stop,
    pool: { boards: 4 },
    onEvent: (event) => {
      if (event.type === "run_started" && ++started === 4) stop.drain();
    },
  });
  assert.deepEqual(outcomes(study), Array(4).fill("completed/1"));
  assert.deepEqual(study.end?.cut, { kind: "drained" });
  assert.equal(study.end?.totals.pending, 2);
});

Deno.test("runStudyOnPool(): with max_failures nothing more begins, and what runs ends", async () => {
  const plan = each(apart([0.1, "crash"], [0.6, "ok"], [0.6, "ok"], [0.6, "ok"], [0, "ok"]), {
    max_failures: 1,
  });
  using study = await makeStudy(plan, {
    pool: { ...UNGATED, demandOf: () => ({ boards: 1, exclusive: false }) },
  });
  assert.deepEqual(study.end?.totals, { total: 5, completed: 3, failed: 1, interrupted: 0, pending: 1 });
  assert.match(reasonOf(study) ?? "", /max_failures is 1/);
});

Deno.test("runStudyOnPool(): with max_failures a run that failed meanwhile is not begun again", async () => {
  const plan = each(apart([0, "error"], [0.5, "crash"]), {
    max_failures: 1,
    retries: 3,
    retry_backoff_seconds: 0.01,
  });
  using study = await makeStudy(plan, { pool: { ...UNGATED } });
  assert.deepEqual(outcomes(study), ["crashed/1", "failed/1"]);
  assert.equal(study.end?.totals.failed, 2);
});

Deno.test("runStudyOnPool(): a group is given up by its first runs in the order of the plan", async () => {
  const crash = (at: number): readonly [number, string] => [at, "crash"];
  const late = each(
    apart(crash(0.8), crash(0), crash(0), crash(0), crash(0), [1.2, "crash"], [1.2, "crash"]),
    {
      give_up_after: 2,
    },
  );
  using study = await makeStudy(late, { pool: { ...UNGATED, boards: 2 } });
  // Those that end before the first two have both ended are made.
  const made = recordsOf(study).length;
  assert.ok(made >= 5, `${made} made`);
  assert.match(reasonOf(study) ?? "", /skipped \(execution.give_up_after is 2\)/);
});

Deno.test("runStudyOnPool(): a disk that fails ends all that run, and is thrown", async () => {
  const disk = new FailingDisk();
  let ends = 0;
  disk.onWrite = (what, path) => {
    if (what === "replace" && path.endsWith("result.json") && ++ends === 1) {
      throw new Deno.errors.NotCapable("no");
    }
  };
  using study = await makeStudy(each(apart([0.2, "ok"], [30, "ok"], [30, "ok"])), {
    disk,
    pool: { ...UNGATED },
  });
  assert.ok(study.error instanceof SaveError, String(study.error));
  const others = study.events.flatMap((event) =>
    event.type === "run_finished" ? [event.record.outcome.kind] : []
  );
  assert.deepEqual(others, ["interrupted", "interrupted"]);
  assertNothingLeft(study);
});

Deno.test("runStudyOnPool(): one that floods and one that hangs make no other's kill late", async () => {
  const plan = each([
    workerConfig("floods_frames"),
    workerConfig("hang", { n: 2 }),
    ...apart([30, "ok"], [30, "ok"]).map((config, at) => ({ ...config, n: at + 3 })),
  ], {
    experiment_timeout_seconds: 1,
  });
  using study = await makeStudy(plan, { pool: { ...UNGATED } });
  for (const record of recordsOf(study)) {
    assert.equal(record.outcome.kind, "timed_out");
    assertInTime(record.timing.duration_s, 1, record.timing);
  }
  assertNothingLeft(study);
});

Deno.test("runStudyOnPool(): chains of added runs follow once nothing is left", async () => {
  const plan = cycles(2, [gated(0.05, 0.05)]);
  const [first, second] = plan.runs;
  assert.ok(first !== undefined && second !== undefined);
  const rest = [first, second];
  let grown = 0;
  const source: ReadySource = {
    grow: ({ entries }) => {
      if (rest.length > 0 || grown > 0) return [];
      assert.equal([...entries.values()].filter(({ status }) => status === "completed").length, 2);
      grown += 1;
      const added = [{ ...first, index: 3, cycle: 3 }, { ...first, index: 4, cycle: 4 }];
      rest.push(...added);
      return added;
    },
    next: () => rest.shift() ?? null,
    rest: () => [...rest],
  };
  using study = await makeStudy(plan, { pool: { boards: 2, source } });
  assert.deepEqual(outcomes(study), Array(4).fill("completed/1"));
  assert.deepEqual(study.end?.totals.total, 4);
});

Deno.test("runStudyOnPool(): chains go back to their boards", async () => {
  const plan = cycles(3, [gated(0.02, 0.02)]);
  const earlier = new Map([["c1", ["b2"]], ["c2", ["b0"]], ["c3", ["b1"]]]);
  using study = await makeStudy(plan, { pool: { boards: 3, earlier } });
  const found = placings(study).map(({ placed }) => [placed?.chain ?? "", placed?.devices ?? []] as const);
  assert.deepEqual(new Map(found), earlier);
});

Deno.test("runStudyOnPool(): a pause of the program makes all that run void, and all are made again", async () => {
  using suspension = new Suspension();
  let started = 0;
  using study = await makeStudy(cycles(3, [gated(0.3, 0.1)]), {
    suspension,
    pool: { boards: 3 },
    onEvent: (event) => {
      if (event.type === "run_started" && ++started === 3) {
        setTimeout(() => suspension.pause(() => sleep(100)), 200);
      }
    },
  });
  assert.deepEqual(outcomes(study), [...Array(3).fill("completed/2"), ...Array(3).fill("interrupted/1")]);
  assert.deepEqual(study.end?.status, "completed");
});

Deno.test("runStudyOnPool(): the limit of the study ends all that run", async () => {
  const plan = cycles(4, [gated(30, 1)], { execution: { study_timeout_seconds: 0.7 } });
  using study = await makeStudy(plan, { pool: { boards: 2 } });
  assert.deepEqual(recordsOf(study).map(({ outcome }) => outcome.error?.type), [
    "timeout_study",
    "timeout_study",
  ]);
  assert.equal(reasonOf(study), "the study took longer than 0.7 s");
  assert.equal(study.end?.totals.pending, 2);
  assertNothingLeft(study);
});

/** The worker of the first run is in a container that cannot be removed. */
function stuckFirst(): Pick<StudyOptions, "guard" | "launch"> {
  const container = { name: "c", image: "engine:1", image_id: "sha256:0123", program: "/bin/true" };
  const remove = (): Promise<string> => Promise.resolve("it hangs");
  return {
    guard: () => new Guard(() => {}, { program: "/bin/true", env: {} }),
    launch: (request) => ({
      ...launch(request),
      ...request.run.index === 1 ? { container: { ...container, remove } } : {},
    }),
  };
}

Deno.test("runStudyOnPool(): what cannot be killed costs its boards alone", async () => {
  const quarantined: string[] = [];
  const plan = each(apart([0.1, "ok"], [0.4, "ok"], [0.1, "ok"], [0.1, "ok"]));
  using study = await makeStudy(plan, {
    ...stuckFirst(),
    pool: { ...UNGATED, boards: 2, onQuarantine: (boards) => quarantined.push(...boards) },
  });
  assert.deepEqual(outcomes(study), [...Array(3).fill("completed/1"), "unkillable/1"]);
  assert.deepEqual(quarantined, ["b0"]);
  assert.deepEqual(study.end?.cut, { kind: "unkillable" });
  assert.deepEqual(placings(study).slice(2).map(({ placed }) => placed?.devices.join()), ["b1", "b1"]);
});

Deno.test("runStudyOnPool(): what cannot be killed and has no boards of its own ends the study", async () => {
  using study = await makeStudy(each(apart([0.1, "ok"], [0.1, "ok"])), {
    ...stuckFirst(),
    pool: { boards: 2, demandOf: () => ({ boards: 0, exclusive: true }) },
  });
  assert.deepEqual(outcomes(study), ["unkillable/1"]);
  assert.deepEqual(study.end?.cut, { kind: "unkillable" });
  assert.equal(study.end?.totals.pending, 1);
});

Deno.test("runStudyOnPool(): a feed that waits for others is asked again, and none of its chains is kept", async () => {
  const plan = cycles(2, [gated(0.05, 0.05)]);
  const chains = [...boardPool(plan, { boards: 2 }).chainsOf(plan.runs)];
  const done: string[] = [];
  let asked = 0;
  using study = await makeStudy(plan, {
    pool: {
      boards: 2,
      feed: {
        take: (roomFor) => {
          asked += 1;
          // The first time, somebody else has it.
          if (asked === 1) return { kind: "wait", ms: 20 };
          const chain = chains.shift();
          if (chain === undefined) return { kind: "none" };
          assert.equal(roomFor(chain), "now");
          return { kind: "chain", chain };
        },
        done: ({ id }) => void done.push(id),
        mayBegin: ({ cycle }) => cycle === 1,
      },
    },
  });
  assert.deepEqual(outcomes(study), ["completed/1"]);
  assert.deepEqual(done.sort(), ["c1", "c2"]);
});
