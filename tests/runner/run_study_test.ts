import assert from "node:assert/strict";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import type { OutcomeKind } from "../../lib/experiment/outcome.ts";
import { runKey } from "../../lib/experiment/run.ts";
import { foldJournal, JournalFold } from "../../lib/journal/fold.ts";
import { parseJournal } from "../../lib/journal/journal.ts";
import { makeManifest } from "../../lib/journal/manifest.ts";
import type { RunnerEvent } from "../../lib/journal/runner_event.ts";
import { StopSwitch } from "../../lib/process/stop.ts";
import { Suspension } from "../../lib/process/suspension.ts";
import { type Disk, realDisk } from "../../lib/storage/disk.ts";
import { SaveError } from "../../lib/storage/save_error.ts";
import { type MadeStudy, makeStudy } from "../support/attempts.ts";
import { finished, opened, stamped, started } from "../support/events.ts";
import { FailingDisk } from "../support/failing_disk.ts";
import { configOf, planOf, workerConfig } from "../support/plans.ts";
import { sampled } from "../support/sampled.ts";
import type { TempFolder } from "../support/temp_folder.ts";

/** Experiments that differ, each run by that fixture. */
const workers = (...fixtures: readonly string[]) =>
  fixtures.map((fixture, index) => workerConfig(fixture, { n: index + 1 }));

function journalOf(folder: TempFolder): ReturnType<typeof parseJournal> {
  return parseJournal(Deno.readFileSync(folder.at("journal.jsonl")));
}

/** `outcome/attempt` of every end, in order. */
function ends(study: MadeStudy): string[] {
  return study.events.flatMap((event) =>
    event.type === "run_finished" ? [`${event.record.outcome.kind}/${event.record.run.attempt}`] : []
  );
}

function finalEvent(study: MadeStudy): RunnerEvent & { type: "study_finished" } {
  const event = study.events.at(-1);
  assert.ok(event?.type === "study_finished", study.error === null ? event?.type : String(study.error));
  return event;
}

Deno.test("runStudy() tells a study in order, and its journal and manifest agree", async () => {
  const plan = planOf(workers("ok", "exit_code"), {
    gap: "experiment",
    gaps: { experiment_s: 0.01, cycle_s: 0 },
  });
  using study = await makeStudy(plan);
  assert.equal(study.error, null);
  const types = study.events.map(({ type }) => type).filter((type) =>
    type !== "run_phase" && type !== "run_progress"
  );
  assert.deepEqual(types, [
    "study_started",
    "run_started",
    "run_finished",
    "gap_started",
    "run_started",
    "run_finished",
    "study_finished",
  ]);
  assert.deepEqual(ends(study), ["completed/1", "crashed/1"]);
  const totals = { total: 2, completed: 1, failed: 1, interrupted: 0, pending: 0 };
  assert.deepEqual(study.end, { status: "failed", totals, cut: null });
  assert.deepEqual(finalEvent(study).totals, totals);
  const { events, torn_bytes } = journalOf(study.folder);
  assert.equal(torn_bytes, 0);
  assert.deepEqual(events.map(({ type }) => type), [
    "study_started",
    "run_starting",
    "run_started",
    "run_finished",
    "run_starting",
    "run_started",
    "run_finished",
    "study_finished",
  ]);
  const manifest = JSON.parse(study.folder.read("manifest.json"));
  assert.deepEqual(manifest, makeManifest(plan, foldJournal(events)));
  for (const { result_file } of manifest.experiments) assert.ok(study.folder.isFile(result_file ?? "none"));
});

Deno.test("runStudy() passes phases and progress of the worker on", async () => {
  using study = await makeStudy(planOf(workers("ok")));
  const told = study.events.flatMap((event) => {
    if (event.type === "run_phase") return [`phase ${event.phase}`];
    return event.type === "run_progress" ? [`${event.done}/${event.total} ${event.unit}`] : [];
  });
  assert.deepEqual(told, ["phase load", "phase null", "phase measure", "1/2 requests", "phase null"]);
});

