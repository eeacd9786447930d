import { helperPath, SYSTEM_SHELL } from "./helper_programs.ts";
import { resolveProgram } from "./resolve_program.ts";
import { spawnHelper } from "./spawn_helper.ts";
import { guardNotStarted, guardProgramsMissing, guardShellEnded, WITHOUT_PROGRAM } from "./messages.ts";

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
    return success ? null : guardTrouble(new Error(guardShellEnded(program, signal ?? `exit code ${code}`)));
  } catch (error) {
    return guardTrouble(error);
  }
}

/** The sentence for a guard whose start failed so. */
export function guardTrouble(error: unknown): string {
  const [shell] = SYSTEM_SHELL;
  const isMissing = resolveProgram(shell, { baseDir: "/", searchPath: "" }).path === null;
  return guardNotStarted(shell, (error as Error).message, isMissing);
}

/** What is missing of the programs that the guard calls, and what that means; null where nothing is. */
export function missingGuardText(): string | null {
  const missing = Object.keys(WITHOUT_PROGRAM).filter((name) =>
    resolveProgram(name, { baseDir: "/", searchPath: helperPath() }).path === null
  );
  return missing.length === 0 ? null : guardProgramsMissing(missing);
}
