import assert from "node:assert/strict";
import type { StopSignal } from "../../lib/process/inherited.ts";
import type { Outcome } from "../../lib/experiment/outcome.ts";
import type { ProcessExit } from "../../lib/process/spawn.ts";
import { type Cause, decideOutcome, type OutcomeFacts } from "../../lib/runner/decide_outcome.ts";

const OK: ProcessExit = { code: 0, signal: null };
const CODE: ProcessExit = { code: 3, signal: null };
const KILLED: ProcessExit = { code: null, signal: "SIGKILL" };
const SEGV: ProcessExit = { code: null, signal: "SIGSEGV" };

const NOTHING: OutcomeFacts = {
  spawn_failure: null,
  unremoved: null,
  cause: null,
  exit: OK,
  closing: false,
  closed_by_force: false,
  has_result: false,
  protocol_issue: null,
  issue_repeats: false,
  oom: false,
  leaked: false,
};

const ERROR: Cause = {
  kind: "error_frame",
  frame: { type: "error", error_type: "ValueError", message: "wrong", traceback: "T", retryable: true },
};
const limit = (name: "total" | "startup" | "silence" | "study"): Cause => ({
  kind: "limit",
  limit: name,
  seconds: 5,
});
const stop = (signal: StopSignal): Cause => ({ kind: "stop", signal });
const SUSPENDED: Cause = { kind: "suspended", seconds: 3 };
const NO_SERVER: Cause = {
  kind: "server_failed",
  error: { type: "server_exited", message: "ended", retryable: null },
};
const ENOENT = { errno: "ENOENT", message: "is not there" };

Deno.test("decideOutcome() names the first cause", () => {
  const table: readonly (readonly [facts: Partial<OutcomeFacts>, kind: string, type: string | null])[] = [
    // No cause of ours: the worker's own end.
    [{ has_result: true }, "completed", null],
    [{}, "protocol_error", "no_result"],
    [{ exit: CODE }, "crashed", "exit_code"],
    [{ exit: SEGV }, "crashed", "SIGSEGV"],
    [{ exit: KILLED }, "crashed", "SIGKILL"],
    [{ exit: CODE, has_result: true }, "crashed", "exit_code"],
    [{ exit: SEGV, has_result: true }, "crashed", "SIGSEGV"],
    [{ protocol_issue: "broken" }, "protocol_error", "broken_frame"],
    [{ protocol_issue: "broken", has_result: true }, "protocol_error", "broken_frame"],
    [{ protocol_issue: "broken", exit: CODE }, "crashed", "exit_code"],
    [{ protocol_issue: "broken", exit: SEGV, has_result: true }, "crashed", "SIGSEGV"],
    // The worker said so.
    [{ cause: ERROR }, "failed", "ValueError"],
    [{ cause: ERROR, exit: CODE }, "failed", "ValueError"],
    [{ cause: ERROR, exit: SEGV }, "failed", "ValueError"],
    [{ cause: ERROR, has_result: true }, "failed", "ValueError"],
    [{ cause: ERROR, protocol_issue: "broken" }, "failed", "ValueError"],
    // Its server did not come to be, or ended.
    [{ cause: NO_SERVER, exit: { code: null, signal: null } }, "failed", "server_exited"],
    [{ cause: NO_SERVER, exit: KILLED }, "failed", "server_exited"],
    // Its container may be there still.
    [{ unremoved: "docker rm: no" }, "unkillable", "unremoved_container"],
    [
      { unremoved: "docker rm: no", cause: limit("total"), exit: KILLED },
      "unkillable",
      "unremoved_container",
    ],
    // A limit passed.
    [{ cause: limit("total"), exit: KILLED }, "timed_out", "timeout_total"],
    [{ cause: limit("startup"), exit: KILLED }, "timed_out", "timeout_startup"],
    [{ cause: limit("silence"), exit: KILLED }, "timed_out", "timeout_silence"],
    [{ cause: limit("study"), exit: KILLED }, "timed_out", "timeout_study"],
    [{ cause: limit("total"), exit: KILLED, has_result: true }, "timed_out", "timeout_total"],
    // It ended by itself in the same moment.
    [{ cause: limit("total"), exit: OK, has_result: true }, "timed_out", "timeout_total"],
    [{ cause: limit("total"), exit: CODE }, "timed_out", "timeout_total"],
    // The user stopped it.
    [{ cause: stop("SIGINT"), exit: KILLED }, "interrupted", "SIGINT"],
    [{ cause: stop("SIGTERM"), exit: OK }, "interrupted", "SIGTERM"],
    [{ cause: stop("SIGHUP"), exit: CODE, has_result: true }, "interrupted", "SIGHUP"],
    // We were only closing: the exit says nothing.
    [{ closing: true, has_result: true, exit: KILLED }, "completed", null],
    [{ closing: true, has_result: true, exit: CODE }, "completed", null],
    [{ closing: true, has_result: true, exit: OK }, "completed", null],
    [
      { closing: true, has_result: true, exit: OK, protocol_issue: "broken" },
      "protocol_error",
      "broken_frame",
    ],
    [{ closing: true, has_result: true, exit: KILLED, cause: limit("total") }, "timed_out", "timeout_total"],
    [
      { closing: true, has_result: true, exit: KILLED, protocol_issue: "broken" },
      "protocol_error",
      "broken_frame",
    ],
    // It hung in its teardown.
    [{ closed_by_force: true, has_result: true, exit: KILLED }, "completed", null],
    [{ closed_by_force: true, exit: KILLED, cause: ERROR }, "failed", "ValueError"],
    [
      { closed_by_force: true, has_result: true, exit: KILLED, protocol_issue: "broken" },
      "protocol_error",
      "broken_frame",
    ],
    // It would not die, or never lived.
    [{ exit: null }, "unkillable", "unkillable"],
    [{ exit: null, cause: limit("total") }, "unkillable", "unkillable"],
    [{ exit: null, cause: ERROR, has_result: true, closing: true }, "unkillable", "unkillable"],
    [{ spawn_failure: ENOENT }, "spawn_failed", "ENOENT"],
    [{ spawn_failure: ENOENT, exit: null, cause: stop("SIGINT") }, "spawn_failed", "ENOENT"],
  ];
  for (const [facts, kind, type] of table) {
    const outcome = decideOutcome({ ...NOTHING, ...facts });
    assert.deepEqual([outcome.kind, outcome.error?.type ?? null], [kind, type], JSON.stringify(facts));
  }
});

