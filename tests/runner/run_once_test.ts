import { NO_INPUTS } from "../../lib/experiment/inputs.ts";
import assert from "node:assert/strict";
import type { AttemptFacts } from "../../lib/results/record.ts";
import { RunFolder } from "../../lib/results/run_folder.ts";
import { groupContainment } from "../../lib/process/containment.ts";
import { Guard, type Guarded } from "../../lib/process/guard.ts";
import type { AttemptLimits, AttemptRequest } from "../../lib/launch/attempt_request.ts";
import type { AttemptListeners } from "../../lib/runner/attempt_listeners.ts";
import type { Control, Host } from "../../lib/runner/lifetimes.ts";
import { MemoryGate } from "../../lib/metering/memory_gate.ts";
import { type Metering, unmetered } from "../../lib/metering/metering.ts";
import { runOnce } from "../../lib/runner/run_once.ts";
import { StopSwitch } from "../../lib/process/stop.ts";
import { Suspension } from "../../lib/process/suspension.ts";
import { type Disk, realDisk } from "../../lib/storage/disk.ts";
import { SaveError } from "../../lib/storage/save_error.ts";
import { launch, livingChildren } from "../support/attempts.ts";
import { block } from "../support/block.ts";
import { FailingDisk } from "../support/failing_disk.ts";
import { configOf, planOf, workerConfig } from "../support/plans.ts";
import { lives } from "../support/program.ts";
import { TempFolder } from "../support/temp_folder.ts";

/** Long enough for any of these workers, even on a busy machine. */
const LIMITS: AttemptLimits = { total_s: 30, startup_s: 20, silence_s: 20, close_s: 20, grace_s: 20 };

/** What an attempt is made with, where a test is about it. */
type Parts = Pick<Host, "launch"> & Pick<Control, "stop" | "limit"> & AttemptListeners;

interface Options {
  /** Path of the worker where it is not a fixture. */
  readonly program?: string;
  readonly limits?: Partial<AttemptLimits>;
  readonly disk?: Disk;
  readonly parts?: Partial<Parts>;
  readonly guard?: () => Guard;
  readonly suspension?: Suspension;
  readonly metering?: Metering;
}

interface Made extends Disposable {
  readonly facts: AttemptFacts;
  readonly folder: TempFolder;
  readonly log: string;
  /** Ids that the worker wrote down. */
  readonly pids: readonly number[];
  readonly events: readonly string[];
}

/** One attempt with a fixture; whatever its outcome, nothing of it may be alive afterwards. */
async function attempt(fixture: string, options: Options = {}): Promise<Made> {
  const folder = new TempFolder();
  Deno.mkdirSync(folder.at("runs"));
  const config = options.program === undefined
    ? workerConfig(fixture)
    : configOf({ command: { argv: [options.program] } });
  const [run] = planOf([config]).runs;
  assert.ok(run !== undefined);
  const events: string[] = [];
  const runFolder = new RunFolder(options.disk ?? realDisk, folder.path, "0001_x");
  const guard = options.guard?.() ?? new Guard();
  using ownSuspension = new Suspension();
  const suspension = options.suspension ?? ownSuspension;
  try {
    const request: AttemptRequest = {
      run,
      run_id: "0001_x",
      attempt: 1,
      limits: { ...LIMITS, ...options.limits },
      devices: ["0"],
      base_dir: folder.path,
      study_dir: folder.path,
      inputs: NO_INPUTS,
      folder: runFolder,
    };
    const parts: Parts = {
      launch,
      stop: new StopSwitch(),
      limit: { signal: new AbortController().signal, seconds: 1 },
      onStarting: () => {},
      onStarted: (child) => events.push(child === null ? "not started" : "started"),
      onFrame: (frame) => events.push(frame.type),
      ...options.parts,
    };
    const facts = await runOnce(
      request,
      { guard, containment: groupContainment, launch: parts.launch },
      {
        memory: new MemoryGate([], () => Promise.resolve(null)),
        metering: options.metering ?? unmetered("a test without a meter"),
      },
      { stop: parts.stop, suspension, limit: parts.limit },
      parts,
    );
    const read = (name: string): string =>
      folder.isFile(`runs/0001_x/${name}`) ? folder.read(`runs/0001_x/${name}`) : "";
    const pids = read("pids").split(/\s+/).filter((pid) => pid !== "").map(Number);
    assert.deepEqual(pids.filter(lives), [], "something of the attempt is alive");
    return {
      facts,
      folder,
      log: read("worker.log"),
      pids,
      events,
      [Symbol.dispose]: () => folder[Symbol.dispose](),
    };
  } catch (error) {
    folder[Symbol.dispose]();
    throw error;
  } finally {
    assert.deepEqual(livingChildren(guard.pid), [], "a child is alive");
    runFolder.close();
    await guard.close();
  }
}

