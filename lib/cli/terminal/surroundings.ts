import { unreadableVariables } from "../../base/own_environment.ts";
import { CommandError, EXIT } from "../../base/refusal.ts";
import type { Output } from "./output.ts";

/**
 * Looks at what no command can do without. Throws CommandError where the working folder has no path that can be
 * told; warns of variables that nothing can read.
 */
export function checkSurroundings(err: Pick<Output, "write">, isQuiet: boolean): void {
  checkWorkingFolder();
  if (isQuiet) return;
  for (const name of variables()) {
    err.write(`warning: the variable ${name} is not UTF-8 and counts as not set, for workers too\n`);
  }
}

function checkWorkingFolder(): void {
  try {
    Deno.cwd();
  } catch (error) {
    throw new CommandError(EXIT.usage, `${(error as Error).message}. Change to another working folder (cd).`);
  }
}

/** None where /proc is not there to ask. */
function variables(): string[] {
  try {
    return unreadableVariables();
  } catch {
    return [];
  }
}
