/** Records of attempts for tests: only what a test is about has to be said. */
import { NO_INPUTS } from "../../lib/experiment/inputs.ts";
import type { ExperimentConfig } from "../../lib/experiment/config.ts";
import { configHash } from "../../lib/experiment/identity.ts";
import type { Measurement, Outcome } from "../../lib/experiment/outcome.ts";
import type { Run } from "../../lib/experiment/run.ts";
import {
  type AttemptFacts,
  LOCAL_LAUNCHER,
  makeRecord,
  type ResultRecord,
} from "../../lib/results/record.ts";
import { noSamples, REQUEST_TIMES, type RequestSamples } from "../../lib/results/request_tally.ts";
import { configOf } from "./plans.ts";

export const COMPLETED: Outcome = { kind: "completed", exit_code: 0, signal: null, flags: [], error: null };

export const CRASHED: Outcome = {
  kind: "crashed",
  exit_code: 3,
  signal: null,
  flags: [],
  error: { type: "exit_code", message: "The worker exited with code 3", traceback: null, retryable: null },
};

export function samplesOf(
  values: Partial<Record<keyof RequestSamples, readonly number[]>> = {},
): RequestSamples {
  const samples = noSamples();
  for (const name of REQUEST_TIMES) samples[name].addAll(values[name] ?? []);
  return samples;
}

export function measurementOf(fields: Partial<Measurement> = {}): Measurement {
  return {
    input_tokens: null,
    output_tokens: null,
    requests: null,
    model: {},
    memory: {},
    metrics: {},
    ...fields,
  };
}

/** What a runner saw of a completed attempt of two seconds. */
export function factsOf(
  change: Partial<AttemptFacts> = {},
  config: ExperimentConfig = configOf(),
): AttemptFacts {
  return {
    run: {
      run_id: "0001_none_command_01234567_c1",
      index: 1,
      config_hash: configHash(config),
      cycle: 1,
      attempt: 1,
      devices: [],
      containment: "group",
    },
    config,
    inputs: NO_INPUTS,
    runner: LOCAL_LAUNCHER,
    outcome: COMPLETED,
    worker: null,
    measurement: null,
    samples: samplesOf(),
    phases: [],
    timing: {
      started_at: "2026-01-02T03:04:05.000Z",
      ended_at: "2026-01-02T03:04:07.000Z",
      startup_s: 0.5,
      run_s: 1,
      teardown_s: 0.5,
      duration_s: 2,
    },
    warnings: [],
    log_tail: [],
    energy: { reason: "no meter here" },
    ...change,
  };
}

export function recordOf(change: Partial<AttemptFacts> = {}, config?: ExperimentConfig): ResultRecord {
  return makeRecord(factsOf(change, config));
}

/** The record of a run of a plan. */
export function recordOfRun(run: Run, change: Partial<AttemptFacts> = {}, attempt = 1): ResultRecord {
  const { index, config_hash, cycle } = run;
  const run_id = `${String(index).padStart(4, "0")}_c${cycle}_a${attempt}`;
  return recordOf(
    { run: { run_id, index, config_hash, cycle, attempt, devices: [], containment: "group" }, ...change },
    run.config,
  );
}