Deno.test("runStudy() writes the result before the journal, and the journal before the manifest", async () => {
  const disk = new FailingDisk();
  let base = "";
  /** What the journal points at must be there, whole, before the line is. */
  disk.onWrite = (what, path) => {
    if (!what.startsWith("append") || !path.endsWith("journal.jsonl")) return;
    const results = [...Deno.readDirSync(`${base}/runs`)].map(({ name }) =>
      `${base}/runs/${name}/result.json`
    );
    seen.push(
      results.filter((file) => {
        try {
          return JSON.parse(Deno.readTextFileSync(file)).schema === "llem.result/1";
        } catch {
          return false;
        }
      }).length,
    );
  };
  const seen: number[] = [];
  using study = await makeStudy(planOf(workers("ok", "no_result")), {
    disk,
    prepare: (folder) => {
      base = folder.path;
    },
  });
  assert.equal(study.error, null);
  // Study begins, run 1 begins (two lines) and ends, run 2 begins and ends, study ends.
  assert.deepEqual(seen, [0, 0, 0, 1, 1, 1, 2, 2]);
  const steps = disk.done.filter((step) => !step.includes("requests.jsonl"));
  const [first, second] = study.folder.names("runs");
  const withoutManifest = steps.filter((step) => step !== "replace manifest.json");
  assert.deepEqual(withoutManifest, [
    "open journal.jsonl",
    `syncFolder ${basename(study.folder.path)}`,
    "append+sync journal.jsonl",
    `createFolder ${first}`,
    // The two lines of an attempt's start are written and not synced.
    "append journal.jsonl",
    "append journal.jsonl",
    "replace result.json",
    "syncFolder runs",
    "append+sync journal.jsonl",
    `createFolder ${second}`,
    // The two lines of an attempt's start are written and not synced.
    "append journal.jsonl",
    "append journal.jsonl",
    "replace result.json",
    "syncFolder runs",
    "append+sync journal.jsonl",
    "append+sync journal.jsonl",
  ]);
  // A manifest always follows the line that it shows.
  assert.equal(steps.at(-1), "replace manifest.json");
  assert.ok(steps.indexOf("replace manifest.json") > steps.indexOf("append+sync journal.jsonl"));
});

Deno.test("runStudy() whose every write fails in turn stops with SaveError, no worker alive and nothing contradictory", async () => {
  const configs = workers("ok", "ok");
  const whole = new FailingDisk();
  using study = await makeStudy(planOf(configs), { disk: whole });
  assert.equal(study.error, null);
  const writes = whole.done.length;
  assert.ok(writes > 15);
  const all = Array.from({ length: writes }, (_, index) => index + 1);
  const tried = sampled("writes of a study fail", all, 10);
  let stopped = 0;
  for (const failAt of tried) {
    const disk = new FailingDisk(failAt);
    using failed = await makeStudy(planOf(configs), { disk });
    const step = `${failAt}: ${disk.done[failAt - 1]}`;
    assert.deepEqual(failed.left, [], step);
    if (disk.done[failAt - 1] === "replace manifest.json") {
      // The manifest can be made again; the study goes on and says so once.
      assert.equal(failed.error, null, step);
      assert.equal(failed.events.filter(({ type }) => type === "warning").length, 1, step);
      assert.equal(failed.end?.status, "completed", step);
      continue;
    }
    stopped += 1;
    assert.ok(failed.error instanceof SaveError, `${step}: ${failed.error}`);
    assert.match(failed.error.message, /no space left on the device/, step);
    assert.notEqual(failed.events.at(-1)?.type, "study_finished", step);
    if (failAt === 1) continue;
    // Whatever the journal points at is there.
    for (const event of journalOf(failed.folder).events) {
      if (event.type !== "run_finished") continue;
      assert.ok(event.result_file !== null && failed.folder.isFile(event.result_file), step);
    }
    // And what was announced as finished is in the journal.
    const announced = failed.events.filter(({ type }) => type === "run_finished").length;
    const written = journalOf(failed.folder).events.filter(({ type }) => type === "run_finished").length;
    assert.ok(announced <= written, step);
  }
  assert.ok(stopped > tried.length * 0.6);
});

