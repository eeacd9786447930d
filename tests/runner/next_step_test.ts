import assert from "node:assert/strict";
import type { Outcome, OutcomeFlag, OutcomeKind } from "../../lib/experiment/outcome.ts";
import { OUTCOME_KINDS } from "../../lib/experiment/outcome.ts";
import { type Halt, type HaltReason, haltText } from "../../lib/runner/halt.ts";
import { isRetried, nextStep, type Step, type StepState } from "../../lib/runner/next_step.ts";

interface Described {
  readonly type?: string;
  readonly retryable?: boolean;
  readonly flags?: readonly OutcomeFlag[];
}

function ended(kind: OutcomeKind, { type = kind, retryable, flags = [] }: Described = {}): Outcome {
  const error = { type, message: "", traceback: null, retryable: retryable ?? null };
  return { kind, exit_code: null, signal: null, flags, error: kind === "completed" ? null : error };
}

const completed = ended("completed");
const crashed = ended("crashed", { type: "SIGSEGV" });
const stopped = ended("interrupted", { type: "SIGINT" });
const suspended = ended("interrupted", { type: "suspended", flags: ["suspended"] });
const unkillable = ended("unkillable");

const SIGINT: Halt = { kind: "signal", signal: "SIGINT" };
const DRAINED: Halt = { kind: "drained" };
const LOST: Halt = { kind: "device_lost", text: "GPU 0" };
const LIMIT: Halt = { kind: "study_limit", seconds: 9 };

type Changes = Partial<StepState["rules"]> & Partial<Omit<StepState, "rules">>;

function stateOf(changes: Changes = {}): StepState {
  const { retries = 0, max_failures = null, give_up_after = null, ...rest } = changes;
  const rules = { retries, max_failures, give_up_after };
  return { rules, tries: 1, voids: 0, failed_runs: 0, group_ends: [], halt: null, ...rest };
}

const CONTINUE: Step = { kind: "continue" };
const AT_ONCE: Step = { kind: "retry", pause: "none" };
const LATER: Step = { kind: "retry", pause: "backoff" };
const halts = (reason: HaltReason): Step => ({ kind: "halt", reason });
const tooMany = (failed_runs: number): Step => halts({ kind: "max_failures", failed_runs });
const givesUp = (way: string): Step => ({ kind: "give_up", way });

