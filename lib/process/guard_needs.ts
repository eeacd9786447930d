import { helperPath, SYSTEM_SHELL } from "./helper_programs.ts";
import { resolveProgram } from "./resolve_program.ts";
import { spawnHelper } from "./spawn_helper.ts";

/** What the guard's shell calls besides its own commands, and what each one is for; see guard.ts. */
const PROGRAMS: Readonly<Record<string, string>> = {
  cat: "a signal could end the guard",
  grep: "a daemon that a worker has left could outlive a killed llem",
  rmdir: "a control group could outlive a killed llem",
  sleep: "a control group could outlive a killed llem",
};

/** Why a guard cannot be started here, as a sentence for people; null where it can. Starts a shell as the guard would. */
export async function guardProblem(): Promise<string | null> {
  try {
    const [program, ...args] = SYSTEM_SHELL;
    const child = spawnHelper(program, {
      args: [...args, "-c", "read -r _; exit 0"],
      cwd: "/",
      clearEnv: true,
      detached: true,
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    });
    await child.stdin.close().catch(() => {});
    const { success, code, signal } = await child.status;
    return success
      ? null
      : guardTrouble(new Error(`${program} ended with ${signal ?? `exit code ${code}`}.`));
  } catch (error) {
    return guardTrouble(error);
  }
}

/** The sentence for a guard whose start failed so. */
export function guardTrouble(error: unknown): string {
  const [shell] = SYSTEM_SHELL;
  const isMissing = resolveProgram(shell, { baseDir: "/", searchPath: "" }).path === null;
  const remedy = isMissing ? ` Put one there: dash, bash and busybox will do.` : "";
  return `The guard, which ends the workers of an llem that was killed, needs ${shell}. ${
    (error as Error).message
  }${remedy}`;
}

/** What is missing of the programs that the guard calls, and what that means; null where nothing is. */
export function missingGuardText(): string | null {
  const missing = Object.keys(PROGRAMS).filter((name) =>
    resolveProgram(name, { baseDir: "/", searchPath: helperPath() }).path === null
  );
  if (missing.length === 0) return null;
  const means = [...new Set(missing.map((name) => PROGRAMS[name]))].join(", and ");
  return `Not here: ${missing.join(", ")}. So ${means}.`;
}
