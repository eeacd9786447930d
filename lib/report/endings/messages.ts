/**
 * What the end of a run means, and what to try. A remedy names the study's directory as DIR; `withStudyDir()` puts it
 * in.
 */
import type { Explanation } from "../../engines/failure_rule.ts";
import { PROGRAM_FAILURE } from "../failure_rules/messages.ts";

type Explanations = Readonly<Record<string, Explanation>>;

/** The remedy where no rule matches the failure. */
export const SEE_LOG = "llem show DIR --failed shows the end of its log.";

const ASKED_TO_END: Explanation = {
  cause: "Another process asked the worker to end: kill, a job scheduler, a wrapper script.",
  remedy: "Look for the sender of the signal; llem did not send it.",
};

/** What the death by a signal most likely means; see signal(7). */
export const SIGNAL_MEANINGS: Explanations = {
  SIGKILL: {
    cause: "It was killed from outside: kill -9, a memory watchdog (systemd-oomd, earlyoom), " +
      "a container's or job's limit.",
    remedy: "Check the system's log (journalctl, dmesg) and the memory limit of the container or job.",
  },
  SIGSEGV: {
    cause: "Native code accessed invalid memory: a defect of the engine, or incompatible libraries.",
    remedy: "Check that driver, CUDA and engine fit each other; " +
      "PYTHONFAULTHANDLER=1 in command.env prints the Python stack.",
  },
  SIGABRT: {
    cause: "The program aborted itself: a failed assertion or an uncaught exception.",
    remedy: SEE_LOG,
  },
  SIGBUS: {
    cause: "A mapped file ended too early (a truncated model), or the disk or /dev/shm behind it is full.",
    remedy: "Check the model's file, df -h and df -h /dev/shm (docker run --shm-size=8g).",
  },
  SIGILL: PROGRAM_FAILURE.illegalInstruction,
  SIGFPE: {
    cause: "Native code divided an integer by zero.",
    remedy: "Look for a size or count of 0 in the configuration; otherwise it is a defect of the engine.",
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
    remedy: "Raise it before starting llem.",
  },
  SIGXFSZ: {
    cause: "The limit of a file's size was reached (ulimit -f).",
    remedy: "Raise it before starting llem.",
  },
  SIGPIPE: {
    cause: "The worker wrote to a pipe or socket whose other end was closed.",
    remedy: "Check the processes that the worker writes to.",
  },
  SIGTERM: ASKED_TO_END,
  SIGINT: ASKED_TO_END,
  SIGHUP: ASKED_TO_END,
  SIGQUIT: ASKED_TO_END,
};

/** Exit code 126 of a shell. */
export function shellProgramNotExecutable(): Explanation {
  return {
    cause: "A shell found a program without permission to run it (exit code 126).",
    remedy: "Check its mode and that its file system is not mounted noexec.",
  };
}

/** Exit code 127 of a shell. */
export function shellProgramNotFound(): Explanation {
  return {
    cause: "A shell did not find a program that it was to run (exit code 127).",
    remedy: "Install it, or set PATH in command.env.",
  };
}

/** Exit code 128 + `number`: a shell passed on the death of its child. */
export function childKilled(signal: string, number: number, meaning: Explanation): Explanation {
  return {
    cause: `One of its processes died from ${signal} (exit code 128 + ${number}). ${meaning.cause}`,
    remedy: meaning.remedy,
  };
}

/** Why the kernel refuses to start a program; see execve(2) and fork(2). */
export const ERRNO_MEANINGS: Explanations = {
  ENOENT: {
    cause: "The interpreter in the script's first line, or the loader of the binary, does not exist.",
    remedy: "Check the script's first line (head -1), or that the binary is for this system (file PROGRAM).",
  },
  EACCES: {
    cause: "The program is on a file system mounted noexec, or its interpreter is not executable.",
    remedy: "Move it to another file system, or name its interpreter in command.argv.",
  },
  ENOEXEC: {
    cause: "The program is damaged or built for another kind of processor.",
    remedy: "Install the build for this machine (uname -m).",
  },
  E2BIG: {
    cause: "Arguments and environment are larger than the kernel allows " +
      "(128 kB for one, a quarter of ulimit -s for all).",
    remedy: "Put long values into params, which are part of the assignment, or into a file.",
  },
  EAGAIN: {
    cause: "The limit of processes of the user, container or job is reached.",
    remedy: "Look for processes left over (ps), or raise the limit (ulimit -u, pids limit of the cgroup).",
  },
  ENOMEM: {
    cause: "The machine had no memory left for another process.",
    remedy: "Check what uses it (free -h, top), or raise the limit of the container or job.",
  },
  EMFILE: {
    cause: "llem reached its limit of open files.",
    remedy: "Raise it (ulimit -n); llem run --resume DIR runs what is left.",
  },
  ENFILE: {
    cause: "The machine reached its limit of open files.",
    remedy: "Look for a process that holds many (lsof), or raise fs.file-max.",
  },
  ETXTBSY: {
    cause: "Another process has the program open for writing.",
    remedy: "Wait until it has been copied or built.",
  },
};

export function otherErrno(errno: string): Explanation {
  return {
    cause: `The kernel refused to start it (${errno}).`,
    remedy: "Start it by hand, in the same folder and with the same environment, to see more.",
  };
}

/** A worker that comes with llem cannot be started from the folder of the results. */
export function ownWorkerNotExecutable(): Explanation {
  return {
    cause: "The program is on a file system mounted noexec, or the system forbids starting it there.",
    remedy: "Choose another folder for results with -o; llem doctor shows from where workers are started.",
  };
}