Deno.test("runStudy() warns once where the manifest can never be written", async () => {
  const disk: Disk = {
    ...realDisk,
    replace: (path, bytes) => {
      if (path.endsWith("manifest.json")) throw new Error("read-only");
      realDisk.replace(path, bytes);
    },
  };
  using study = await makeStudy(planOf(workers("ok", "no_result", "ok")), { disk });
  assert.equal(study.end?.status, "failed");
  const warnings = study.events.flatMap((event) =>
    event.type === "warning" ? [`${event.code}: ${event.text}`] : []
  );
  assert.deepEqual(warnings, ["manifest: manifest.json could not be written: read-only"]);
});

Deno.test("runStudy() tries again what another attempt can change, and nothing else", async () => {
  const cases: readonly (readonly [fixture: string, retries: number, ends: readonly string[]])[] = [
    ["fails_once", 0, ["crashed/1"]],
    ["fails_once", 1, ["crashed/1", "completed/2"]],
    ["fails_once", 5, ["crashed/1", "completed/2"]],
    ["exit_code", 2, ["crashed/1", "crashed/2", "crashed/3"]],
    ["no_result", 1, ["protocol_error/1", "protocol_error/2"]],
    // The worker says that it makes no sense.
    ["error_frame", 3, ["failed/1"]],
    ["ok", 3, ["completed/1"]],
  ];
  for (const [fixture, retries, expected] of cases) {
    const execution = { retries, retry_backoff_seconds: 0 };
    using study = await makeStudy(planOf(workers(fixture), { execution }));
    assert.deepEqual(ends(study), expected, fixture);
    const retried = study.events.flatMap((event) => event.type === "run_finished" ? [event.will_retry] : []);
    assert.deepEqual(retried, expected.map((_, index) => index < expected.length - 1), fixture);
    // Each attempt keeps its own folder and its own line.
    const names = study.folder.names("runs");
    assert.equal(names.length, expected.length);
    assert.ok(names.slice(1).every((name, index) => name.endsWith(`_a${index + 2}`)));
    const { totals } = finalEvent(study);
    assert.equal(totals.completed + totals.failed, 1, fixture);
    assert.equal(
      journalOf(study.folder).events.filter(({ type }) => type === "run_finished").length,
      expected.length,
    );
  }
});

Deno.test("runStudy() tries a timed out run again, and a retryable failure, but not a program that is missing", async () => {
  const execution = { retries: 1, experiment_timeout_seconds: 0.1 };
  using slow = await makeStudy(planOf(workers("no_hello"), { execution }));
  assert.deepEqual(ends(slow), ["timed_out/1", "timed_out/2"]);
  const missing = configOf({ command: { argv: ["/no/such/worker"] } });
  using none = await makeStudy(planOf([missing], { execution: { retries: 3 } }));
  assert.deepEqual(ends(none), ["spawn_failed/1"]);
  using folder = await makeStudy(
    planOf([configOf({ command: { argv: ["./worker.sh"] } })], { execution: { retries: 1 } }),
    {
      prepare: (place) => {
        place.write(
          "worker.sh",
          `#!/bin/sh
          . "$WORKERS/_frames.sh"
          frame '"type":"error","error_type":"Busy","message":"later","retryable":true'
          `,
        );
      },
      launch: ({ base_dir }) => ({
        spec: {
          program: `${base_dir}/worker.sh`,
          args: [],
          cwd: base_dir,
          env: {
            PATH: "/usr/bin:/bin",
            WORKERS: fileURLToPath(new URL("../fixtures/workers", import.meta.url)),
          },
        },
      }),
    },
  );
  assert.deepEqual(ends(folder), ["failed/1", "failed/2"]);
});

Deno.test("runStudy() stops after so many failures, and says why", async () => {
  const plan = planOf(workers("exit_code", "ok", "no_result", "ok"), { execution: { max_failures: 2 } });
  using study = await makeStudy(plan);
  assert.deepEqual(ends(study), ["crashed/1", "completed/1", "protocol_error/1"]);
  const { status, reason, totals } = finalEvent(study);
  assert.equal(status, "failed");
  assert.equal(reason, "2 runs failed (execution.max_failures is 2)");
  assert.deepEqual(totals, { total: 4, completed: 1, failed: 2, interrupted: 0, pending: 1 });
});

