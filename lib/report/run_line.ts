/**
 * lib/report owns words and pictures: values in, text out. It prints nothing and decides nothing.
 */
import { shellWord } from "../base/shell_word.ts";
import { auditText } from "../results/audit.ts";
import { servedWithoutEnergy } from "../results/energy/run_energy.ts";
import { headline } from "../results/headline.ts";
import { auditBegins } from "../results/messages.ts";
import type { ResultRecord } from "../results/record.ts";
import type { RunnerEvent } from "../journal/runner_event.ts";
import type { Palette } from "./color.ts";
import { hintOf } from "./explain_outcome.ts";
import type { NameRun } from "./run_name.ts";
import { sloFact } from "./served/messages.ts";
import { restInOtherParts } from "./studies/messages.ts";
import { searchAdds } from "./search/messages.ts";
import { mayGrow } from "./until/messages.ts";
import { lookLine } from "./until/look_line.ts";
import { foundLine, stepLine } from "./search/search_line.ts";
import { clip, printable, sentence } from "../base/text.ts";
import {
  gapBegins,
  joinWith,
  nextAttempt,
  resumeWith,
  runCompleted,
  runEnergyText,
  runNotCompleted,
  runsPlanned,
  runStarted,
  runWarning,
  studyEnded,
  tokenRate,
  warningLine,
} from "./messages.ts";

/** What happened, why and what to try, together; the hint comes whole as long as it leaves half of this. */
const LONGEST_REASON = 900;
const LONGEST_HINT = LONGEST_REASON / 2;

/** The first reason only: result.json has all. */
const LONGEST_ENERGY_REASON = 120;

/** How much people want to read. */
export type Verbosity = "quiet" | "normal" | "verbose";

/** What plain lines need to know about the study. */
export interface LineContext {
  readonly total: number;
  readonly name: NameRun;
  readonly colors: Palette;
  readonly verbosity: Verbosity;
  /** Why energy is not resolved, as earlier lines have said: it is not repeated. Left out where none has. */
  readonly saidReasons?: ReadonlySet<string>;
  /** How long it is going to take, in words; left out where nothing tells. */
  readonly time?: string;
  /** The boards that the event is about, such as `GPU 3`; null, or left out, where one run is made at a time. */
  readonly place?: string | null;
  /** For commands in hints; null, or left out, where it is not known. */
  readonly study_dir?: string | null;
}

/** The line for an event, null where it deserves none. Quiet keeps what went wrong. */
export function eventLine(event: RunnerEvent, context: LineContext): string | null {
  const { colors, verbosity } = context;
  const quiet = verbosity === "quiet";
  switch (event.type) {
    case "study_started": {
      if (quiet) return null;
      const { total, name, study_dir, most_runs: most } = event;
      const runs = { total, left: total - event.done_before };
      const text = runsPlanned(printable(name ?? "study"), runs, context.time ?? null, printable(study_dir));
      return most === undefined ? text : text + (event.open_ended ? mayGrow(most) : searchAdds(most));
    }
    case "run_started":
      if (verbosity !== "verbose") return null;
      return `${counter(event.run.index, context)} ${runStarted(context.name(event.run))}`;
    case "run_finished":
      return finishedLine(event, context);
    case "gap_started":
      // Several boards rest all the time.
      if (event.slot !== undefined && verbosity !== "verbose") return null;
      return quiet ? null : colors.weak(placed(gapBegins(event.kind, event.source, event.seconds), context));
    case "retry_waiting":
      return quiet ? null : colors.weak(
        `${counter(event.run.index, context)} ${nextAttempt(event.attempt, event.seconds)}`,
      );
    case "waiting":
      return quiet ? null : colors.weak(placed(event.text, context));
    case "audit_run":
      return quiet ? null : colors.weak(auditBegins(context.name(event.run), event));
    case "audit_taken":
      return quiet && event.audit.answer === "within_tolerance" ? null : auditText(event.audit);
    case "search_step":
      return quiet ? null : stepLine(event);
    case "search_finished":
      return quiet ? null : foundLine(event.over, event.found);
    case "look":
      return quiet ? null : lookLine(event.look, event);
    case "warning":
      return colors.bad(warningLine(printable(event.text)));
    case "study_finished":
      if (quiet && event.status === "completed") return null;
      return finalLine(event);
    case "runs_added":
    case "pool_opened":
    case "board_out":
    case "gate_waiting":
    case "gate_passed":
    case "run_phase":
    case "run_progress":
      return null;
  }
}

