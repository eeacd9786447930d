import assert from "node:assert/strict";
import { OUTCOME_KINDS } from "../../lib/experiment/outcome.ts";
import { type Run, runKey } from "../../lib/experiment/run.ts";
import type { StampedEvent } from "../../lib/journal/event.ts";
import { foldJournal } from "../../lib/journal/fold.ts";
import { standingOf } from "../../lib/journal/standing.ts";
import {
  type ResumeAction,
  resumeAction,
  resumeReasons,
  runsToResume,
  type Standing,
} from "../../lib/plan/resume.ts";
import { randomHistory } from "../support/events.ts";
import { configOf, planOf } from "../support/plans.ts";
import { Random } from "../support/random.ts";

const PLAIN = { retryFailed: false };
const WITH_FAILED = { retryFailed: true };

/** docs/resume.md, row by row. */
const TABLE: Readonly<Record<Standing, readonly [plain: ResumeAction, withFailed: ResumeAction]>> = {
  pending: ["run", "run"],
  running: ["end_and_run", "end_and_run"],
  retry_due: ["run", "run"],
  completed: ["keep", "keep"],
  interrupted: ["run", "run"],
  lost: ["run", "run"],
  failed: ["keep", "run"],
  crashed: ["keep", "run"],
  timed_out: ["keep", "run"],
  protocol_error: ["keep", "run"],
  spawn_failed: ["keep", "run"],
  unkillable: ["keep", "run"],
};

Deno.test("resumeAction() is the table of docs/resume.md", () => {
  for (const [standing, expected] of Object.entries(TABLE) as [Standing, readonly ResumeAction[]][]) {
    const got = [PLAIN, WITH_FAILED].map((options) => resumeAction(standing, options));
    assert.deepEqual(got, expected, standing);
  }
  assert.equal(Object.keys(TABLE).length, OUTCOME_KINDS.length + 3);
});

Deno.test("docs/resume.md holds the table as it is", () => {
  const text = Deno.readTextFileSync(new URL("../../docs/resume.md", import.meta.url));
  const rows = text.split("\n").filter((line) => line.startsWith("| `"))
    .map((line) => line.split("|").map((cell) => cell.trim().replaceAll("`", "")).slice(1, -1))
    .filter((cells) => cells.length === 4);
  const words: Readonly<Record<ResumeAction, string>> = {
    keep: "keep",
    run: "run",
    end_and_run: "kill what is left, then run",
  };
  const told = rows.flatMap(([standings = "", , plain = "", withFailed = ""]) =>
    standings.split(", ").map((standing) => [standing, plain, withFailed])
  );
  const expected = Object.entries(TABLE).map(([standing, actions]) => [
    standing,
    ...actions.map((action) => words[action]),
  ]);
  assert.deepEqual(told.sort(), expected.sort());
});

Deno.test("runsToResume() keeps the run order and goes by identity, never by position", () => {
  const { runs } = planOf([configOf({ n: 1 }), configOf({ n: 2 })], { n_cycles: 2 });
  const completed = new Set(runs.filter((run) => run.index === 2).map(runKey));
  const standing = (run: Run): Standing => completed.has(runKey(run)) ? "completed" : "pending";
  const indices = (order: readonly Run[]): number[] =>
    runsToResume(order, standing, PLAIN).map(({ run }) => run.index);
  assert.deepEqual(indices(runs), [1, 3, 4]);
  assert.deepEqual(indices(runs.toReversed()), [4, 3, 1]);
  const moved = runs.map((run) => ({ ...run, index: run.index + 10 }));
  assert.deepEqual(indices(moved), [11, 13, 14]);
});

Deno.test("resumeReasons() counts every reason once, and none twice", () => {
  const { runs } = planOf([configOf({ n: 1 })], { n_cycles: 12 });
  const standings = Object.keys(TABLE) as Standing[];
  const resumed = runs.map((run, index) => ({ run, standing: standings[index] ?? "pending" }));
  assert.equal(resumeReasons(resumed), "2 lost, 1 interrupted, 1 to retry, 6 failed, 1 pending");
  assert.equal(resumeReasons(resumed.slice(0, 1)), "1 pending");
  assert.equal(resumeReasons([]), "");
});

/**
 * What a resume does, by a second and much simpler reading: the lines of the journal about one run, from the last one
 * backwards, one question after the other.
 */
function naiveAction(run: Run, journal: readonly StampedEvent[], retryFailed: boolean): ResumeAction {
  const own = journal.filter((event) =>
    (event.type === "run_starting" || event.type === "run_started" || event.type === "run_finished") &&
    event.config_hash === run.config_hash && event.cycle === run.cycle
  );
  const last = own[own.length - 1];
  if (last === undefined) return "run";
  if (last.type === "run_starting" || last.type === "run_started") return "end_and_run";
  if (last.type !== "run_finished") throw new Error("no line of a run");
  if (last.will_retry) return "run";
  if (last.kind === "completed") return "keep";
  if (last.kind === "interrupted" || last.kind === "lost") return "run";
  return retryFailed ? "run" : "keep";
}

Deno.test("a resume agrees with a simpler model over 2000 random journals", () => {
  const random = new Random(5);
  const plan = planOf([configOf({ n: 1 }), configOf({ n: 2 }), configOf({ n: 3 })], { n_cycles: 2 });
  const seen = new Set<string>();
  for (let round = 0; round < 2000; round++) {
    const journal = randomHistory(plan, random, random.integer(1, 30)).map((event): StampedEvent =>
      event.type === "run_finished" && event.kind !== "completed"
        ? { ...event, will_retry: random.integer(0, 4) === 0 }
        : event
    );
    // The order of the plan may be another one by now.
    const runs = random.integer(0, 1) === 0 ? plan.runs : plan.runs.toReversed();
    const { entries } = foldJournal(journal);
    for (const options of [PLAIN, WITH_FAILED]) {
      const expected = runs.map((run) => ({ run, action: naiveAction(run, journal, options.retryFailed) }));
      const resumed = runsToResume(runs, (run) => standingOf(entries.get(runKey(run))), options);
      const got = resumed.map(({ run, standing }) => ({ run, action: resumeAction(standing, options) }));
      assert.deepEqual(got, expected.filter(({ action }) => action !== "keep"), `round ${round}`);
      for (const { action } of expected) seen.add(`${action}/${options.retryFailed}`);
    }
  }
  assert.equal(seen.size, 6);
});

Deno.test("a resume of what it has made is nothing, and a resume cut off makes the rest: over random journals", () => {
  const random = new Random(6);
  const plan = planOf([configOf({ n: 1 }), configOf({ n: 2 })], { n_cycles: 2 });
  for (let round = 0; round < 300; round++) {
    const done = new Map(
      foldJournal(randomHistory(plan, random, 20)).entries.entries().map((
        [key, entry],
      ) => [key, standingOf(entry)]),
    );
    const standing = (run: Run): Standing => done.get(runKey(run)) ?? "pending";
    const resumed = runsToResume(plan.runs, standing, PLAIN).map(({ run }) => run);
    const cut = random.integer(0, resumed.length);
    for (const run of resumed.slice(0, cut)) done.set(runKey(run), random.pick(["completed", "crashed"]));
    assert.deepEqual(runsToResume(plan.runs, standing, PLAIN).map(({ run }) => run), resumed.slice(cut));
  }
});
