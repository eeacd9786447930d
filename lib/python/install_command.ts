import type { PythonFacts } from "./python_facts.ts";
import { pipName } from "./requirements.ts";

/** An environment of one's own, where an interpreter may not be installed into. */
const OWN_ENVIRONMENT = "~/.venvs/llem";

/** A shell command that installs these modules for an interpreter, and what to set afterwards, if anything. */
export interface InstallAdvice {
  readonly command: string;
  /** A path for LLEM_PYTHON; null where the interpreter stays the same. */
  readonly then_python: string | null;
}

/** How to come to the modules that are needed, of which the interpreter at that path lacks some. */
export function installAdvice(path: string, needed: readonly string[], facts: PythonFacts): InstallAdvice {
  const install = (python: string, modules: readonly string[]): string =>
    `${python} -m pip install ${modules.map(pipName).join(" ")}`;
  const quoted = quoteForShell(path);
  if (!facts.externally_managed) {
    const withPip = facts.pip ? "" : `${quoted} -m ensurepip && `;
    return { command: `${withPip}${install(quoted, missingModules(needed, facts))}`, then_python: null };
  }
  const python = `${OWN_ENVIRONMENT}/bin/python`;
  return {
    command: `${quoted} -m venv ${OWN_ENVIRONMENT} && ${install(python, needed)}`,
    then_python: python,
  };
}

/** Those of the modules that an interpreter does not have. */
export function missingModules(needed: readonly string[], { packages }: PythonFacts): string[] {
  return needed.filter((module) => (packages[module] ?? null) === null);
}

/** A word as a shell takes it. */
function quoteForShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