function finishedLine(event: RunnerEvent & { type: "run_finished" }, context: LineContext): string | null {
  const { record, run } = event;
  const { outcome } = record;
  const { colors } = context;
  if (outcome.kind === "completed" && context.verbosity === "quiet") return null;
  const marks = [...outcome.flags, ...event.superseded === true ? ["superseded"] : []];
  const flags = marks.length > 0 ? ` [${marks.join(", ")}]` : "";
  const seconds = record.timing.duration_s;
  const subject = `${counter(run.index, context)} ${context.name(run)}:`;
  if (outcome.kind === "completed") {
    const rate = headline(record)["output_tokens_per_s"] ?? null;
    const facts = [
      ...rate === null ? [] : [tokenRate(rate)],
      ...record.slo === undefined ? [] : [sloFact(record.slo)],
      ...energyFacts(record, context.saidReasons),
    ];
    return `${subject} ${runCompleted(colors.good("completed"), seconds, facts, flags)}`;
  }
  // How to go on after a stop is said once, at the end.
  const hint = outcome.kind === "interrupted" ? null : hintOf(record, context.study_dir ?? null);
  const why = hint === null ? "" : ` ${clip(printable(hint), LONGEST_HINT)}`;
  const message = clip(printable(outcome.error?.message ?? ""), LONGEST_REASON - why.length);
  const told = `${sentence(message)}${why}`;
  return `${subject} ${runNotCompleted(colors.bad(outcome.kind), seconds, flags, told, event.will_retry)}`;
}

/** Told once at the end, of all runs together. */
const TOLD_AT_END = "contended";

/** Warnings of a run that has ended, of which neither code nor text has been said: each run's stand in its result.json. */
export function newWarnings(
  event: RunnerEvent & { type: "run_finished" },
  context: LineContext,
  said: ReadonlySet<string>,
): readonly { readonly code: string; readonly line: string }[] {
  const { run, record: { warnings } } = event;
  const firsts = new Map(warnings.toReversed().map(({ code, text }) => [code, text]));
  return [...firsts].toReversed()
    .filter(([code, text]) => code !== TOLD_AT_END && !said.has(code) && !said.has(text))
    .map(([code, text]) => {
      const told = runWarning(counter(run.index, context), clip(printable(text), LONGEST_REASON));
      return { code, line: context.colors.bad(warningLine(told)) };
    });
}

/** Why the energy of a run is not resolved, as its line says it; null where there is nothing to say. */
export function energyReason(record: ResultRecord): string | null {
  return record.energy?.verdict_reasons[0] ?? servedWithoutEnergy(record).energy_reason ?? null;
}

/** The energy and, always beside it, its verdict; where a server did the work and has none, why, the first time. */
function energyFacts(record: ResultRecord, said: ReadonlySet<string> = new Set()): string[] {
  const { energy } = record;
  const first = energyReason(record);
  const reason = first === null || said.has(first) ? "" : clip(printable(first), LONGEST_ENERGY_REASON);
  if (energy === null) return reason === "" ? [] : [runEnergyText(null, "unknown", reason)];
  const { headline_j, j_per_output_token, relative, verdict } = energy;
  if (headline_j === null) return [runEnergyText(null, verdict, reason)];
  const amount = j_per_output_token === null
    ? { joules: headline_j, per: "run", relative } as const
    : { joules: j_per_output_token, per: "token", relative } as const;
  return [runEnergyText(amount, verdict, reason)];
}

function finalLine(
  { status, reason, totals, duration_s, study_dir, is_shared }: RunnerEvent & { type: "study_finished" },
): string {
  const how = status === "interrupted" ? { kind: status, reason } : { kind: "finished", reason } as const;
  const end = studyEnded(how, totals, duration_s);
  if (totals.interrupted + totals.pending === 0) return end;
  // What a part of a study leaves is for others.
  if (status === "completed" && is_shared !== true) return `${end}; ${restInOtherParts(totals.pending)}`;
  const goOn = is_shared === true ? joinWith : resumeWith;
  return `${end}; ${goOn(printable(shellWord(study_dir)))}`;
}

function counter(index: number, context: LineContext): string {
  return placed(`[${index}/${context.total}]`, context);
}

/** What is about a run or a wait on some of several boards begins with these. */
function placed(text: string, { place = null }: LineContext): string {
  return place === null ? text : `[${place}] ${text}`;
}