Deno.test("runOnce() brings home everything that a good worker says", async () => {
  using made = await attempt("ok");
  const { facts, events } = made;
  assert.deepEqual(facts.outcome, { kind: "completed", exit_code: 0, signal: null, flags: [], error: null });
  assert.equal(facts.worker?.backend, "fixture");
  assert.deepEqual(facts.run.devices, ["0"]);
  assert.deepEqual([facts.measurement?.input_tokens, facts.measurement?.output_tokens], [30, 20]);
  assert.deepEqual([...facts.samples.ttft_ms.values], [5, 7]);
  assert.equal(facts.samples.itl_ms.n, 18);
  assert.deepEqual(facts.phases.map(({ name }) => name), ["load", "measure"]);
  assert.ok(facts.phases.every(({ end_ns }) => end_ns !== null));
  assert.deepEqual(facts.warnings, []);
  // The journal knows of the worker before it can have done anything.
  assert.equal(events[0], "started");
  assert.deepEqual(events.slice(1), [
    "hello",
    "phase",
    "phase",
    "phase",
    "progress",
    "request",
    "request",
    "phase",
    "result",
  ]);
  const requests = made.folder.read("runs/0001_x/requests.jsonl").trimEnd().split("\n").map((line) =>
    JSON.parse(line)
  );
  assert.deepEqual(requests.map(({ index, ttft_ms }) => [index, ttft_ms]), [[0, 5], [1, 7]]);
});

Deno.test("runOnce() has the worker guarded and written down before it is born, and until nothing of it is left", async () => {
  const steps: string[] = [];
  let tag = "";
  let group: number | null = null;
  class WatchedGuard extends Guard {
    override async add(guarded: Guarded): Promise<void> {
      assert.equal(tag || guarded.tag, guarded.tag);
      assert.deepEqual(livingChildren(this.pid).length, guarded.pgid === null ? 0 : 1);
      ({ pgid: group, tag } = guarded);
      steps.push(group === null ? "guarded by its tag" : "guarded by its group");
      await super.add(guarded);
    }

    override async remove(guarded: Pick<Guarded, "tag">): Promise<void> {
      assert.equal(guarded.tag, tag);
      assert.deepEqual(livingChildren(this.pid), []);
      if (steps.at(-1) !== "unguarded") steps.push("unguarded");
      await super.remove(guarded);
    }
  }
  using made = await attempt("daemon", {
    guard: () => new WatchedGuard(),
    parts: {
      onStarting: (marks) => steps.push(marks.tag === tag ? "starting" : "a stranger is starting"),
      onStarted: (child) => steps.push(child?.pid === group ? "started" : "a stranger started"),
      onFrame: (frame) => steps.push(frame.type),
    },
  });
  assert.equal(made.facts.outcome.kind, "completed");
  assert.deepEqual(steps, [
    "guarded by its tag",
    "starting",
    "guarded by its group",
    "started",
    "hello",
    "result",
    "unguarded",
  ]);
});

