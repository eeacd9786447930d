import { posix } from "node:path";

/** Programs that run the file which their first argument without a dash names. */
const INTERPRETERS =
  /^(python|pypy|perl|ruby|lua)[\d.]*$|^(sh|bash|dash|zsh|ksh|fish|node|nodejs|bun|php|julia|Rscript)$/;
/** After these there is program text or the name of a module, and no file. */
const NO_SCRIPT = new Set(["-c", "-m", "-e", "--eval", "-"]);

/** Where in a command line the script stands that an interpreter is to run; null where there is none. */
export function scriptIndex([program = "", ...args]: readonly string[]): number | null {
  if (!INTERPRETERS.test(posix.basename(program))) return null;
  for (const [index, arg] of args.entries()) {
    if (NO_SCRIPT.has(arg)) return null;
    if (!arg.startsWith("-")) return index + 1;
  }
  return null;
}
