import type { Explanation } from "../../engines/failure_rule.ts";
import { childKilled, shellProgramNotExecutable, shellProgramNotFound, SIGNAL_MEANINGS } from "./messages.ts";

/** Numbers of Linux, for shells that exit with 128 + n. */
const NUMBERS: Readonly<Record<number, string>> = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  4: "SIGILL",
  5: "SIGTRAP",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL",
  11: "SIGSEGV",
  13: "SIGPIPE",
  15: "SIGTERM",
  24: "SIGXCPU",
  25: "SIGXFSZ",
  31: "SIGSYS",
};

/** Sent from outside: the log says nothing about the reason. */
const FROM_OUTSIDE = ["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"];

export function isFromOutside(signal: string | null): boolean {
  return signal !== null && FROM_OUTSIDE.includes(signal);
}

/** Why a process died by this signal; null where the signal says nothing. */
export function explainSignal(signal: string): Explanation | null {
  return SIGNAL_MEANINGS[signal] ?? null;
}

/** What an exit code means by the convention of shells; null where it is the program's own. */
export function explainExitCode(code: number): Explanation | null {
  if (code === 126) return shellProgramNotExecutable();
  if (code === 127) return shellProgramNotFound();
  const signal = NUMBERS[code - 128];
  const meaning = signal === undefined ? null : explainSignal(signal);
  return signal === undefined || meaning === null ? null : childKilled(signal, code - 128, meaning);
}
