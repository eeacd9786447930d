import type { PythonFacts } from "./python_facts.ts";
import { pipName, pipUpgrade } from "./pip.ts";
import type { OldestReleases } from "./python_needs.ts";
import { missingModules, oldModules } from "./shortfall.ts";

/** An environment of one's own, where an interpreter may not be installed into. */
const OWN_ENVIRONMENT = "~/.venvs/llem";

/** A shell command that brings an interpreter what it needs, and what to set afterwards, if anything. */
export interface InstallAdvice {
  readonly command: string;
  /** A path for LLEM_PYTHON; null where the interpreter stays the same. */
  readonly then_python: string | null;
}

/** How to come to the modules that are needed, where the interpreter at that path lacks some or has old ones. */
export function installAdvice(
  path: string,
  needed: readonly string[],
  facts: PythonFacts,
  releases: OldestReleases,
): InstallAdvice {
  const install = (python: string, packages: readonly string[]): string =>
    `${python} -m pip install ${packages.join(" ")}`;
  const quoted = quoteForShell(path);
  if (!facts.externally_managed) {
    const withPip = facts.pip ? "" : `${quoted} -m ensurepip && `;
    const packages = [
      ...missingModules(needed, facts).map(pipName),
      ...oldModules(needed, facts, releases).map(({ module, oldest }) => pipUpgrade(module, oldest)),
    ];
    return { command: `${withPip}${install(quoted, packages)}`, then_python: null };
  }
  const python = `${OWN_ENVIRONMENT}/bin/python`;
  return {
    command: `${quoted} -m venv ${OWN_ENVIRONMENT} && ${install(python, needed.map(pipName))}`,
    then_python: python,
  };
}

/** A word as a shell takes it. */
function quoteForShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
