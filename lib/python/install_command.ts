import type { PythonFacts } from "./python_facts.ts";
import { type OtherBuilds, pipName, pipUpgrade } from "./pip.ts";
import type { PythonNeeds } from "./python_needs.ts";
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
  { oldest, other_builds = () => ({}) }: Pick<PythonNeeds, "oldest" | "other_builds">,
): InstallAdvice {
  const builds = other_builds();
  const quoted = quoteForShell(path);
  if (!facts.externally_managed) {
    const withPip = facts.pip ? "" : `${quoted} -m ensurepip && `;
    const missing = missingModules(needed, facts);
    const old = oldModules(needed, facts, oldest);
    const packages = [
      ...missing.map((module) => pipName(module, builds)),
      ...old.map((module) => pipUpgrade(module.module, module.oldest, builds)),
    ];
    const modules = [...missing, ...old.map(({ module }) => module)];
    return { command: `${withPip}${installCommand(quoted, packages, modules, builds)}`, then_python: null };
  }
  const python = `${OWN_ENVIRONMENT}/bin/python`;
  const packages = needed.map((module) => pipName(module, builds));
  return {
    command: `${quoted} -m venv ${OWN_ENVIRONMENT} && ${installCommand(python, packages, needed, builds)}`,
    then_python: python,
  };
}

/** Installs packages, and removes what came with them and is in their way. */
function installCommand(
  python: string,
  packages: readonly string[],
  modules: readonly string[],
  builds: OtherBuilds,
): string {
  const others = modules.flatMap((module) => builds[module] ?? []);
  const options = others.map((build) => ` ${build.options}`).join("");
  const unwanted = others.flatMap((build) => build.unwanted);
  const removal = unwanted.length === 0 ? "" : ` && ${python} -m pip uninstall -y ${unwanted.join(" ")}`;
  return `${python} -m pip install ${packages.join(" ")}${options}${removal}`;
}

/** A word as a shell takes it. */
function quoteForShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
