import type { Explanation } from "../../engines/failure_rule.ts";
import { SEE_LOG } from "./rule.ts";

const SOMEBODY = "Somebody asked the worker itself to end: kill, a job scheduler, a wrapper script.";
const NOT_LLEM = "Look for who did; llem did not.";

/** What the death by a signal most likely means; see signal(7). */
const SIGNALS: Readonly<Record<string, Explanation>> = {
  SIGKILL: {
    cause:
      "Somebody else killed it: kill -9, a memory watchdog (systemd-oomd, earlyoom), a container's or job's limit.",
    remedy: "Look into the system's log (journalctl, dmesg) and at the memory limit of the container or job.",
  },
  SIGSEGV: {
    cause:
      "Native code touched memory that is not its own: a defect of the engine, or libraries that do not fit.",
    remedy:
      "Check that driver, CUDA and engine fit each other; PYTHONFAULTHANDLER=1 in command.env shows where Python was.",
  },
  SIGABRT: {
    cause: "The program gave up by itself: a failed assertion or an exception that nobody caught.",
    remedy: SEE_LOG,
  },
  SIGBUS: {
    cause: "A mapped file ended too early (a truncated model), or the disk or /dev/shm behind it is full.",
    remedy: "Check the model's file, df -h and df -h /dev/shm (docker run --shm-size=8g).",
  },
  SIGILL: {
    cause: "The processor lacks instructions (AVX2, AVX-512 ...) that this build uses.",
    remedy: "Install a build for this processor, or run it on a newer one.",
  },
  SIGFPE: {
    cause: "Native code divided an integer by zero.",
    remedy: "Look for a size or count of 0 in the configuration; otherwise a defect of the engine.",
  },
  SIGSYS: {
    cause: "A sandbox (seccomp) forbids a system call that the program needs.",
    remedy: "Loosen the sandbox: for docker, --security-opt seccomp=unconfined.",
  },
  SIGTRAP: {
    cause: "The program's runtime stopped itself: V8 out of memory, or a debugger's breakpoint.",
    remedy: SEE_LOG,
  },
  SIGXCPU: {
    cause: "The limit of CPU time was reached (ulimit -t).",
    remedy: "Raise it before llem is started.",
  },
  SIGXFSZ: {
    cause: "The limit of a file's size was reached (ulimit -f).",
    remedy: "Raise it before llem is started.",
  },
  SIGPIPE: {
    cause: "The worker wrote to a pipe or socket whose other end was closed.",
    remedy: "Look at the processes that it talks to.",
  },
  SIGTERM: { cause: SOMEBODY, remedy: NOT_LLEM },
  SIGINT: { cause: SOMEBODY, remedy: NOT_LLEM },
  SIGHUP: { cause: SOMEBODY, remedy: NOT_LLEM },
  SIGQUIT: { cause: SOMEBODY, remedy: NOT_LLEM },
};

/** Numbers of Linux, for shells that pass on 128 + n. */
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
  return SIGNALS[signal] ?? null;
}

/** What an exit code means by the convention of shells; null where it is the program's own. */
export function explainExitCode(code: number): Explanation | null {
  if (code === 126) {
    return {
      cause: "A shell found a program that it may not run (exit code 126).",
      remedy: "Check its mode and the file system's (noexec).",
    };
  }
  if (code === 127) {
    return {
      cause: "A shell did not find a program that it was to run (exit code 127).",
      remedy: "Install it, or set PATH in command.env.",
    };
  }
  const signal = NUMBERS[code - 128];
  const explanation = signal === undefined ? null : explainSignal(signal);
  if (explanation === null) return null;
  return {
    cause: `A process of it died by ${signal} (exit code 128 + ${code - 128}). ${explanation.cause}`,
    remedy: explanation.remedy,
  };
}
