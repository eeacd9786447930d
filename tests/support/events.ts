/** Journal events for tests. */
import { OUTCOME_KINDS, type OutcomeKind } from "../../lib/experiment/outcome.ts";
import type { Run } from "../../lib/experiment/run.ts";
import type {
  ProcessIdentity,
  RunFinished,
  RunStarted,
  RunStarting,
  StampedEvent,
  StudyClosed,
  StudyOpened,
} from "../../lib/journal/event.ts";
import type { Plan } from "../../lib/plan/plan.ts";
import type { Random } from "./random.ts";

export const RUNNER: ProcessIdentity = { host: "host", boot_id: "boot", pid: 100, start_ticks: 5 };

export function opened(plan: Plan, type: StudyOpened["type"] = "study_started"): StudyOpened {
  return {
    type,
    study_name: plan.name,
    study_design_hash: plan.study_design_hash,
    total: plan.runs.length,
    llem_version: "0",
    runner: RUNNER,
  };
}

export function closed(status: StudyClosed["status"]): StudyClosed {
  return { type: "study_finished", status };
}

export function started(run: Run, attempt = 1): RunStarted {
  const { index, config_hash, cycle } = run;
  const run_id = `run-${index}-a${attempt}`;
  return {
    type: "run_started",
    index,
    config_hash,
    cycle,
    attempt,
    run_id,
    folder: `runs/${run_id}`,
    worker: { ...RUNNER, pid: 1000 + index },
  };
}

export function starting(run: Run, attempt = 1): RunStarting {
  const { type: _, worker: __, ...of } = started(run, attempt);
  const { host, boot_id } = RUNNER;
  const tag = `tag-${run.index}-a${attempt}`;
  return { type: "run_starting", ...of, host, boot_id, tag, cgroup: null, container: null };
}

export function finished(run: Run, kind: OutcomeKind = "completed", attempt = 1): RunFinished {
  const { index, config_hash, cycle } = run;
  const run_id = `run-${index}-a${attempt}`;
  const ok = kind === "completed";
  return {
    type: "run_finished",
    index,
    config_hash,
    cycle,
    attempt,
    run_id,
    kind,
    exit_code: ok ? 0 : null,
    signal: ok ? null : "SIGKILL",
    flags: [],
    error_type: ok ? null : kind,
    error_message: ok ? null : `it was ${kind}`,
    result_file: kind === "lost" ? null : `runs/${run_id}/result.json`,
    started_at: "2026-01-02T03:04:05.000Z",
    completed_at: "2026-01-02T03:04:06.000Z",
    duration_s: 1,
    warnings: [],
    will_retry: false,
  };
}

/** Events as they stand in a journal, a second apart. */
export function stamped(events: readonly (StampedEvent | Omit<StampedEvent, "at">)[]): StampedEvent[] {
  return events.map((event, index) =>
    ({ ...event, at: new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString() }) as StampedEvent
  );
}

/** A history that could be: sessions of a runner that dies or ends, attempts that end in every way. */
export function randomHistory(plan: Plan, random: Random, length: number): StampedEvent[] {
  const events: (StudyOpened | RunStarting | RunStarted | RunFinished | StudyClosed)[] = [opened(plan)];
  const attempts = new Map<number, number>();
  while (events.length < length) {
    const run = random.pick(plan.runs);
    const attempt = (attempts.get(run.index) ?? 0) + 1;
    switch (random.integer(0, 9)) {
      case 0:
        events.push(closed(random.pick(["completed", "failed", "interrupted"])));
        break;
      case 1:
        events.push(opened(plan, "study_resumed"));
        break;
      default:
        attempts.set(run.index, attempt);
        // None in journals of earlier versions; nothing after it where the runner died at once.
        if (random.integer(0, 2) > 0) events.push(starting(run, attempt));
        if (random.integer(0, 9) === 0) break;
        events.push(started(run, attempt));
        if (random.integer(0, 5) > 0) events.push(finished(run, random.pick(OUTCOME_KINDS), attempt));
    }
  }
  return stamped(events);
}