/** Every combination of everything the outcome depends on. */
function* everyFacts(): Generator<OutcomeFacts> {
  const flags = [false, true];
  const causes: readonly (Cause | null)[] = [
    null,
    ERROR,
    limit("total"),
    limit("startup"),
    limit("silence"),
    limit("study"),
    stop("SIGINT"),
    stop("SIGTERM"),
    stop("SIGHUP"),
    stop("SIGQUIT"),
    SUSPENDED,
  ];
  for (const spawn_failure of [null, ENOENT]) {
    for (const cause of causes) {
      for (const exit of [OK, CODE, KILLED, SEGV, null]) {
        for (const closing of flags) {
          for (const has_result of flags) {
            for (const protocol_issue of [null, "broken"]) {
              for (const oom of flags) {
                for (const leaked of flags) {
                  for (const closed_by_force of flags) {
                    yield {
                      spawn_failure,
                      unremoved: null,
                      cause,
                      exit,
                      closing,
                      closed_by_force,
                      has_result,
                      protocol_issue,
                      issue_repeats: false,
                      oom,
                      leaked,
                    };
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}

/** The kind by rank of the causes, as DESIGN tells them. */
function expectedKind(facts: OutcomeFacts): Outcome["kind"] {
  const { spawn_failure, cause, exit, has_result, protocol_issue } = facts;
  const closing = facts.closing || facts.closed_by_force && has_result;
  if (spawn_failure !== null) return "spawn_failed";
  if (exit === null) return "unkillable";
  if (cause !== null) {
    const kinds = {
      error_frame: "failed",
      limit: "timed_out",
      stop: "interrupted",
      suspended: "interrupted",
      device_lost: "interrupted",
      other_worker: "failed",
      out_of_turn: "protocol_error",
      server_failed: "failed",
    } as const;
    return kinds[cause.kind];
  }
  const isClean = exit.code === 0 || closing;
  if (!isClean) return "crashed";
  return protocol_issue === null && (has_result || closing) ? "completed" : "protocol_error";
}

Deno.test("decideOutcome() keeps its promises for every combination of facts", () => {
  let count = 0;
  for (const facts of everyFacts()) {
    count += 1;
    const name = JSON.stringify(facts);
    const outcome = decideOutcome(facts);
    assert.equal(outcome.kind, expectedKind(facts), name);
    assert.equal(outcome.error === null, outcome.kind === "completed", name);
    assert.equal(outcome.exit_code, facts.exit?.code ?? null, name);
    assert.equal(outcome.signal, facts.exit?.signal ?? null, name);
    assert.equal(
      outcome.flags.includes("suspended"),
      outcome.kind === "interrupted" && facts.cause === SUSPENDED,
      name,
    );
    // Flags stand on top and never change the kind.
    assert.equal(outcome.flags.includes("leaked"), facts.leaked, name);
    assert.equal(outcome.flags.includes("closed_by_force"), facts.closed_by_force, name);
    assert.equal(
      outcome.flags.includes("result_present"),
      facts.has_result && outcome.kind !== "completed",
      name,
    );
    assert.equal(outcome.flags.includes("oom"), facts.oom && outcome.kind !== "completed", name);
    assert.equal(decideOutcome({ ...facts, leaked: !facts.leaked }).kind, outcome.kind, name);
    assert.equal(decideOutcome({ ...facts, oom: !facts.oom }).kind, outcome.kind, name);
    // Once there is a cause, exit and signal do not rename it.
    if (facts.cause !== null && facts.exit !== null) {
      assert.deepEqual(decideOutcome({ ...facts, exit: OK }).error, outcome.error, name);
    }
  }
  assert.equal(count, 2 * 11 * 5 * 64);
});

Deno.test("decideOutcome() says what happened, and what to turn", () => {
  const cases: readonly (readonly [facts: Partial<OutcomeFacts>, message: RegExp])[] = [
    [{ exit: CODE }, /exited with code 3 without a result/],
    [{ exit: SEGV, has_result: true }, /killed by SIGSEGV after sending its result/],
    [{ exit: KILLED }, /killed by SIGKILL without a result$/],
    [{ exit: KILLED, oom: true }, /SIGKILL without a result; the kernel's out-of-memory killer killed it$/],
    [
      { exit: CODE, oom: true },
      /code 3 without a result; .*out-of-memory killer killed one of its processes$/,
    ],
    [{ exit: KILLED, oom: null }, /nothing says whether it was this worker's or one of the runs beside it$/],
    [{}, /exited with code 0 but sent no result frame/],
    [{ protocol_issue: "a frame was cut off" }, /^a frame was cut off$/],
    [{ cause: limit("total") }, /longer than 5 s \(execution\.experiment_timeout_seconds\)/],
    [{ cause: limit("startup") }, /hello within 5 s \(execution\.startup_timeout_seconds\)/],
    [{ cause: limit("silence") }, /no frame for 5 s \(execution\.silence_timeout_seconds\)/],
    [{ cause: limit("study") }, /longer than 5 s \(execution\.study_timeout_seconds\)/],
    [{ cause: stop("SIGTERM") }, /stopped by SIGTERM/],
    [{ cause: SUSPENDED }, /paused for 3\.0 s .* attempt is discarded/],
    [{ exit: null }, /survived SIGKILL/],
    [{ spawn_failure: ENOENT }, /^is not there$/],
  ];
  for (const [facts, message] of cases) {
    assert.match(decideOutcome({ ...NOTHING, ...facts }).error?.message ?? "", message);
  }
  assert.deepEqual(decideOutcome({ ...NOTHING, cause: ERROR }).error, {
    type: "ValueError",
    message: "wrong",
    traceback: "T",
    retryable: true,
  });
  const bare: Cause = { kind: "error_frame", frame: { type: "error", error_type: "E", message: "" } };
  assert.deepEqual(decideOutcome({ ...NOTHING, cause: bare }).error, {
    type: "E",
    message: "",
    traceback: null,
    retryable: null,
  });
});

Deno.test("decideOutcome() says where a broken frame would come again", () => {
  const retryable = (issue_repeats: boolean): unknown =>
    decideOutcome({ ...NOTHING, protocol_issue: "broken", issue_repeats }).error?.retryable;
  assert.deepEqual([retryable(true), retryable(false)], [false, null]);
});
