import { statusOf } from "../experiment/outcome.ts";
import { runEnergy, servedWithoutEnergy } from "../results/energy/run_energy.ts";
import { headline } from "../results/headline.ts";
import type { RunnerEvent } from "../journal/runner_event.ts";
import { hintOf } from "./explain_outcome.ts";

/** What a study without a name is called, as in lines for people and in the name of its directory. */
const UNNAMED_STUDY = "study";

/**
 * What `run --json` prints for an event, as a value; null for events that are only for people. The field names
 * are contract (DESIGN, Records).
 */
export function ndjsonRecord(
  event: RunnerEvent,
  study_dir: string | null = null,
): Record<string, unknown> | null {
  switch (event.type) {
    case "study_started": {
      const { study_dir, study_design_hash, total, skipped, done_before } = event;
      const name = event.name ?? UNNAMED_STUDY;
      const most = event.most_runs === undefined ? {} : { most_runs: event.most_runs };
      return {
        event: "study_started",
        study_dir,
        name,
        study_design_hash,
        total,
        skipped,
        done_before,
        ...most,
        ...event.open_ended === undefined ? {} : { open_ended: event.open_ended },
      };
    }
    case "run_finished": {
      const { record: { run, study, varied, outcome, config, timing, warnings }, result_file, will_retry } =
        event;
      return {
        event: "run_finished",
        study: study === undefined || study === null ? null : study.name ?? UNNAMED_STUDY,
        index: run.index,
        run_id: run.run_id,
        config_hash: run.config_hash,
        join_hash: run.join_hash ?? null,
        cycle: run.cycle,
        attempt: run.attempt,
        devices: run.devices,
        slot: run.parallel?.slot ?? null,
        beside: run.parallel?.beside.map(({ run_id }) => run_id) ?? null,
        model: config.model,
        backend: config.backend,
        varied: varied ?? {},
        status: statusOf(outcome.kind),
        outcome: outcome.kind,
        exit_code: outcome.exit_code,
        signal: outcome.signal,
        flags: outcome.flags,
        duration_s: timing.duration_s,
        error: outcome.error === null ? null : { type: outcome.error.type, message: outcome.error.message },
        hint: hintOf(event.record, study_dir),
        result_file,
        metrics: headline(event.record),
        energy: runEnergy(event.record),
        ...servedWithoutEnergy(event.record),
        slo: event.record.slo ?? null,
        warnings: warnings.map(({ code }) => code),
        will_retry,
        ...event.superseded === undefined ? {} : { superseded: event.superseded },
      };
    }
    case "study_finished": {
      const { status, reason, totals, study_dir, duration_s, verdict } = event;
      return {
        event: "study_finished",
        status,
        ...totals,
        study_dir,
        duration_s,
        reason,
        ...verdict === undefined ? {} : { verdict },
      };
    }
    case "search_step": {
      const { over, config_hash, varied, bracket } = event;
      return { event: "search_step", over, config_hash, varied, ...bracket };
    }
    case "search_finished":
      return { event: "search_finished", over: event.over, ...event.found };
    case "look":
      return { event: "look", ...event.look };
    case "warning":
      return { event: "warning", code: event.code, text: event.text };
    case "audit_taken":
      return { event: "audit", ...event.audit };
    case "audit_run":
    case "runs_added":
    case "waiting":
    case "gap_started":
    case "retry_waiting":
    case "run_started":
    case "pool_opened":
    case "board_out":
    case "gate_waiting":
    case "gate_passed":
    case "run_phase":
    case "run_progress":
      return null;
  }
}