/** What a study does, by what has just ended (null: nothing), and all that it depends on. */
const TABLE: readonly (readonly [what: string, changes: Changes, outcome: Outcome | null, step: Step])[] = [
  // Before a run.
  ["nothing is in the way of a run", {}, null, CONTINUE],
  ["a stop", { halt: SIGINT }, null, halts(SIGINT)],
  ["a drain", { halt: DRAINED }, null, halts(DRAINED)],
  ["a lost device", { halt: LOST }, null, halts(LOST)],
  ["the limit of the study", { halt: LIMIT }, null, halts(LIMIT)],
  ["failures of before do not end it here", { max_failures: 1, failed_runs: 5 }, null, CONTINUE],

  // After a run that completed.
  ["completed", {}, completed, CONTINUE],
  ["completed, tries left", { retries: 3 }, completed, CONTINUE],
  ["completed while a stop came: before the next run, not here", { halt: SIGINT }, completed, CONTINUE],
  ["completed while a drain came", { halt: DRAINED }, completed, CONTINUE],
  ["completed while a device went", { halt: LOST }, completed, CONTINUE],
  ["completed at the limit of the study", { halt: LIMIT }, completed, CONTINUE],
  ["completed, one failure short", { max_failures: 2, failed_runs: 1 }, completed, CONTINUE],

  // Retries.
  ["no retries", {}, crashed, CONTINUE],
  ["the first of one retry", { retries: 1 }, crashed, LATER],
  ["the last retry", { retries: 3, tries: 3 }, crashed, LATER],
  ["no retry left", { retries: 1, tries: 2 }, crashed, CONTINUE],
  ["no retry left of three", { retries: 3, tries: 4 }, crashed, CONTINUE],
  ["timed out", { retries: 1 }, ended("timed_out"), LATER],
  ["broken frames", { retries: 1 }, ended("protocol_error"), LATER],
  ["failed, nobody says that it can change", { retries: 1 }, ended("failed"), CONTINUE],
  ["failed for good", { retries: 1 }, ended("failed", { retryable: false }), CONTINUE],
  ["failed for now", { retries: 1 }, ended("failed", { retryable: true }), LATER],
  ["no such program", { retries: 1 }, ended("spawn_failed", { type: "ENOENT" }), CONTINUE],
  ["short of processes", { retries: 1 }, ended("spawn_failed", { type: "EAGAIN" }), LATER],
  ["the device is in use", { retries: 1 }, ended("spawn_failed", { type: "device_busy" }), LATER],
  ["lost", { retries: 1 }, ended("lost"), CONTINUE],
  ["interrupted by itself", { retries: 1 }, stopped, CONTINUE],

  // Void attempts are made again and cost no retry: the first one at once, the others after a pause, up to a bound.
  ["void without retries", {}, suspended, AT_ONCE],
  ["void after the last retry", { retries: 1, tries: 2 }, suspended, AT_ONCE],
  ["void with retries left", { retries: 2, tries: 1 }, suspended, AT_ONCE],
  ["void for the second time", { voids: 1 }, suspended, LATER],
  ["void for the last time but one", { voids: 8 }, suspended, LATER],
  ["void too often", { voids: 9 }, suspended, CONTINUE],
  ["void too often, retries left", { voids: 9, retries: 3 }, suspended, CONTINUE],
  ["void, but a stop came", { halt: SIGINT }, suspended, halts(SIGINT)],

  // A halt leaves the run as it is.
  ["stopped, retries left", { retries: 3, halt: SIGINT }, stopped, halts(SIGINT)],
  ["crashed as the stop came", { retries: 3, halt: SIGINT }, crashed, halts(SIGINT)],
  ["crashed in the last run before a drain", { retries: 3, halt: DRAINED }, crashed, halts(DRAINED)],
  ["its device went", { halt: LOST }, ended("interrupted", { type: "device_lost" }), halts(LOST)],
  ["at the limit of the study", { retries: 1, halt: LIMIT }, ended("timed_out"), halts(LIMIT)],

  // A worker that lives on, whatever else.
  ["unkillable", { retries: 3 }, unkillable, halts({ kind: "unkillable" })],
  ["unkillable and stopped", { halt: SIGINT }, unkillable, halts({ kind: "unkillable" })],
  ["unkillable and one too many", { max_failures: 1 }, unkillable, halts({ kind: "unkillable" })],

  // The most failures.
  ["one too many", { max_failures: 1 }, crashed, tooMany(1)],
  ["the third of three", { max_failures: 3, failed_runs: 2 }, crashed, tooMany(3)],
  ["the second of three", { max_failures: 3, failed_runs: 1 }, crashed, CONTINUE],
  ["its retries come first", { max_failures: 1, retries: 1 }, crashed, LATER],
  ["said rather than the stop", { max_failures: 1, halt: SIGINT }, crashed, tooMany(1)],
  ["a stop is no failure", { max_failures: 1, halt: SIGINT }, stopped, halts(SIGINT)],

  // Giving up on a group.
  [
    "the second of two alike",
    { give_up_after: 2, group_ends: [crashed] },
    crashed,
    givesUp("crashed (SIGSEGV)"),
  ],
  ["the first of two", { give_up_after: 2 }, crashed, CONTINUE],
  ["two alike of three", { give_up_after: 3, group_ends: [crashed] }, crashed, CONTINUE],
  ["not alike", { give_up_after: 2, group_ends: [ended("timed_out")] }, crashed, CONTINUE],
  ["one completed", { give_up_after: 2, group_ends: [completed] }, crashed, CONTINUE],
  ["this one completed", { give_up_after: 2, group_ends: [crashed] }, completed, CONTINUE],
  ["two completed alike", { give_up_after: 2, group_ends: [completed] }, completed, CONTINUE],
  ["not its first runs", { give_up_after: 2, group_ends: [completed, crashed] }, crashed, CONTINUE],
  ["its retries come first", { give_up_after: 2, group_ends: [crashed], retries: 1 }, crashed, LATER],
  ["a stop comes first", { give_up_after: 2, group_ends: [crashed], halt: SIGINT }, crashed, halts(SIGINT)],
  [
    "so do too many failures",
    { give_up_after: 2, group_ends: [crashed], max_failures: 2, failed_runs: 1 },
    crashed,
    tooMany(2),
  ],
];

for (const [what, changes, outcome, step] of TABLE) {
  const kind = outcome === null ? "before a run" : `after ${outcome.kind}`;
  Deno.test(`nextStep() ${kind}: ${what}`, () => {
    assert.deepEqual(nextStep(stateOf(changes), outcome), step);
  });
}

Deno.test("nextStep() never makes another attempt where something keeps the study from going on", () => {
  for (const halt of [SIGINT, DRAINED, LOST, LIMIT]) {
    for (const kind of OUTCOME_KINDS) {
      for (const flags of [[], ["suspended"]] as const) {
        const step = nextStep(stateOf({ retries: 9, halt }), ended(kind, { flags, retryable: true }));
        assert.notEqual(step.kind, "retry", `${kind} ${flags} ${halt.kind}`);
        assert.equal(step.kind === "halt", kind !== "completed", `${kind} ${flags} ${halt.kind}`);
      }
    }
  }
});

Deno.test("isRetried() is what nextStep() says of the run alone", () => {
  for (const kind of OUTCOME_KINDS) {
    for (const tries of [1, 2, 3]) {
      const state = stateOf({ retries: 2, tries });
      const outcome = ended(kind, { retryable: true });
      assert.equal(isRetried(state, outcome), nextStep(state, outcome).kind === "retry", `${kind} ${tries}`);
    }
  }
});

Deno.test("haltText() names every reason as the user knows it", () => {
  const cases: readonly (readonly [reason: HaltReason, text: string])[] = [
    [SIGINT, "stopped by SIGINT"],
    [DRAINED, "stopped by SIGUSR2 after the current run"],
    [LOST, "a device was lost: GPU 0"],
    [LIMIT, "the study took longer than 9 s"],
    [{ kind: "unkillable" }, "a worker cannot be killed; its devices are quarantined"],
    [{ kind: "max_failures", failed_runs: 2 }, "2 runs failed (execution.max_failures is 2)"],
  ];
  for (const [reason, text] of cases) assert.equal(haltText(reason, { max_failures: 2 }), text);
});
