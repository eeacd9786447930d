import { libc } from "../../../../lib/base/libc.ts";

/** Number of the limit in getrlimit(2). */
const RLIMIT_NOFILE = 7;
/** The kernel's own default for the most (fs.nr_open); an unlimited hard limit is above it. */
const MOST = 1_048_576n;

/**
 * Raises the limit of open files to the most that this process may have. A compiled program begins with the shell's, often
 * 1024: too few for so many connections.
 */
export function raiseOpenFiles(): void {
  const { getrlimit, setrlimit } = libc();
  const limits = new BigUint64Array(2); // struct rlimit: soft, hard
  if (getrlimit(RLIMIT_NOFILE, limits) !== 0) return;
  const [soft = 0n, hard = 0n] = limits;
  const most = hard < MOST ? hard : MOST;
  if (soft >= most) return;
  limits[0] = most;
  setrlimit(RLIMIT_NOFILE, limits);
}
