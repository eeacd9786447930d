import { CommandError, EXIT } from "../base/refusal.ts";

/** Null where this machine lacks something, which is then among `missing`. */
export async function collecting<T>(
  missing: string[],
  check: () => Promise<T>,
  codes: readonly number[] = [EXIT.preflight],
): Promise<T | null> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof CommandError) || !codes.includes(error.exitCode)) throw error;
    missing.push(error.message);
    return null;
  }
}
