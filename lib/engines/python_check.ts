import { installAdvice } from "../python/install_command.ts";
import { findInterpreter } from "../python/interpreter.ts";
import { probePython } from "../python/probe.ts";
import type { PythonFacts } from "../python/python_facts.ts";
import type { PythonNeeds } from "../python/python_needs.ts";
import { missingModules, shortfall } from "../python/shortfall.ts";
import type { EngineCheck } from "./engine.ts";
import {
  installPackages,
  namePythonAdvice,
  packagesAndHardwareMissing,
  pythonReady,
  unusablePython,
} from "./messages.ts";

type Env = Readonly<Record<string, string>>;

/** Whether an engine that lives in Python runs here, by the interpreter of a study that names none. */
export async function checkPython(python: PythonNeeds, env: Env): Promise<EngineCheck> {
  const cwd = Deno.cwd();
  const remedy = namePythonAdvice(python.field);
  const found = findInterpreter(null, python.field, { env, base_dir: cwd, cwd });
  if (found.path === null) return { status: badStatus(env), detail: found.message, remedy };
  const probe = await probePython(found.path, { env });
  if ("facts" in probe) return judgePython(python, found.path, probe.facts);
  return { status: badStatus(env), detail: unusablePython(found.path, probe.trouble), remedy };
}

/** Of an interpreter that cannot be used: a mistake where the user named it, else nothing that other backends mind. */
function badStatus({ LLEM_PYTHON: named = "" }: Env): EngineCheck["status"] {
  return named === "" ? "missing" : "broken";
}

/** The check from what the interpreter at that path said. */
export function judgePython(python: PythonNeeds, path: string, facts: PythonFacts): EngineCheck {
  const { modules, oldest, lackingHardware = () => null } = python;
  const finding = shortfall(modules, facts, oldest);
  if (finding === null) return { status: "ok", detail: detailOf(python, path, facts), remedy: null };
  const hardware = lackingHardware();
  if (hardware !== null) {
    return {
      status: "missing",
      detail: packagesAndHardwareMissing(path, facts.version, finding, hardware),
      remedy: null,
    };
  }
  const { command, then_python } = installAdvice(path, modules, facts, python);
  return {
    status: "missing",
    detail: `${path} (Python ${facts.version}) ${finding}`,
    remedy: installPackages(command, then_python),
  };
}

function detailOf({ modules, optional }: PythonNeeds, path: string, facts: PythonFacts): string {
  return pythonReady(path, facts.version, {
    packages: modules.map((module) => `${module} ${facts.packages[module]}`),
    build: facts.torch_build,
    missing: missingModules(optional, facts),
  });
}
