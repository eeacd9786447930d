import { installAdvice } from "../python/install_command.ts";
import { findInterpreter } from "../python/interpreter.ts";
import type { Probe } from "../python/known_facts.ts";
import { probePython } from "../python/probe.ts";
import type { PythonFacts } from "../python/python_facts.ts";
import type { PythonNeeds } from "../python/python_needs.ts";
import { missingModules, shortfall } from "../python/shortfall.ts";
import type { EngineCheck } from "./engine.ts";

type Env = Readonly<Record<string, string>>;

/** Whether an engine that lives in Python runs here, by the interpreter of a study that names none. */
export async function checkPython(python: PythonNeeds, env: Env): Promise<EngineCheck> {
  const cwd = Deno.cwd();
  const remedy = `name a Python interpreter by LLEM_PYTHON, or by ${python.field} in the study`;
  const found = findInterpreter(null, python.field, { env, base_dir: cwd, cwd });
  if (found.path === null) return { status: badStatus(env), detail: found.message, remedy };
  const probe = await probePython(found.path, { env });
  if ("facts" in probe) return judgePython(python, found.path, probe.facts);
  return { status: badStatus(env), detail: troubleText(found.path, probe), remedy };
}

/** Of an interpreter that cannot be used: a mistake where the user named it, else nothing that other backends mind. */
function badStatus({ LLEM_PYTHON: named = "" }: Env): EngineCheck["status"] {
  return named === "" ? "missing" : "broken";
}

function troubleText(path: string, { trouble }: Probe & { readonly trouble: string }): string {
  return `${path} is no Python that can be used: ${trouble}`;
}

/** The check from what the interpreter at that path said. */
export function judgePython(python: PythonNeeds, path: string, facts: PythonFacts): EngineCheck {
  const { modules, oldest } = python;
  const finding = shortfall(modules, facts, oldest);
  if (finding === null) return { status: "ok", detail: detailOf(python, path, facts), remedy: null };
  const { command, then_python } = installAdvice(path, modules, facts, oldest);
  const then = then_python === null ? "" : `, then LLEM_PYTHON=${then_python}`;
  return {
    status: "missing",
    detail: `${path} (Python ${facts.version}) ${finding}`,
    remedy: `${command}${then}`,
  };
}

function detailOf({ modules, optional }: PythonNeeds, path: string, facts: PythonFacts): string {
  const versions = modules.map((module) => `${module} ${facts.packages[module]}`).join(", ");
  const without = missingModules(optional, facts);
  const rest = without.length === 0 ? "" : `; not installed: ${without.join(", ")}`;
  return `${path} (Python ${facts.version}): ${versions}${buildText(facts)}${rest}`;
}

function buildText({ torch_build: build }: PythonFacts): string {
  if (build === null) return "";
  if (build.cuda !== null) return `; torch is built for CUDA ${build.cuda}`;
  return build.hip !== null ? `; torch is built for ROCm ${build.hip}` : "; torch is built for CPUs alone";
}
