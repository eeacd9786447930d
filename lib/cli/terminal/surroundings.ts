import { unreadableVariables } from "../../base/own_environment.ts";
import { CommandError, EXIT } from "../../base/refusal.ts";
import { variableNotUtf8, workingFolderUnusable } from "../messages.ts";
import type { Output } from "./output.ts";

/**
 * Looks at what no command can do without. Throws CommandError where the working folder has no path that can be
 * told; warns of variables that nothing can read.
 */
export function checkSurroundings(err: Pick<Output, "write">, isQuiet: boolean): void {
  checkWorkingFolder();
  if (isQuiet) return;
  for (const name of variables()) {
    err.write(`${variableNotUtf8(name)}\n`);
  }
}

function checkWorkingFolder(): void {
  try {
    Deno.cwd();
  } catch (error) {
    throw new CommandError(EXIT.usage, workingFolderUnusable((error as Error).message));
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
