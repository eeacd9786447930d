import { libc } from "../base/libc.ts";
import type { StopSignal } from "./inherited.ts";
import { SIGNAL_NUMBERS } from "./signal_numbers.ts";

const PR_SET_DUMPABLE = 4;

/**
 * Ends this process by the signal itself instead of by an exit code, so that whoever waits sees what happened: a
 * shell ends its loop on INT only then (signal(7), "Proper handling of SIGINT/SIGQUIT"). Leaves no core file. Returns only
 * where the signal cannot end us.
 */
export function dieBySignal(signal: StopSignal): void {
  const number = SIGNAL_NUMBERS[signal];
  libc().prctl(PR_SET_DUMPABLE, 0n, 0n, 0n, 0n);
  // SIG_DFL is the null pointer.
  libc().signal(number, null);
  libc().kill(Deno.pid, number);
}