Deno.test("runStudy() counts a retried run as one failure", async () => {
  const plan = planOf(workers("exit_code", "ok"), {
    execution: { max_failures: 2, retries: 3, retry_backoff_seconds: 0 },
  });
  using study = await makeStudy(plan);
  assert.deepEqual(ends(study), ["crashed/1", "crashed/2", "crashed/3", "crashed/4", "completed/1"]);
});

/** Asks to stop when an event of that type comes. */
function stopOn(type: RunnerEvent["type"]): { stop: StopSwitch; onEvent: (event: RunnerEvent) => void } {
  const stop = new StopSwitch();
  return {
    stop,
    onEvent: (event) => {
      if (event.type === type && stop.requested === null) stop.request("SIGINT");
    },
  };
}

Deno.test("runStudy() waits before another attempt, says for how long, and calls what then completes flaky", async () => {
  const plan = planOf(workers("fails_once", "ok"), { execution: { retries: 2, retry_backoff_seconds: 0.2 } });
  using study = await makeStudy(plan);
  assert.deepEqual(ends(study), ["crashed/1", "completed/2", "completed/1"]);
  const [wait, ...others] = study.events.filter((event) => event.type === "retry_waiting");
  assert.deepEqual(others, []);
  assert.deepEqual([wait?.run.index, wait?.attempt], [1, 2]);
  assert.ok(wait !== undefined && wait.seconds >= 0.16 && wait.seconds <= 0.24);
  const flags = study.events.flatMap((event) =>
    event.type === "run_finished" ? [event.record.outcome.flags] : []
  );
  assert.deepEqual(flags, [[], ["flaky"], []]);
  const lines = journalOf(study.folder).events.filter((event) => event.type === "run_finished");
  assert.deepEqual(lines.map(({ flags, will_retry }) => [flags, will_retry]), [
    [[], true],
    [["flaky"], false],
    [[], false],
  ]);
  assert.equal(study.end?.status, "completed");
});

Deno.test("runStudy() calls flaky what failed in an earlier session, not what was stopped or lost in one", async () => {
  const cases: readonly (readonly [kinds: readonly OutcomeKind[], flags: readonly string[]])[] = [
    [["crashed"], ["flaky"]],
    [["timed_out", "interrupted"], ["flaky"]],
    [["interrupted", "lost"], []],
    [[], []],
  ];
  for (const [kinds, flags] of cases) {
    const plan = planOf(workers("ok"));
    const [run] = plan.runs;
    assert.ok(run !== undefined);
    const fold = new JournalFold();
    const history = kinds.flatMap((kind, index) => [started(run, index + 1), finished(run, kind, index + 1)]);
    for (const event of stamped([opened(plan), ...history])) fold.apply(event);
    using study = await makeStudy(plan, { fold });
    const [end] = study.events.filter((event) => event.type === "run_finished");
    assert.deepEqual(end?.record.outcome.flags, flags, kinds.join());
  }
});

Deno.test("runStudy() ends a wait before another attempt when the user stops; that attempt stays due", async () => {
  const execution = { retries: 3, retry_backoff_seconds: 60 };
  using study = await makeStudy(planOf(workers("exit_code"), { execution }), stopOn("retry_waiting"));
  assert.deepEqual(ends(study), ["crashed/1"]);
  assert.deepEqual([study.end?.status, finalEvent(study).reason], ["interrupted", "stopped by SIGINT"]);
  const line = journalOf(study.folder).events.find((event) => event.type === "run_finished");
  assert.equal(line?.will_retry, true);
});

Deno.test("runStudy() ends a wait before another attempt at the limit of the study", async () => {
  const execution = { retries: 3, retry_backoff_seconds: 60, study_timeout_seconds: 1 };
  using study = await makeStudy(planOf(workers("exit_code", "ok"), { execution }));
  assert.deepEqual(ends(study), ["crashed/1"]);
  assert.equal(finalEvent(study).reason, "the study took longer than 1 s");
  assert.equal(finalEvent(study).totals.pending, 1);
});

