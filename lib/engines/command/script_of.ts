import { basename } from "node:path";

/** An interpreter whose command line is understood well enough to find its script in it. */
interface Interpreter {
  readonly name: RegExp;
  /** Options that take no further argument. */
  readonly plain: RegExp;
  /** Options whose value is the next argument. */
  readonly valued: RegExp;
}

/** Sources: python(1), dash(1), bash(1), perl(1), ruby(1), node(1). */
const INTERPRETERS: readonly Interpreter[] = [
  { name: /^(python|pypy)[\d.]*$/, plain: /^-([bBdEiIOPqRsSuv]+|[WX].+)$/, valued: /^-[WX]$/ },
  {
    name: /^(ba|da|k|z|a)?sh$/,
    plain: /^[-+][abefhkmnptuvxBCEHPT]+$|^--(no(profile|rc)|posix)$/,
    valued: /^[-+][oO]$/,
  },
  { name: /^perl[\d.]*$/, plain: /^-([wWtTuUXsS]+|[IMm].+)$/, valued: /^-I$/ },
  { name: /^ruby[\d.]*$/, plain: /^-([wWvUd]+|[IrEK].+)$/, valued: /^-[IrE]$/ },
  { name: /^node(js)?$/, plain: /^--[\w-]+=.+$/, valued: /^(-r|--require|--import)$/ },
];

/**
 * The script that a command line hands to an interpreter, as the command line spells it: `["python3", "-u", "w.py"]` runs
 * `w.py`. Null where the program is no interpreter known here, where it reads its code from elsewhere (`-c`, `-m`, stdin),
 * or where an option is not known well enough to be sure.
 */
export function scriptOf([program = "", ...args]: readonly string[]): string | null {
  const name = basename(program);
  if (name === "env") return scriptOf(behindEnv(args));
  const interpreter = INTERPRETERS.find((known) => known.name.test(name));
  if (interpreter === undefined) return null;
  const { plain, valued } = interpreter;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? "";
    if (arg === "--") return args[at + 1] ?? null;
    if (!/^[-+]./.test(arg)) return arg === "-" ? null : arg;
    if (valued.test(arg)) at += 1;
    else if (!plain.test(arg)) return null;
  }
  return null;
}

/** What env(1) starts; empty where it has options. */
function behindEnv(args: readonly string[]): readonly string[] {
  const at = args.findIndex((arg) => !/^\w+=/.test(arg));
  return at === -1 || args[at]?.startsWith("-") === true ? [] : args.slice(at);
}
