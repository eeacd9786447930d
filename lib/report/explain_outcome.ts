import { stripVTControlCharacters } from "node:util";
import { unreachable } from "../base/unreachable.ts";
import { ENGINES } from "../engines/engines.ts";
import type { Explanation, FailureRule } from "../engines/failure_rule.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import type { RunError } from "../experiment/outcome.ts";
import type { FailedAttempt } from "../results/failed_attempt.ts";
import { explainExitCode, explainSignal, isFromOutside } from "./failure_rules/exit.ts";
import { firstMatch, SEE_LOG, withStudyDir } from "./failure_rules/rule.ts";
import { GPU_RULES } from "./failure_rules/gpu.ts";
import { GPU_MEMORY_RULES, HOST_MEMORY_RULES, oomExplanation } from "./failure_rules/memory.ts";
import { MODEL_RULES } from "./failure_rules/model.ts";
import { PROGRAM_RULES } from "./failure_rules/program.ts";
import { explainSpawnFailure } from "./failure_rules/spawn.ts";
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
      // Nobody has to do anything: it is made again.
      if (flags.includes("suspended")) return null;
      return {
        cause: "Somebody asked the study to stop before this run was done.",
        remedy: "llem run --resume DIR runs what is left.",
      };
    case "lost":
      if (error?.type.startsWith("result_") === true) {
        return {
          cause: "Somebody removed or changed the file after the run had completed, or the disk is failing.",
          remedy: "llem run --resume DIR reruns it.",
        };
      }
      return {
        cause:
          "llem itself was killed while the run was under way (kill -9, the kernel's out-of-memory killer, the end of a job), or the machine went down.",
        remedy: "See dmesg and the job's log for what ended llem; llem run --resume DIR reruns it.",
      };
    case "unkillable":
      if (error.type === "unremoved_container") {
        return {
          cause: "Docker cannot end the container, so what it holds of the machine is not free.",
          remedy:
            "Look for it (docker ps -a), remove it (docker rm -f) or restart docker; dmesg tells of stuck drivers.",
        };
      }
      return {
        cause:
          "A call into a driver or a network file system does not return, so the kernel cannot end the process.",
        remedy: "Look into dmesg (NVIDIA: Xid lines); the device has to be reset, or the machine rebooted.",
      };
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
      return unreachable(kind);
  }
}

/** The explanation as one text, for the `hint` of records; null where there is none. */
export function hintOf(attempt: FailedAttempt, study_dir: string | null = null): string | null {
  const explanation = explainOutcome(attempt);
  return explanation === null ? null : withStudyDir(`${explanation.cause} ${explanation.remedy}`, study_dir);
}

/** The lines by which a person is told, without what says nothing beside the end of the log that stands below them. */
export function adviceOf(
  { cause, remedy }: Explanation,
  study_dir: string | null,
): { readonly cause: string | null; readonly remedy: string | null } {
  const isOfLog = cause.startsWith(LOG_ENDS) || cause === LOG_IS_EMPTY || cause === PRINTED_NOTHING;
  return {
    cause: isOfLog ? null : cause,
    remedy: remedy === SEE_LOG ? null : withStudyDir(remedy, study_dir),
  };
}

const LOG_ENDS = "Its log ends with ";
const LOG_IS_EMPTY = "The worker says no more, and its log is empty.";
const PRINTED_NOTHING = "It printed nothing.";

/** What makes a worker hang or be killed, and not only fail. */
const STALLING_RULES: readonly FailureRule[] = [...GPU_MEMORY_RULES, ...HOST_MEMORY_RULES, ...GPU_RULES];

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
  return Object.hasOwn(ENGINES, backend) && ENGINES[backend].failures.explainsItself(error);
}

function unknownFailure({ log_tail }: FailedAttempt, { type }: RunError): Explanation {
  if (type === "internal_error" || type === "bad_assignment") {
    return {
      cause: "This is a defect of llem's worker.",
      remedy: "Please report it, with the run's result.json.",
    };
  }
  return { cause: lastWords(log_tail) ?? LOG_IS_EMPTY, remedy: SEE_LOG };
}

const LONGEST_LAST_WORDS = 150;