Deno.test("runStudy() counts failures of this session only: a resume may fail as often again", async () => {
  const plan = planOf(workers("ok", "exit_code", "exit_code", "ok", "ok"), {
    execution: { max_failures: 2 },
  });
  const [first] = plan.runs;
  assert.ok(first !== undefined);
  const fold = new JournalFold();
  for (const event of stamped([opened(plan), started(first), finished(first, "crashed")])) fold.apply(event);
  using study = await makeStudy(plan, { fold, todo: plan.runs.slice(1) });
  assert.deepEqual(ends(study), ["crashed/1", "crashed/1"]);
  assert.equal(finalEvent(study).reason, "2 runs failed (execution.max_failures is 2)");
});

Deno.test("runStudy() gives up on a backend and model whose first runs fail alike, and makes the others", async () => {
  const bad = ["exit_code", "exit_code", "ok", "ok"].map((name, n) =>
    workerConfig(name, { n: n + 1, model: "bad" })
  );
  const good = workerConfig("ok", { model: "good" });
  const [one, two, three, four] = bad;
  assert.ok(one !== undefined && two !== undefined && three !== undefined && four !== undefined);
  const plan = planOf([one, two, three, good, four], { execution: { give_up_after: 2 } });
  using study = await makeStudy(plan);
  assert.deepEqual(ends(study), ["crashed/1", "crashed/1", "completed/1"]);
  const warnings = study.events.flatMap((event) =>
    event.type === "warning" ? [[event.code, event.text]] : []
  );
  assert.deepEqual(warnings, [[
    "gave_up",
    "Giving up on command bad: its first 2 runs all had the same outcome, crashed (exit_code). " +
    "Skipping its other 2 (execution.give_up_after is 2).",
  ]]);
  const { status, reason, totals } = finalEvent(study);
  assert.deepEqual([status, reason], ["failed", "2 runs skipped (execution.give_up_after is 2)"]);
  assert.deepEqual(totals, { total: 5, completed: 1, failed: 2, interrupted: 0, pending: 2 });
});

Deno.test("runStudy() goes on with a group that did not fail alike", async () => {
  const plan = planOf(workers("exit_code", "no_result", "exit_code", "ok"), {
    execution: { give_up_after: 2 },
  });
  using study = await makeStudy(plan);
  assert.deepEqual(ends(study), ["crashed/1", "protocol_error/1", "crashed/1", "completed/1"]);
  assert.equal(finalEvent(study).reason, null);
  assert.ok(study.events.every(({ type }) => type !== "warning"));
});

Deno.test("runStudy() leaves a gap at once when the user stops", async () => {
  const plan = planOf(workers("ok", "ok"), { gap: "cycle", gaps: { experiment_s: 1e6, cycle_s: 1e6 } });
  using study = await makeStudy(plan, stopOn("gap_started"));
  assert.deepEqual(ends(study), ["completed/1"]);
  const { status, reason, totals } = finalEvent(study);
  assert.deepEqual([status, reason], ["interrupted", "stopped by SIGINT"]);
  assert.deepEqual([totals.completed, totals.pending], [1, 1]);
  assert.deepEqual(study.end?.cut, { kind: "signal", signal: "SIGINT" });
  const gap = study.events.find((event) => event.type === "gap_started");
  assert.deepEqual([gap?.kind, gap?.seconds, gap?.run.index], ["cycle", 1e6, 2]);
});

Deno.test("runStudy() makes no gap where none is due, and none before the first run", async () => {
  const plan = planOf(workers("no_result", "no_result"), { gaps: { experiment_s: 1e6, cycle_s: 1e6 } });
  using study = await makeStudy(plan);
  assert.ok(study.events.every(({ type }) => type !== "gap_started"));
  const resumed = planOf(workers("no_result", "no_result"), {
    gap: "experiment",
    gaps: { experiment_s: 1e6, cycle_s: 1e6 },
  });
  using rest = await makeStudy(resumed, { todo: resumed.runs.slice(1) });
  assert.deepEqual(ends(rest), ["protocol_error/1"]);
  assert.ok(rest.events.every(({ type }) => type !== "gap_started"));
});

