/**
 * Loads libc for a test file that imports this: a library that is first used inside a test would count as a leak of
 * that test.
 */
import { monotonicNs } from "../../lib/base/clock.ts";
import { livingMembers } from "../../lib/process/process_group.ts";

/** Above the largest process id that Linux gives. */
export const NO_SUCH_PID = 2 ** 22 + 1;

monotonicNs();
livingMembers(NO_SUCH_PID);