/** The last line of a log with something in it. */
function lastWords(logTail: readonly string[]): string | null {
  const line = logTail.map((text) => printable(stripVTControlCharacters(text)).trim()).findLast((text) =>
    text !== ""
  );
  return line === undefined ? null : `${LOG_ENDS}"${clip(line, LONGEST_LAST_WORDS)}".`;
}

const RAISE: Readonly<Record<string, string>> = {
  timeout_total: "Raise execution.experiment_timeout_seconds, or give the run less to do.",
  timeout_startup:
    "Raise execution.startup_timeout_seconds; a worker of your own must send a hello frame before it loads anything.",
  timeout_silence: "Raise execution.silence_timeout_seconds, or let the worker send progress frames.",
  timeout_study: "Raise execution.study_timeout_seconds; llem run --resume DIR runs what is left.",
};

function explainLimit(attempt: FailedAttempt, { type }: RunError): Explanation {
  if (attempt.outcome.flags.includes("result_present")) {
    return {
      cause: "Its result had come, but the worker did not end.",
      remedy: "Let it exit after its result frame: a thread or child that it does not wait for may hold it.",
    };
  }
  return { cause: lastDoing(attempt), remedy: RAISE[type] ?? "Raise the limit, or give the run less to do." };
}

function lastDoing({ phases, log_tail, worker }: FailedAttempt): string {
  const open = phases.findLast((phase) => phase.end_ns === null);
  if (open !== undefined) return `It was in phase "${open.name}" by then.`;
  const last = phases.at(-1);
  if (last !== undefined) return `Its last phase, "${last.name}", had ended.`;
  const silent = worker === null
    ? "It had sent and printed nothing."
    : "It had begun no phase and printed nothing.";
  return lastWords(log_tail) ?? silent;
}

const PROTOCOL_PAGE = "docs/worker-protocol.md";

function explainProtocolError({ worker, log_tail }: FailedAttempt, { type, message }: RunError): Explanation {
  if (type === "no_result") {
    return worker === null
      ? {
        cause: "The program sent no frame at all: it does not speak llem's worker protocol.",
        remedy:
          `Let it read its assignment from stdin and send hello and result frames on stdout: ${PROTOCOL_PAGE}.`,
      }
      : {
        cause: lastWords(log_tail) ?? "It said hello, then left early and printed nothing.",
        remedy: `A run is complete only with a result frame: ${PROTOCOL_PAGE}.`,
      };
  }
  if (/\bthe limit of \d/.test(message)) {
    return {
      cause: "A frame was too large.",
      remedy: "Write large data to a file in run_dir of the assignment.",
    };
  }
  if (/cut off/.test(message)) {
    return {
      cause: "The worker ended in the middle of a frame, or two threads wrote to stdout at once.",
      remedy: "Write each frame with one call, flush it, and end only then.",
    };
  }
  if (/finite number is needed/.test(message)) {
    return {
      cause: "The worker sent NaN or an infinity for a number of the protocol.",
      remedy:
        "Send null where it may be left out, or the count or time itself; under metrics{} anything may be missing.",
    };
  }
  return {
    cause: "A frame of the worker does not hold what the protocol asks for.",
    remedy: `Compare it with ${PROTOCOL_PAGE}; the frame is in the run's log.`,
  };
}

function explainCrash(attempt: FailedAttempt): Explanation {
  const { signal, exit_code } = attempt.outcome;
  const fromLog = heard(isFromOutside(signal) ? STALLING_RULES : ALL_RULES, attempt);
  const fromEnd = signal !== null ? explainSignal(signal) : explainExitCode(exit_code ?? 0);
  return fromLog ?? fromEnd ?? {
    cause: lastWords(attempt.log_tail) ?? PRINTED_NOTHING,
    remedy: attempt.log_tail.length > 0 ? SEE_LOG : "Start the program by hand to see more.",
  };
}

function afterResult({ outcome: { flags } }: FailedAttempt, { cause, remedy }: Explanation): Explanation {
  if (!flags.includes("result_present")) return { cause, remedy };
  return { cause: `Its measurement was complete and it failed while closing. ${cause}`, remedy };
}