Deno.test("runOnce() times the parts of an attempt, null where one was never reached", async () => {
  using ok = await attempt("ok");
  const { startup_s, run_s, teardown_s, duration_s, started_at, ended_at } = ok.facts.timing;
  assert.ok(startup_s !== null && run_s !== null && teardown_s !== null);
  for (const part of [startup_s, run_s, teardown_s]) assert.ok(part >= 0);
  assert.ok(Math.abs(startup_s + run_s + teardown_s - duration_s) < 0.001);
  assert.ok(Date.parse(started_at) <= Date.parse(ended_at));
  using silent = await attempt("no_hello", { limits: { total_s: 0.1 } });
  assert.deepEqual(
    [silent.facts.timing.startup_s, silent.facts.timing.run_s, silent.facts.timing.teardown_s],
    [
      null,
      null,
      null,
    ],
  );
  using empty = await attempt("no_result");
  assert.ok(empty.facts.timing.run_s !== null);
  assert.equal(empty.facts.timing.teardown_s, null);
});

for (
  const [fixture, limits, type] of [
    ["no_hello", { startup_s: 0.15 }, "timeout_startup"],
    ["silent", { silence_s: 0.15 }, "timeout_silence"],
    ["hang", { total_s: 0.3 }, "timeout_total"],
    ["stopped", { total_s: 0.3 }, "timeout_total"],
    ["flood", { total_s: 0.3 }, "timeout_total"],
  ] as const
) {
  Deno.test(`runOnce() kills ${fixture} at its limit: ${type}`, async () => {
    using made = await attempt(fixture, { limits });
    const { kind, signal, error, flags } = made.facts.outcome;
    assert.deepEqual([kind, error?.type, signal], ["timed_out", type, "SIGKILL"]);
    assert.deepEqual(flags, []);
  });
}

for (
  const [what, limits] of [
    ["its own limit", { close_s: 0.2 }],
    ["the limit of the run", { total_s: 0.3 }],
  ] as const
) {
  Deno.test(`runOnce() keeps the result of a worker that then hangs, and kills it at ${what}`, async () => {
    // Neither of these is waited for any more.
    using made = await attempt("result_then_hang", { limits: { silence_s: 0.1, ...limits } });
    const { outcome, measurement, warnings, timing } = made.facts;
    assert.deepEqual([outcome.kind, outcome.error, outcome.signal], ["completed", null, "SIGKILL"]);
    assert.deepEqual(outcome.flags, ["closed_by_force"]);
    assert.equal(measurement?.output_tokens, 20);
    assert.deepEqual(warnings.map(({ code }) => code), ["closed_by_force"]);
    assert.ok(timing.teardown_s !== null && timing.teardown_s > 0.15 && timing.teardown_s < 5);
  });
}

Deno.test("runOnce() does not wait for ever for a worker that has told its error and hangs", async () => {
  using made = await attempt("error_then_hang", { limits: { close_s: 0.2 } });
  const { kind, error, flags } = made.facts.outcome;
  assert.deepEqual([kind, error?.type, flags], ["failed", "ValueError", ["closed_by_force"]]);
});

Deno.test("runOnce() counts the close limit from the first frame that hands in all", async () => {
  using folder = new TempFolder();
  const program = folder.write(
    "worker.sh",
    `#!/bin/sh
    . "$WORKERS/_frames.sh"
    hello
    result
    while :; do sleep 0.05; frame '"type":"progress","done":1,"total":2'; done
    `,
  );
  using made = await attempt("", { program, limits: { close_s: 0.3 } });
  assert.deepEqual([made.facts.outcome.kind, made.facts.outcome.flags], ["completed", ["closed_by_force"]]);
});

