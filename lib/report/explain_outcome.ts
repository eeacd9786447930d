import { stripVTControlCharacters } from "node:util";
import { ENGINES } from "../engines/engines.ts";
import type { Explanation, FailureRule } from "../engines/failure_rule.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import type { RunError } from "../experiment/outcome.ts";
import { SERVER_ERROR_TYPES } from "../servers/server_error.ts";
import type { FailedAttempt } from "../results/failed_attempt.ts";
import { explainExitCode, explainSignal, isFromOutside } from "./endings/exit.ts";
import {
  afterPhase,
  beforeAnyPhase,
  containerNotEnded,
  duringPhase,
  failedWhileClosing,
  frameCutOff,
  frameInvalid,
  frameTooLarge,
  leftEarly,
  LOG_ENDS,
  logEndsWith,
  logIsEmpty,
  noFrameAtAll,
  numberNotFinite,
  printedNothing,
  processNotEnded,
  raiseLimit,
  resultButNoEnd,
  resultFrameNeeded,
  resultGone,
  runnerGone,
  SEE_LOG,
  startByHand,
  stoppedByRequest,
  workerDefect,
} from "./endings/messages.ts";
import { explainSpawnFailure } from "./endings/spawn.ts";
import { firstMatch, withStudyDir } from "./failure_rules/rule.ts";
import { GPU_RULES } from "./failure_rules/gpu.ts";
import { GPU_MEMORY_RULES, HOST_MEMORY_RULES, oomExplanation } from "./failure_rules/memory.ts";
import { MODEL_RULES } from "./failure_rules/model.ts";
import { PROGRAM_RULES } from "./failure_rules/program.ts";
import { SYSTEM_RULES } from "./failure_rules/system.ts";
import { clip, printable } from "../base/text.ts";

/**
 * The likely cause of a failure and what to try, from all that the attempt left; null for a completed one, and where
 * the message says both already. The surest evidence comes first: how it ended, what the worker said, its log.
 */
export function explainOutcome(attempt: FailedAttempt): Explanation | null {
  const { outcome, config } = attempt;
  const { kind, error, flags } = outcome;
  if (error === null) return null;
  if (flags.includes("oom")) return oomExplanation(config);
  switch (kind) {
    case "completed":
      return null;
    case "spawn_failed":
      return explainSpawnFailure(error, config);
    case "interrupted":
      // There is nothing to do: the run is repeated.
      if (flags.includes("suspended")) return null;
      return stoppedByRequest();
    case "lost":
      return error.type.startsWith("result_") ? resultGone() : runnerGone();
    case "unkillable":
      return error.type === "unremoved_container" ? containerNotEnded() : processNotEnded();
    case "failed":
      return isSelfExplained(config, error)
        ? null
        : firstMatch(ALL_RULES, said(error), config) ?? heard(ALL_RULES, attempt) ??
          unknownFailure(attempt, error);
    case "timed_out":
      return heard(STALLING_RULES, attempt) ?? explainLimit(attempt, error);
    case "protocol_error":
      return heard(ALL_RULES, attempt) ?? explainProtocolError(attempt, error);
    case "crashed":
      return afterResult(attempt, explainCrash(attempt));
    default:
      // The journal of a newer llem may name a kind that this one does not know.
      kind satisfies never;
      return null;
  }
}

/** The explanation as one text, for the `hint` of records; null where there is none. */
export function hintOf(attempt: FailedAttempt, study_dir: string | null = null): string | null {
  const explanation = explainOutcome(attempt);
  return explanation === null ? null : withStudyDir(`${explanation.cause} ${explanation.remedy}`, study_dir);
}

/** The lines for a person, without those that add nothing to the end of the log, which is printed below them. */
export function adviceOf(
  { cause, remedy }: Explanation,
  study_dir: string | null,
): { readonly cause: string | null; readonly remedy: string | null } {
  const isOfLog = cause.startsWith(LOG_ENDS) || cause === logIsEmpty() || cause === printedNothing();
  return {
    cause: isOfLog ? null : cause,
    remedy: remedy === SEE_LOG ? null : withStudyDir(remedy, study_dir),
  };
}