Deno.test("runStudy() interrupts the run that is under way, and makes no other", async () => {
  const plan = planOf(workers("polite", "ok"), { execution: { retries: 2, grace_seconds: 30 } });
  const stop = new StopSwitch();
  // The worker has said hello when this appears.
  using study = await makeStudy(plan, {
    stop,
    onEvent: (event) => {
      if (event.type === "run_started") setTimeout(() => stop.request("SIGTERM"), 100);
    },
  });
  assert.deepEqual(ends(study), ["interrupted/1"]);
  assert.deepEqual(study.end?.totals, { total: 2, completed: 0, failed: 0, interrupted: 1, pending: 1 });
  assert.deepEqual([study.end?.status, study.end?.cut], ["interrupted", {
    kind: "signal",
    signal: "SIGTERM",
  }]);
  const last = journalOf(study.folder).events.at(-1);
  assert.ok(last?.type === "study_finished" && last.status === "interrupted");
});

/** Asks to stop once that run has completed. */
function stopAfter(index: number): { stop: StopSwitch; onEvent: (event: RunnerEvent) => void } {
  const stop = new StopSwitch();
  const onEvent = (event: RunnerEvent): void => {
    if (event.type === "run_finished" && event.run.index === index) stop.request("SIGINT");
  };
  return { stop, onEvent };
}

Deno.test("runStudy() begins no run after one that completed while the user asked to stop", async () => {
  using study = await makeStudy(planOf(workers("no_result", "ok", "ok")), stopAfter(2));
  assert.deepEqual(ends(study), ["protocol_error/1", "completed/1"]);
  assert.deepEqual([study.end?.status, finalEvent(study).reason], ["interrupted", "stopped by SIGINT"]);
});

Deno.test("runStudy() cut nothing short where the last run completed as the user asked to stop", async () => {
  using all = await makeStudy(planOf(workers("ok", "ok")), stopAfter(2));
  assert.deepEqual([all.end?.status, finalEvent(all).reason], ["completed", null]);
  // A last run that failed might have been tried again.
  using failed = await makeStudy(planOf(workers("ok", "no_result")), stopAfter(2));
  assert.deepEqual([failed.end?.status, finalEvent(failed).reason], ["interrupted", "stopped by SIGINT"]);
});

Deno.test("runStudy() makes a void attempt again at once, and it costs no retry", async () => {
  using suspension = new Suspension();
  const plan = planOf(workers("waits_then_fails"), { execution: { retries: 1, retry_backoff_seconds: 0 } });
  let pauses = 0;
  using study = await makeStudy(plan, {
    suspension,
    onEvent: (event) => {
      if (event.type !== "run_phase" || pauses === 2) return;
      pauses += 1;
      suspension.pause(() => Promise.resolve());
    },
  });
  assert.deepEqual(ends(study), ["interrupted/1", "interrupted/2", "crashed/3", "crashed/4"]);
  const lines = study.events.flatMap((event) =>
    event.type === "run_finished" ? [[event.will_retry, event.record.outcome.flags.join()]] : []
  );
  assert.deepEqual(lines, [[true, "suspended"], [true, "suspended"], [true, ""], [false, ""]]);
});

Deno.test("runStudy() leaves a run alone that is made void again and again, and goes on with the next one", async () => {
  using suspension = new Suspension();
  const execution = { retry_backoff_seconds: 0.002 };
  let run = 0;
  using study = await makeStudy(planOf(workers("waits", "ok"), { execution }), {
    suspension,
    onEvent: (event) => {
      if (event.type === "run_started") run = event.run.index;
      if (event.type === "run_phase" && run === 1) suspension.pause(() => Promise.resolve());
    },
  });
  const voids = Array.from({ length: 10 }, (_, index) => `interrupted/${index + 1}`);
  assert.deepEqual(ends(study), [...voids, "completed/1"]);
  const pauses = study.events.flatMap((event) => event.type === "retry_waiting" ? [event.seconds] : []);
  assert.equal(pauses.length, 8);
  for (const [index, seconds] of pauses.entries()) {
    const plain = 0.002 * 2 ** index;
    assert.ok(seconds >= 0.8 * plain && seconds <= 1.2 * plain, `${seconds} s in place ${index}`);
  }
  const warnings = study.events.flatMap((event) => event.type === "warning" ? [event.text] : []);
  assert.match(warnings.join(), /Run 1 was discarded 10 times/);
  assert.equal(study.end?.status, "interrupted");
});

