/** Texts for people about what an engine needs: one function each, nothing else. */

/** `message` is a sentence that names the path. */
export function unusableProgram(message: string): string {
  return `command.argv: ${message}`;
}

/** A script that an interpreter is to run. */
export function scriptTrouble(path: string, trouble: "missing" | "unreadable"): string {
  const what = trouble === "missing" ? "does not exist" : "cannot be read: check its permissions";
  return `command.argv: the script ${path} ${what}. Relative paths start at the study file's folder.`;
}

/** The first line of a script names an interpreter that cannot be started. */
export function noScriptInterpreter(
  path: string,
  interpreter: string,
  trouble: "carriage_return" | "not_usable" | "not_in_path",
): string {
  const subject = `command.argv: the first line of ${path}`;
  switch (trouble) {
    case "carriage_return":
      return `${subject} ends with a carriage return, so the kernel looks for "${interpreter}\\r". ` +
        `Convert the file to Unix line ends: sed -i 's/\\r$//' ${path}`;
    case "not_usable":
      return `${subject} names ${interpreter}, which is not a program here. Correct that line, or install it.`;
    case "not_in_path":
      return `${subject} names ${interpreter}, which is not in PATH. Install it, or give its path.`;
  }
}