/** What makes a worker hang or be killed, and not only fail. */
const STALLING_RULES: readonly FailureRule[] = [
  ...Object.values(ENGINES).flatMap(({ failures }) => failures.stalling_rules ?? []),
  ...GPU_MEMORY_RULES,
  ...HOST_MEMORY_RULES,
  ...GPU_RULES,
];

/** From the specific to the general. */
const ALL_RULES: readonly FailureRule[] = [
  ...GPU_MEMORY_RULES,
  ...PROGRAM_RULES,
  ...GPU_RULES,
  ...HOST_MEMORY_RULES,
  ...MODEL_RULES,
  ...SYSTEM_RULES,
];

/** Records of earlier versions may carry 64 MiB; what matters stands at either end of it. */
const MOST_TEXT = 20_000;
const MOST_TYPE = 200;

function said({ type, message, traceback }: RunError): string {
  return `${type.slice(0, MOST_TYPE)}: ${message.slice(0, MOST_TEXT)}\n${traceback?.slice(-MOST_TEXT) ?? ""}`;
}

function heard(rules: readonly FailureRule[], { log_tail, config }: FailedAttempt): Explanation | null {
  return firstMatch(rules, stripVTControlCharacters(log_tail.join("\n")), config);
}

/** A record of a newer llem may name a backend that this one does not know. */
function isSelfExplained({ backend }: Pick<ExperimentConfig, "backend">, error: RunError): boolean {
  return SERVER_ERROR_TYPES.some((type) => type === error.type) ||
    Object.hasOwn(ENGINES, backend) && ENGINES[backend].failures.explainsItself(error);
}

function unknownFailure({ log_tail }: FailedAttempt, { type }: RunError): Explanation {
  if (type === "internal_error" || type === "bad_assignment") {
    return workerDefect();
  }
  return { cause: lastWords(log_tail) ?? logIsEmpty(), remedy: SEE_LOG };
}

const LONGEST_LAST_WORDS = 150;

/** The last line of a log with something in it. */
function lastWords(logTail: readonly string[]): string | null {
  const line = logTail.map((text) => printable(stripVTControlCharacters(text)).trim()).findLast((text) =>
    text !== ""
  );
  return line === undefined ? null : logEndsWith(clip(line, LONGEST_LAST_WORDS));
}

function explainLimit(attempt: FailedAttempt, { type }: RunError): Explanation {
  if (attempt.outcome.flags.includes("result_present")) return resultButNoEnd();
  return { cause: lastDoing(attempt), remedy: raiseLimit(type) };
}

function lastDoing({ phases, log_tail, worker }: FailedAttempt): string {
  const open = phases.findLast((phase) => phase.end_ns === null);
  if (open !== undefined) return duringPhase(open.name);
  const last = phases.at(-1);
  if (last !== undefined) return afterPhase(last.name);
  return lastWords(log_tail) ?? beforeAnyPhase(worker !== null);
}

function explainProtocolError({ worker, log_tail }: FailedAttempt, { type, message }: RunError): Explanation {
  if (type === "no_result") {
    return worker === null
      ? noFrameAtAll()
      : { cause: lastWords(log_tail) ?? leftEarly(), remedy: resultFrameNeeded() };
  }
  if (/\bthe limit of \d/.test(message)) return frameTooLarge();
  if (/cut off/.test(message)) return frameCutOff();
  if (/finite number is needed/.test(message)) return numberNotFinite();
  return frameInvalid();
}

function explainCrash(attempt: FailedAttempt): Explanation {
  const { signal, exit_code } = attempt.outcome;
  const fromLog = heard(isFromOutside(signal) ? STALLING_RULES : ALL_RULES, attempt);
  const fromEnd = signal !== null ? explainSignal(signal) : explainExitCode(exit_code ?? 0);
  return fromLog ?? fromEnd ?? {
    cause: lastWords(attempt.log_tail) ?? printedNothing(),
    remedy: attempt.log_tail.length > 0 ? SEE_LOG : startByHand(),
  };
}

function afterResult({ outcome: { flags } }: FailedAttempt, explanation: Explanation): Explanation {
  return flags.includes("result_present") ? failedWhileClosing(explanation) : explanation;
}
