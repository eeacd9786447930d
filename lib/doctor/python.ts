import { installAdvice } from "../python/install_command.ts";
import { findInterpreter } from "../python/interpreter.ts";
import { type Probe, probePython } from "../python/probe.ts";
import type { PythonFacts } from "../python/python_facts.ts";
import { ENGINE_MODULES } from "../python/requirements.ts";
import { missingModules, shortfall } from "../python/shortfall.ts";
import type { DoctorCheck } from "../report/doctor_text.ts";

/** What only some studies need. */
const OPTIONAL = ["gguf", "peft", "bitsandbytes", "flash_attn"];
const ELSEWHERE = "name a Python interpreter by LLEM_PYTHON, or by pytorch.python in the study";

type Env = Readonly<Record<string, string>>;

/** Whether backend pytorch runs here, by the interpreter of a study that names none. */
export async function pythonCheck(env: Env): Promise<DoctorCheck> {
  const cwd = Deno.cwd();
  const found = findInterpreter(null, { env, base_dir: cwd, cwd });
  if (found.path === null) return check(badStatus(env), found.message, ELSEWHERE);
  const probe = await probePython(found.path, { env });
  if ("facts" in probe) return judgePython(found.path, probe.facts);
  return check(badStatus(env), troubleText(found.path, probe), ELSEWHERE);
}

/** Of an interpreter that cannot be used: a mistake where the user named it, else nothing that other backends mind. */
function badStatus({ LLEM_PYTHON: named = "" }: Env): DoctorCheck["status"] {
  return named === "" ? "missing" : "broken";
}

function troubleText(path: string, { trouble }: Probe & { readonly trouble: string }): string {
  return `${path} is no Python that can be used: ${trouble}`;
}

/** The check from what the interpreter at that path said. */
export function judgePython(path: string, facts: PythonFacts): DoctorCheck {
  const finding = shortfall(ENGINE_MODULES, facts);
  if (finding === null) return check("ok", detailOf(path, facts), null);
  const { command, then_python } = installAdvice(path, ENGINE_MODULES, facts);
  const then = then_python === null ? "" : `, then LLEM_PYTHON=${then_python}`;
  return check("missing", `${path} (Python ${facts.version}) ${finding}`, `${command}${then}`);
}

function detailOf(path: string, facts: PythonFacts): string {
  const versions = ENGINE_MODULES.map((module) => `${module} ${facts.packages[module]}`).join(", ");
  const without = missingModules(OPTIONAL, facts);
  const rest = without.length === 0 ? "" : `; not installed: ${without.join(", ")}`;
  return `${path} (Python ${facts.version}): ${versions}${buildText(facts)}${rest}`;
}

function buildText({ torch_build: build }: PythonFacts): string {
  if (build === null) return "";
  if (build.cuda !== null) return `; torch is built for CUDA ${build.cuda}`;
  return build.hip !== null ? `; torch is built for ROCm ${build.hip}` : "; torch is built for CPUs alone";
}

function check(status: DoctorCheck["status"], detail: string, remedy: string | null): DoctorCheck {
  return { group: "Engines", name: "pytorch", status, detail, remedy };
}
