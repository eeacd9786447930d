import { libc } from "../base/libc.ts";
import { SIGNAL_NUMBERS } from "./signal_numbers.ts";

const F_SETFD = 2;
const FD_CLOEXEC = 1;

/**
 * Marks every descriptor above stderr close-on-exec. What a shell or cron left open (a `flock -n 9` lock, say)
 * would otherwise live on in the workers.
 */
export function closeInheritedOnExec(): void {
  for (const entry of Deno.readDirSync("/proc/self/fd")) {
    const fd = Number(entry.name);
    if (fd > 2) libc().fcntl(fd, F_SETFD, FD_CLOEXEC);
  }
}

/** The signals that end a study, with the exit code each stands for. */
export const STOP_SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGQUIT: 131, SIGTERM: 143 } as const;
export type StopSignal = keyof typeof STOP_SIGNALS;

/** Every signal we listen to but CONT, which nobody ignores. */
const LISTENED = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGTERM", "SIGTSTP"] as const;
export type ListenedSignal = typeof LISTENED[number];

/**
 * Signals that were ignored when we started (`nohup`, `&` in a shell script). Listening would override that wish, so
 * these are to have no effect. From SigIgn in /proc/self/status, proc(5).
 */
export function ignoredAtStart(
  procStatus: string = Deno.readTextFileSync("/proc/self/status"),
): Set<ListenedSignal> {
  const mask = BigInt(`0x${/^SigIgn:\s*([0-9a-f]+)/m.exec(procStatus)?.[1] ?? "0"}`);
  return new Set(LISTENED.filter((name) => (mask & (1n << BigInt(SIGNAL_NUMBERS[name] - 1))) !== 0n));
}