Deno.test("runOnce() does not call a worker closed by force that ends within its limit, or fails", async () => {
  using slow = await attempt("slow_teardown", { limits: { close_s: 10 } });
  assert.deepEqual([slow.facts.outcome.kind, slow.facts.outcome.flags], ["completed", []]);
  using dirty = await attempt("result_then_exit", { limits: { close_s: 10 } });
  assert.deepEqual([dirty.facts.outcome.kind, dirty.facts.outcome.flags], ["crashed", ["result_present"]]);
});

Deno.test("runOnce() ends the startup limit with the hello, and the silence limit with every frame", async () => {
  using folder = new TempFolder();
  // A frame every 50 ms for half a second.
  const program = folder.write(
    "worker.sh",
    `#!/bin/sh
    . "$WORKERS/_frames.sh"
    hello
    for i in 1 2 3 4 5 6 7 8 9 10; do
      sleep 0.05
      frame '"type":"progress","done":1,"total":2'
    done
    result
    `,
  );
  using made = await attempt("", { program, limits: { startup_s: 0.4, silence_s: 0.4 } });
  assert.equal(made.facts.outcome.kind, "completed");
});

Deno.test("runOnce() leaves no limit armed behind an attempt whose last frame comes after its end", async () => {
  using folder = new TempFolder();
  const program = folder.write(
    "worker.sh",
    `#!/bin/sh
    . "$WORKERS/_frames.sh"
    hello
    (sleep 0.05; result) &
    exit 0
    `,
  );
  // A timer that is left would count as a leak of this test.
  using made = await attempt("", {
    program,
    limits: { total_s: 1e6, startup_s: 1e6, silence_s: 1e6, close_s: 1e6, grace_s: 1e6 },
  });
  assert.equal(made.facts.outcome.kind, "completed");
  assert.deepEqual(made.facts.outcome.flags, []);
});

Deno.test("runOnce() flags what outlives a worker, kills it, and keeps the result", async () => {
  for (const fixture of ["daemon", "grandchild_holds_pipe"]) {
    using made = await attempt(fixture);
    assert.equal(made.facts.outcome.kind, "completed", fixture);
    assert.deepEqual(made.facts.outcome.flags, ["leaked"], fixture);
    assert.equal(made.facts.measurement?.output_tokens, 20, fixture);
    assert.equal(made.pids.length, 1, fixture);
  }
});

Deno.test("runOnce() does not flag what it killed itself", async () => {
  using made = await attempt("hang", { limits: { total_s: 0.3 } });
  assert.deepEqual(made.facts.outcome.flags, []);
  assert.equal(made.pids.length, 2);
});

Deno.test("runOnce() waits for a worker that takes its time to close", async () => {
  using slow = await attempt("slow_teardown");
  assert.equal(slow.facts.outcome.kind, "completed");
  assert.equal(slow.folder.read("runs/0001_x/closed"), "closed\n");
  using closed = await attempt("closes_pipes");
  assert.deepEqual([closed.facts.outcome.kind, closed.facts.outcome.flags], ["completed", []]);
});

Deno.test("runOnce() calls nothing leaked because its own loop stood still", async () => {
  using folder = new TempFolder();
  // Its helper keeps pipes and group for a moment longer, and writes more than a pipe holds.
  const program = folder.write(
    "worker.sh",
    `#!/bin/sh
    . "$WORKERS/_frames.sh"
    hello
    result
    (sleep 0.08; head -c 1000000 /dev/zero) &
    exit 0
    `,
  );
  for (const afterMs of [0, 60]) {
    const onStarted: AttemptListeners["onStarted"] = (child) =>
      void child?.exited.then(() => setTimeout(() => block(300), afterMs));
    using made = await attempt("", { program, parts: { onStarted } });
    const { kind, flags } = made.facts.outcome;
    assert.deepEqual([kind, flags], ["completed", []], `a stall ${afterMs} ms after its end`);
  }
});