Deno.test("runStudy() hears a stop in the pause after a void attempt", async () => {
  using suspension = new Suspension();
  const stop = new StopSwitch();
  using study = await makeStudy(planOf(workers("waits"), { execution: { retry_backoff_seconds: 60 } }), {
    suspension,
    stop,
    onEvent: (event) => {
      if (event.type === "run_phase") suspension.pause(() => Promise.resolve());
      if (event.type === "retry_waiting") setTimeout(() => stop.request("SIGINT"), 0);
    },
  });
  assert.deepEqual(ends(study), ["interrupted/1", "interrupted/2"]);
  assert.deepEqual([study.end?.status, finalEvent(study).reason], ["interrupted", "stopped by SIGINT"]);
});

Deno.test("runStudy() makes nothing where the user has stopped before it began", async () => {
  using study = await makeStudy(planOf(workers("ok")), stopOn("study_started"));
  assert.deepEqual(ends(study), []);
  assert.equal(study.end?.status, "interrupted");
  assert.deepEqual(study.folder.names("runs"), []);
});

Deno.test("runStudy() makes no gap after a run that could not be started", async () => {
  const missing = configOf({ command: { argv: ["/no/such/worker"] } });
  const gaps = { experiment_s: 1e6, cycle_s: 1e6 };
  using study = await makeStudy(planOf([missing], { n_cycles: 3, gap: "experiment", gaps }));
  assert.deepEqual(ends(study), ["spawn_failed/1", "spawn_failed/1", "spawn_failed/1"]);
});

Deno.test("runStudy() ends at the limit of the whole study, in a run or in a gap", async () => {
  const inRun = planOf(workers("silent", "ok"), { execution: { study_timeout_seconds: 0.3, retries: 2 } });
  using study = await makeStudy(inRun);
  assert.deepEqual(ends(study), ["timed_out/1"]);
  assert.equal(finalEvent(study).reason, "the study took longer than 0.3 s");
  assert.equal(finalEvent(study).status, "failed");
  const inGap = planOf(workers("no_result", "ok"), {
    execution: { study_timeout_seconds: 1 },
    gap: "experiment",
    gaps: { experiment_s: 1e6, cycle_s: 0 },
  });
  using gap = await makeStudy(inGap);
  assert.deepEqual(ends(gap), ["protocol_error/1"]);
  assert.equal(finalEvent(gap).totals.pending, 1);
});

Deno.test("runStudy() goes on with a study: attempts count on, totals know what was done", async () => {
  const plan = planOf(workers("no_result", "ok", "ok"));
  const [one, two, three] = plan.runs;
  assert.ok(one !== undefined && two !== undefined && three !== undefined);
  const fold = new JournalFold();
  const before = [opened(plan), started(one), finished(one), started(two), finished(two, "lost")];
  for (const event of stamped(before)) fold.apply(event);
  using study = await makeStudy(plan, { fold, todo: [two, three] });
  assert.deepEqual(ends(study), ["completed/2", "completed/1"]);
  assert.deepEqual(study.end?.totals, { total: 3, completed: 3, failed: 0, interrupted: 0, pending: 0 });
  assert.equal(study.end?.status, "completed");
  const [begin] = study.events;
  assert.deepEqual(begin?.type === "study_started" && [begin.total, begin.done_before], [3, 1]);
  assert.equal(journalOf(study.folder).events[0]?.type, "study_resumed");
  assert.equal(JSON.parse(study.folder.read("manifest.json")).started_at, "2026-01-01T00:00:00.000Z");
});

