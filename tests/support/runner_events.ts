/** Runner events for tests of what people and scripts get to see. */
import type { Run } from "../../lib/experiment/run.ts";
import type { AttemptFacts } from "../../lib/results/record.ts";
import type { RunnerEvent, Totals } from "../../lib/journal/runner_event.ts";
import { recordOfRun } from "./records.ts";

export function studyStarted(change: Partial<RunnerEvent & { type: "study_started" }> = {}): RunnerEvent {
  return {
    type: "study_started",
    study_dir: "/tmp/out/s_1",
    name: "s",
    study_design_hash: "0123456789abcdef",
    total: 4,
    skipped: 1,
    done_before: 0,
    ...change,
  };
}

export function runStarted(run: Run, attempt = 1): RunnerEvent {
  return { type: "run_started", run, run_id: `run-${run.index}`, attempt };
}

export function runFinished(
  run: Run,
  facts: Partial<AttemptFacts> = {},
  change: Partial<RunnerEvent & { type: "run_finished" }> = {},
): RunnerEvent & { type: "run_finished" } {
  return {
    type: "run_finished",
    run,
    record: recordOfRun(run, facts),
    result_file: `runs/run-${run.index}/result.json`,
    will_retry: false,
    ...change,
  };
}

export function studyFinished(
  change: Partial<RunnerEvent & { type: "study_finished" }> = {},
  totals: Partial<Totals> = {},
): RunnerEvent {
  return {
    type: "study_finished",
    status: "completed",
    reason: null,
    totals: { total: 4, completed: 4, failed: 0, interrupted: 0, pending: 0, ...totals },
    study_dir: "/tmp/out/s_1",
    duration_s: 75,
    ...change,
  };
}