Deno.test("runOnce() takes no worker for silent or late whose frames wait while its own loop stands still", async () => {
  using folder = new TempFolder();
  const program = folder.write(
    "worker.sh",
    `#!/bin/sh
    . "$WORKERS/_frames.sh"
    hello
    for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
      sleep 0.1
      head -c 300000 /dev/zero
      frame '"type":"progress","done":1,"total":2'
    done
    result
    `,
  );
  const stallAtHello: AttemptListeners["onFrame"] = (frame) => {
    if (frame.type === "hello") setTimeout(() => block(1100), 10);
  };
  for (const limits of [{ silence_s: 1 }, { total_s: 0.4, silence_s: null }]) {
    using made = await attempt("", { program, limits, parts: { onFrame: stallAtHello } });
    const { kind, error } = made.facts.outcome;
    assert.equal(kind, limits.total_s === undefined ? "completed" : "timed_out", error?.message);
  }
});

Deno.test("runOnce() takes what was measured for void where all of it was read only after this program was stopped", async () => {
  using suspension = new Suspension();
  const onFrame: AttemptListeners["onFrame"] = (frame) => {
    if (frame.type !== "hello") return;
    // As after SIGSTOP and SIGCONT: of the signal Deno tells a moment after the timers and the pipes.
    setTimeout(() => {
      block(1700);
      setTimeout(() => suspension.continued(), 30);
    }, 0);
  };
  using made = await attempt("ok", { suspension, parts: { onFrame } });
  const { kind, error, flags } = made.facts.outcome;
  assert.deepEqual([kind, error?.type], ["interrupted", "suspended"]);
  assert.ok(flags.includes("suspended"));
});

Deno.test("runOnce() lets a worker close that had handed in its result before a pause, which does not count", async () => {
  using suspension = new Suspension();
  const onFrame: AttemptListeners["onFrame"] = (frame) => {
    if (frame.type !== "result") return;
    // Ctrl-Z, which stops the worker as well.
    setTimeout(() => suspension.pause(() => Promise.resolve(block(1400))), 0);
  };
  const limits = { close_s: 1, total_s: 1.5 };
  using made = await attempt("slow_teardown", { suspension, limits, parts: { onFrame } });
  const { outcome, warnings } = made.facts;
  assert.deepEqual(outcome, { kind: "completed", exit_code: 0, signal: null, flags: [], error: null });
  assert.deepEqual(warnings, []);
  assert.ok(made.folder.isFile("runs/0001_x/closed"));
});

Deno.test("runOnce() takes for void what came as the machine woke, before any tick told of its sleep", async () => {
  let sleptMs = 0;
  using suspension = new Suspension({ monotonicMs: () => performance.now(), sleptMs: () => sleptMs });
  const onFrame: AttemptListeners["onFrame"] = (frame) => {
    if (frame.type === "hello") sleptMs = 5000;
  };
  using made = await attempt("slow_teardown", { suspension, parts: { onFrame } });
  const { kind, flags } = made.facts.outcome;
  assert.deepEqual([kind, flags], ["interrupted", ["suspended", "result_present"]]);
});

/** Hands in its result, and then hears no polite signal. */
const DEAF = `#!/bin/sh
. "$WORKERS/_frames.sh"
trap '' INT TERM
hello
result
printf '\\036{"token":"%s","type":"progress","done":1' "$token"
while :; do sleep 0.05; done
`;