Deno.test("runStudy() takes the next attempt where a crash left a folder without a line in the journal", async () => {
  const plan = planOf(workers("no_result"));
  using first = await makeStudy(plan);
  const [name = ""] = first.folder.names("runs");
  using study = await makeStudy(plan, {
    prepare: (folder) => {
      Deno.mkdirSync(folder.at("runs", name));
      folder.write(`runs/${name}/half.json`, "{");
    },
  });
  assert.deepEqual(ends(study), ["protocol_error/2"]);
  assert.deepEqual(study.folder.names("runs"), [name, `${name}_a2`]);
  assert.deepEqual(study.folder.names("runs", name), ["half.json"]);
});

Deno.test("runStudy() of nothing to do ends complete", async () => {
  using study = await makeStudy(planOf([]));
  assert.deepEqual(study.events.map(({ type }) => type), ["study_started", "study_finished"]);
  assert.equal(study.end?.status, "completed");
});

Deno.test("runStudy() writes down who the worker is before it can do anything", async () => {
  const plan = planOf(workers("surroundings"));
  using study = await makeStudy(plan);
  const line = journalOf(study.folder).events.find((event) => event.type === "run_started");
  assert.ok(line?.worker !== null && line?.worker !== undefined);
  const [name = ""] = study.folder.names("runs");
  assert.equal(line.folder, `runs/${name}`);
  const stat = study.folder.read(`runs/${name}/stat`).split(" ");
  assert.equal(Number(stat[0]), line.worker.pid);
  assert.ok(line.worker.start_ticks > 0);
  assert.equal(line.config_hash, plan.runs[0]?.config_hash);
  const assignment = JSON.parse(study.folder.read(`runs/${name}/assignment.json`));
  const { v, token, run_id, attempt, cycle, config_hash, config, devices, run_dir, base_dir } = assignment;
  assert.deepEqual([v, run_id, attempt, cycle, devices], [1, name, 1, 1, []]);
  assert.deepEqual(config, plan.runs[0]?.config);
  assert.equal(config_hash, plan.runs[0]?.config_hash);
  assert.equal(run_dir, study.folder.at("runs", name));
  assert.equal(base_dir, study.folder.path);
  assert.ok(String(token).length >= 16);
});

Deno.test("runStudy() totals add up to the plan at every moment", async () => {
  const plan = planOf(workers("ok", "exit_code", "fails_once"), { execution: { retries: 1 } });
  const sums: number[] = [];
  let folder: TempFolder | null = null;
  using study = await makeStudy(plan, {
    prepare: (place) => {
      folder = place;
    },
    onEvent: () => {
      if (folder === null || !folder.isFile("journal.jsonl")) return;
      const manifest = makeManifest(plan, foldJournal(journalOf(folder).events));
      sums.push(manifest.completed + manifest.failed + manifest.interrupted + manifest.pending);
    },
  });
  assert.equal(study.end?.status, "failed");
  assert.ok(sums.length > 6 && sums.every((sum) => sum === 3));
});

Deno.test("runStudy() keeps every run apart from every other", async () => {
  const plan = planOf(workers("no_result"), { n_cycles: 3 });
  using study = await makeStudy(plan);
  assert.equal(new Set(study.folder.names("runs")).size, 3);
  const keys = journalOf(study.folder).events.flatMap((event) =>
    event.type === "run_finished" ? [runKey(event)] : []
  );
  assert.equal(new Set(keys).size, 3);
});

Deno.test("fault 63: a run during which its inputs were replaced has failed, its measurement kept", async () => {
  let asked = 0;
  using study = await makeStudy(planOf(workers("quick", "quick", "exit_code")), {
    changeFor: () => ++asked === 2 ? "/m.gguf has changed since the study began: it no longer exists" : null,
  });
  const records = study.events.flatMap((event) => event.type === "run_finished" ? [event.record] : []);
  const told = records.map(({ outcome }) => [outcome.kind, outcome.error?.type ?? null, outcome.flags]);
  assert.deepEqual(told.slice(0, 2), [["completed", null, []], ["failed", "input_changed", [
    "result_present",
  ]]]);
  assert.match(
    records[1]?.outcome.error?.message ?? "",
    /^\/m\.gguf has changed .* --retry-failed, or start a new study$/,
  );
  assert.notEqual(records[1]?.measurement, null);
  // A run that failed anyway has its own cause.
  assert.deepEqual([asked, told[2]?.[0]], [2, "crashed"]);
});