export function containerRefused(): Explanation {
  return {
    cause: "The docker daemon refused to create or to start the container.",
    remedy: "Check docker's message, docker info and the daemon's log (journalctl -u docker).",
  };
}

/** `fields` are those that name an interpreter. */
export function imageInterpreter(trouble: "not_executable" | "not_found", fields: string): Explanation {
  return {
    cause: trouble === "not_found"
      ? "The image does not contain this interpreter."
      : "This user has no permission to run the interpreter in the image.",
    remedy: `Name another image (runners: docker:<image>), or its interpreter in ${fields}.`,
  };
}

export function stoppedByRequest(): Explanation {
  return {
    cause: "The study was asked to stop before this run was done.",
    remedy: "llem run --resume DIR runs what is left.",
  };
}

/** The run had completed. */
export function resultGone(): Explanation {
  return {
    cause: "The file was removed or changed after the run had completed, or the disk is failing.",
    remedy: "llem run --resume DIR reruns it.",
  };
}

export function runnerGone(): Explanation {
  return {
    cause:
      "llem itself was killed during the run (kill -9, the kernel's out-of-memory killer, the end of a job), " +
      "or the machine went down.",
    remedy: "Check dmesg and the job's log for the reason; llem run --resume DIR reruns it.",
  };
}

export function containerNotEnded(): Explanation {
  return {
    cause: "Docker cannot stop the container, so its devices and memory are still in use.",
    remedy: "Find it (docker ps -a), remove it (docker rm -f) or restart docker; dmesg shows stuck drivers.",
  };
}

export function processNotEnded(): Explanation {
  return {
    cause:
      "A call into a driver or a network file system does not return, so the kernel cannot end the process.",
    remedy: "Check dmesg (NVIDIA: Xid lines); the device has to be reset, or the machine rebooted.",
  };
}

export function workerDefect(): Explanation {
  return {
    cause: "This is a defect of llem's worker.",
    remedy: "Please report it, with the run's result.json.",
  };
}

/** Begins what `logEndsWith()` says. */
export const LOG_ENDS = "Its log ends with ";

export function logEndsWith(line: string): string {
  return `${LOG_ENDS}"${line}".`;
}

export function logIsEmpty(): string {
  return "The worker gave no other reason, and its log is empty.";
}

export function printedNothing(): string {
  return "It printed nothing.";
}

/** For a program that printed nothing. */
export function startByHand(): string {
  return "Start the program by hand to see more.";
}

const RAISE: Readonly<Record<string, string>> = {
  timeout_total: "Raise execution.experiment_timeout_seconds, or give the run less to do.",
  timeout_startup: "Raise execution.startup_timeout_seconds; " +
    "a worker of your own must send a hello frame before it loads anything.",
  timeout_silence: "Raise execution.silence_timeout_seconds, or let the worker send progress frames.",
  timeout_study: "Raise execution.study_timeout_seconds; llem run --resume DIR runs what is left.",
};

/** What to do about a time limit, by the error's type. */
export function raiseLimit(type: string): string {
  return RAISE[type] ?? "Raise the limit, or give the run less to do.";
}

export function resultButNoEnd(): Explanation {
  return {
    cause: "Its result was complete, but the worker did not exit.",
    remedy: "Let it exit after its result frame; a thread or child process may keep it alive.",
  };
}

/** What it was doing when the limit came. */
export function duringPhase(name: string): string {
  return `It was in phase "${name}" at that time.`;
}

export function afterPhase(name: string): string {
  return `Its last phase, "${name}", had ended.`;
}

export function beforeAnyPhase(hasGreeted: boolean): string {
  return hasGreeted ? "It had begun no phase and printed nothing." : "It had sent and printed nothing.";
}

const PROTOCOL_PAGE = "docs/worker-protocol.md";

export function noFrameAtAll(): Explanation {
  return {
    cause: "The program sent no frame: it does not implement llem's worker protocol.",
    remedy:
      `It must read its assignment from stdin and send hello and result frames on stdout: ${PROTOCOL_PAGE}.`,
  };
}

export function leftEarly(): string {
  return "It sent a hello frame, then ended early and printed nothing.";
}

export function resultFrameNeeded(): string {
  return `A run is complete only with a result frame: ${PROTOCOL_PAGE}.`;
}

export function frameTooLarge(): Explanation {
  return {
    cause: "A frame was too large.",
    remedy: "Write large data to a file in run_dir of the assignment.",
  };
}

export function frameCutOff(): Explanation {
  return {
    cause: "The worker ended in the middle of a frame, or two threads wrote to stdout at once.",
    remedy: "Write each frame with one call and flush it before exiting.",
  };
}

export function numberNotFinite(): Explanation {
  return {
    cause: "The worker sent NaN or an infinity for a number of the protocol.",
    remedy:
      "Send null for an optional number, or the count or time itself; anything in metrics{} is optional.",
  };
}

export function frameInvalid(): Explanation {
  return {
    cause: "A frame of the worker does not follow the protocol.",
    remedy: `Compare it with ${PROTOCOL_PAGE}; the frame is in the run's log.`,
  };
}

/** The worker failed after its result. */
export function failedWhileClosing({ cause, remedy }: Explanation): Explanation {
  return { cause: `The measurement was complete; the worker failed while shutting down. ${cause}`, remedy };
}