for (
  const [what, end, text] of [
    ["its limit", () => {}, /close_timeout_seconds/],
    ["a first stop, after the grace", (stop) => stop.request("SIGINT"), /stopped by SIGINT/],
    [
      "a second stop",
      (stop) => {
        stop.request("SIGTERM");
        stop.request("SIGTERM");
      },
      /stopped by SIGTERM/,
    ],
    ["a lost device", (_stop, lose) => lose(), /board 0 fell/],
  ] as readonly (readonly [string, (stop: StopSwitch, lose: () => void) => void, RegExp])[]
) {
  Deno.test(`runOnce() says of a kill after the result that it was one: ${what}; a frame that it cut off is no fault`, async () => {
    using folder = new TempFolder();
    const program = folder.write("worker.sh", DEAF);
    const stop = new StopSwitch();
    const lost = new AbortController();
    const metering: Metering = {
      ...unmetered("a test"),
      loss: { signal: lost.signal, text: "board 0 fell off the bus" },
    };
    const onFrame: AttemptListeners["onFrame"] = (frame) => {
      // A moment later, when half of the next frame is there.
      if (frame.type === "result") setTimeout(() => end(stop, () => lost.abort()), 50);
    };
    const limits = { close_s: 0.4, grace_s: 0.1 };
    using made = await attempt("", { program, limits, metering, parts: { stop, onFrame } });
    const { outcome, warnings } = made.facts;
    assert.deepEqual([outcome.kind, outcome.signal, outcome.flags], ["completed", "SIGKILL", [
      "closed_by_force",
    ]]);
    assert.deepEqual(warnings.map(({ code }) => code), ["closed_by_force"]);
    assert.match(warnings[0]?.text ?? "", text);
  });
}

Deno.test("runOnce() keeps stdout that is no frame, and stderr, in the log", async () => {
  using made = await attempt("chatty");
  assert.equal(made.facts.outcome.kind, "completed");
  assert.equal(made.facts.measurement?.output_tokens, 20);
  assert.ok(made.log.includes("bytes left out"));
  assert.deepEqual(made.facts.log_tail, [], "the end of its log is kept only where it failed");
  using crashed = await attempt("exit_code");
  assert.match(crashed.log, /about to fail/);
  assert.deepEqual(crashed.facts.log_tail, ["about to fail"]);
});

/** A switch that is thrown when the worker has sent a frame of that type, as often as told. */
function stopAt(type: string, times = 1): Partial<Parts> {
  const stop = new StopSwitch();
  let isDone = false;
  const onFrame: AttemptListeners["onFrame"] = (frame) => {
    if (frame.type !== type || isDone) return;
    isDone = true;
    // After the frame has been taken in.
    setTimeout(() => {
      for (let count = 0; count < times; count++) stop.request("SIGTERM");
    }, 0);
  };
  return { stop, onFrame };
}

Deno.test("runOnce() hands the user's signal on and gives the worker its grace", async () => {
  using made = await attempt("polite", { parts: stopAt("hello") });
  assert.deepEqual([made.facts.outcome.kind, made.facts.outcome.error?.type], ["interrupted", "SIGTERM"]);
  assert.equal(made.facts.outcome.exit_code, 0);
  assert.equal(made.folder.read("runs/0001_x/stopped"), "stopped\n");
});

Deno.test("runOnce() kills a worker that does not use its grace", async () => {
  using made = await attempt("hang", { parts: stopAt("hello"), limits: { grace_s: 0.2 } });
  assert.deepEqual([made.facts.outcome.kind, made.facts.outcome.signal], ["interrupted", "SIGKILL"]);
});

Deno.test("runOnce() kills at once when the user asks again", async () => {
  const limits = { total_s: 20, startup_s: null, silence_s: null, close_s: 20, grace_s: 20 };
  using made = await attempt("hang", { parts: stopAt("hello", 2), limits });
  assert.deepEqual([made.facts.outcome.kind, made.facts.outcome.signal], ["interrupted", "SIGKILL"]);
  assert.ok(made.facts.timing.duration_s < 10, "it waited for the grace");
});

Deno.test("runOnce() takes nothing from a run whose result is there when the user stops it", async () => {
  using made = await attempt("result_then_hang", { parts: stopAt("result") });
  assert.equal(made.facts.outcome.kind, "completed");
  assert.equal(made.facts.measurement?.output_tokens, 20);
});

Deno.test("runOnce() hears a stop that came before the worker was there", async () => {
  const stop = new StopSwitch();
  stop.request("SIGINT");
  using made = await attempt("silent", { parts: { stop } });
  assert.deepEqual([made.facts.outcome.kind, made.facts.outcome.error?.type], ["interrupted", "SIGINT"]);
});

