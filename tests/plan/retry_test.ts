import assert from "node:assert/strict";
import { type Outcome, OUTCOME_KINDS, type OutcomeKind } from "../../lib/experiment/outcome.ts";
import { backoffSeconds, canChange, isFailure, markFlaky } from "../../lib/plan/retry.ts";
import { COMPLETED } from "../support/records.ts";

function outcomeOf(kind: OutcomeKind, type: string = kind, retryable: boolean | null = null): Outcome {
  const error = { type, message: "", traceback: null, retryable };
  return { kind, exit_code: null, signal: null, flags: [], error: kind === "completed" ? null : error };
}

Deno.test("canChange() says for every kind whether another attempt could end otherwise", () => {
  const expected: Readonly<Record<OutcomeKind, boolean>> = {
    completed: false,
    failed: false,
    crashed: true,
    timed_out: true,
    protocol_error: true,
    spawn_failed: false,
    interrupted: false,
    lost: false,
    unkillable: false,
  };
  for (const kind of OUTCOME_KINDS) assert.equal(canChange(outcomeOf(kind)), expected[kind], kind);
});

Deno.test("canChange() believes the worker that says so, and nobody else", () => {
  const cases: readonly (readonly [retryable: boolean | null, expected: boolean])[] = [
    [true, true],
    [false, false],
    [null, false],
  ];
  for (const [retryable, expected] of cases) {
    assert.equal(canChange(outcomeOf("failed", "CudaOutOfMemory", retryable)), expected);
  }
  // A stop stays a stop.
  assert.equal(canChange(outcomeOf("interrupted", "SIGINT", true)), false);
});

Deno.test("canChange() tells frames that would come again as they were from frames that were cut off", () => {
  assert.equal(canChange(outcomeOf("protocol_error", "broken_frame", false)), false);
  assert.equal(canChange(outcomeOf("protocol_error", "broken_frame", null)), true);
});

Deno.test("canChange() tells a system that is short of something from a program that cannot be started", () => {
  const passing = ["EAGAIN", "EMFILE", "ENFILE", "ENOMEM", "ETXTBSY"];
  const lasting = ["ENOENT", "EACCES", "ENOEXEC", "E2BIG", "ENOTDIR", "Error"];
  for (const errno of passing) assert.equal(canChange(outcomeOf("spawn_failed", errno)), true, errno);
  for (const errno of lasting) assert.equal(canChange(outcomeOf("spawn_failed", errno)), false, errno);
  // The same word of a worker means nothing.
  assert.equal(canChange(outcomeOf("failed", "EAGAIN")), false);
});

Deno.test("backoffSeconds() doubles up to a minute, a fifth around its plain length", () => {
  const middle = (failures: number, base: number): number => backoffSeconds(failures, base, 0.5);
  assert.deepEqual([1, 2, 3, 4, 5, 6].map((failures) => middle(failures, 1)), [1, 2, 4, 8, 16, 32]);
  assert.deepEqual([7, 8, 100, 5000].map((failures) => middle(failures, 1)), [60, 60, 60, 60]);
  assert.equal(middle(1, 60), 60);
  assert.equal(backoffSeconds(9, 60, 0.999), 60);
  assert.deepEqual([1, 2, 50].map((failures) => backoffSeconds(failures, 0, 0.9)), [0, 0, 0]);
  for (const random of [0, 0.1, 0.25, 0.5, 0.75, 0.999999]) {
    const seconds = backoffSeconds(3, 2, random);
    assert.ok(seconds >= 6.4 && seconds <= 9.6, String(seconds));
  }
  assert.equal(backoffSeconds(1, 10, 0), 8);
});

Deno.test("isFailure() counts what could have completed and did not", () => {
  const not = ["completed", "interrupted", "lost"];
  for (const kind of OUTCOME_KINDS) {
    assert.equal(isFailure({ kind, flags: [] }), !not.includes(kind), kind);
    assert.equal(isFailure({ kind, flags: ["suspended"] }), false, kind);
    assert.equal(isFailure({ kind, flags: ["leaked"] }), !not.includes(kind), kind);
  }
});

Deno.test("markFlaky() marks what completes after a failure, and changes nothing else", () => {
  assert.deepEqual(markFlaky(COMPLETED, 0), COMPLETED);
  assert.deepEqual(markFlaky(COMPLETED, 2), { ...COMPLETED, flags: ["flaky"] });
  assert.deepEqual(markFlaky({ ...COMPLETED, flags: ["leaked"] }, 1).flags, ["leaked", "flaky"]);
  for (const kind of OUTCOME_KINDS) {
    if (kind !== "completed") assert.deepEqual(markFlaky(outcomeOf(kind), 3), outcomeOf(kind));
  }
});
