const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9;

const libc = Deno.dlopen("libc.so.6", {
  // Variadic in C; on x86-64 and arm64 Linux integer arguments travel as for a fixed signature.
  prctl: { parameters: ["i32", "usize", "usize", "usize", "usize"], result: "i32" },
  getpid: { parameters: [], result: "i32" },
  getppid: { parameters: [], result: "i32" },
  kill: { parameters: ["i32", "i32"], result: "i32" },
}).symbols;

/** Asks the kernel to kill this process when its parent dies. */
export function dieWithParent(): void {
  const parent = libc.getppid();
  if (libc.prctl(PR_SET_PDEATHSIG, BigInt(SIGKILL), 0n, 0n, 0n) !== 0) return; // the lifeline still holds
  // The parent may have died before the call took effect; then nobody is left to send the signal.
  if (libc.getppid() !== parent) endNow();
}

/**
 * Ends this process at once, with all that it started: SIGKILL to its group. A group of this number exists only
 * where the process leads it; a worker started by hand shares the group of its shell, and ends alone.
 */
export function endNow(): never {
  libc.kill(-libc.getpid(), SIGKILL);
  Deno.exit(1);
}