Deno.test("runOnce() ends with the limit of the study", async () => {
  const limit = new AbortController();
  const parts: Partial<Parts> = {
    limit: { signal: limit.signal, seconds: 7 },
    onFrame: () => limit.abort(),
  };
  using made = await attempt("silent", { parts });
  assert.equal(made.facts.outcome.error?.type, "timeout_study");
  assert.match(made.facts.outcome.error?.message ?? "", /longer than 7 s/);
  using late = await attempt("silent", {
    parts: { limit: { signal: AbortSignal.abort(), seconds: 7 } },
  });
  assert.equal(late.facts.outcome.error?.type, "timeout_study");
});

Deno.test("runOnce() tells why a worker could not be started, by launch or by the kernel", async () => {
  using refused = await attempt("", {
    parts: { launch: () => ({ failure: { errno: "EACCES", message: "no" } }) },
  });
  assert.deepEqual(refused.facts.outcome.error, {
    type: "EACCES",
    message: "no",
    traceback: null,
    retryable: null,
  });
  assert.deepEqual(refused.events, ["not started"]);
  using missing = await attempt("", { program: "/no/such/worker" });
  assert.deepEqual([missing.facts.outcome.kind, missing.facts.outcome.error?.type], [
    "spawn_failed",
    "ENOENT",
  ]);
  assert.deepEqual([missing.facts.worker, missing.facts.measurement, missing.facts.phases.length], [
    null,
    null,
    0,
  ]);
});

Deno.test("runOnce() throws what cannot be saved, with nothing left alive", async () => {
  using folder = new TempFolder();
  const program = folder.write(
    "worker.sh",
    `#!/bin/sh
    . "$WORKERS/_frames.sh"
    trap '' TERM INT HUP
    hello
    sleep 1000 &
    frame '"type":"request","index":0,"input_tokens":1,"output_tokens":1'
    frame '"type":"request","index":1,"input_tokens":1,"output_tokens":1'
    while :; do sleep 1000; done
    `,
  );
  // 1 is the run folder, 2 opens requests.jsonl, 3 and 4 are its lines.
  for (const failAt of [2, 3, 4]) {
    await assert.rejects(attempt("", { program, disk: new FailingDisk(failAt) }), SaveError);
  }
});

Deno.test("runOnce() throws what a listener throws, with nothing left alive", async () => {
  const failing = (): never => {
    throw new Error("the journal is full");
  };
  await assert.rejects(attempt("hang", { parts: { onStarting: failing } }), /the journal is full/);
  await assert.rejects(attempt("hang", { parts: { onStarted: failing } }), /the journal is full/);
  await assert.rejects(attempt("hang", { parts: { onFrame: failing } }), /the journal is full/);
});

Deno.test("runOnce() goes on where the log cannot be written, and warns once", async () => {
  using folder = new TempFolder();
  const program = folder.write(
    "worker.sh",
    `#!/bin/sh
    . "$WORKERS/_frames.sh"
    hello
    for i in 1 2 3; do echo text; done
    result
    `,
  );
  const made = attempt("", {
    program,
    disk: {
      ...realDisk,
      createFolder: (path) => {
        realDisk.createFolder(path);
        Deno.symlinkSync("/dev/full", `${path}/worker.log`);
      },
    },
  });
  using done = await made;
  assert.equal(done.facts.outcome.kind, "completed");
  assert.deepEqual(done.facts.warnings.map(({ code }) => code), ["log"]);
});

Deno.test("runOnce() goes on where the log cannot even be opened, and warns once", async () => {
  using made = await attempt("chatty", {
    disk: {
      ...realDisk,
      createFolder: (path) => {
        realDisk.createFolder(path);
        Deno.mkdirSync(`${path}/worker.log`);
      },
    },
  });
  assert.equal(made.facts.outcome.kind, "completed");
  assert.deepEqual(made.facts.warnings.map(({ code }) => code), ["log"]);
});

Deno.test("runOnce() is not hurt by what a hostile worker sends", async () => {
  using folder = new TempFolder();
  const frames: readonly (readonly [fields: string, kind: string])[] = [
    ['"type":{"toString":1}', "protocol_error"],
    [`"type":"result","own":${"[".repeat(50_000)}${"]".repeat(50_000)}`, "protocol_error"],
    ['"type":"result","own":1e999', "completed"],
    ['"type":"result","requests":1e999', "protocol_error"],
    ['"type":"result","__proto__":{"a":1}', "completed"],
  ];
  for (const [index, [fields, kind]] of frames.entries()) {
    const text = folder.write(`frame-${index}`, fields);
    const program = folder.write(
      `worker-${index}.sh`,
      `#!/bin/sh
      . "$WORKERS/_frames.sh"
      hello
      frame "$(cat '${text}')"
      `,
    );
    using made = await attempt("", { program });
    assert.equal(made.facts.outcome.kind, kind, fields.slice(0, 60));
  }
});

/** How a worker is launched that a container is told to hold; `remove` is what becomes of that. */
function inContainer(remove: () => Promise<string | null>): Pick<Options, "parts" | "guard"> {
  const container = { name: "c", image: "engine:1", image_id: "sha256:0123", remove };
  return {
    parts: { launch: (request) => ({ ...launch(request), container }) },
    guard: () => new Guard(() => {}, { program: "/bin/true", env: {} }),
  };
}

Deno.test("runOnce() says in what a worker ran, and removes that before the attempt is over", async () => {
  let removed = 0;
  const gone = (): Promise<null> => Promise.resolve(removed += 1).then(() => null);
  for (const fixture of ["ok", "hang", "exit_code"]) {
    removed = 0;
    using made = await attempt(fixture, { ...inContainer(gone), limits: { total_s: 2 } });
    assert.equal(removed, 1, fixture);
    assert.deepEqual(made.facts.runner, { type: "docker", image: "engine:1", image_id: "sha256:0123" });
  }
  using local = await attempt("ok");
  assert.deepEqual(local.facts.runner, { type: "local", image: null, image_id: null });
});

Deno.test("runOnce() takes a worker whose container cannot be removed for one that does not die", async () => {
  const stuck = (): Promise<string> => Promise.resolve("docker rm: it hangs");
  using made = await attempt("ok", inContainer(stuck));
  const { kind, error, flags } = made.facts.outcome;
  assert.deepEqual([kind, error?.type, flags], ["unkillable", "unremoved_container", ["result_present"]]);
  assert.match(error?.message ?? "", /could not be removed: docker rm: it hangs/);
});

Deno.test("runOnce() ends a worker that says that it is another llem's, and names it", async () => {
  const parts = (own: string): Pick<Options, "parts"> => ({
    parts: { launch: (request) => ({ ...launch(request), llem_version: own }) },
  });
  using folder = new TempFolder();
  const hello = '"type":"hello","backend":"fixture","versions":{"llem":"0.0.9"},"pid":1,"devices":[]';
  const program = folder.write(
    "worker.sh",
    `#!/bin/sh\n. "$WORKERS/_frames.sh"\nframe '${hello}'\nsleep 100\n`,
  );
  using other = await attempt("", { program, ...parts("0.1.0"), limits: { total_s: 20 } });
  const { kind, error } = other.facts.outcome;
  assert.deepEqual([kind, error?.type, error?.retryable], ["failed", "other_worker", false]);
  assert.match(
    error?.message ?? "",
    /worker that answered is that of llem 0\.0\.9, and this is llem 0\.1\.0/,
  );
  // One that does not say is no proof of another.
  using silent = await attempt("ok", parts("0.1.0"));
  assert.equal(silent.facts.outcome.kind, "completed");
});
