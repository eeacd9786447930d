/**
 * lib/python owns the way to engines that live in Python: which interpreter runs them, what it has and lacks, and the
 * worker's files. It knows no study and imports no engine.
 */
import { join, resolve } from "node:path";
import { exists } from "../base/files.ts";
import { expandHome } from "../base/expand_home.ts";
import { resolveProgram } from "../process/resolve_program.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Where an interpreter is looked for. */
export interface PythonSearch {
  readonly env: Env;
  /** Absolute folder of the study file: a path that the study names starts here. */
  readonly base_dir: string;
  /** Absolute; a path in LLEM_PYTHON starts here. */
  readonly cwd: string;
}

/** A Python interpreter that can be started, or why not: the message names the place and what to do. */
export type Interpreter =
  | { readonly path: string }
  | { readonly path: null; readonly errno: string; readonly message: string };

/**
 * The interpreter of a run: the one that the study names in `field` (null: none), else LLEM_PYTHON, else that of an
 * active virtual environment, else that of an active conda environment which has one, else python3 of PATH. One that is
 * named and not there is an error, never passed over. Links are kept: a virtual environment is known by the path it is
 * started by.
 */
export function findInterpreter(
  named: string | null,
  field: string,
  { env, base_dir, cwd }: PythonSearch,
): Interpreter {
  const find = (from: string, name: string, baseDir: string): Interpreter => {
    const searchPath = env["PATH"] ?? "/usr/bin:/bin";
    const found = resolveProgram(expandHome(name, env), { baseDir, searchPath });
    return found.path === null ? { ...found, message: `${from}: ${found.message}` } : found;
  };
  if (named !== null) return find(field, named, base_dir);
  const { LLEM_PYTHON: own = "", VIRTUAL_ENV: venv = "", CONDA_PREFIX: conda = "" } = env;
  if (own !== "") return find("LLEM_PYTHON", fromFolder(expandHome(own, env), cwd), cwd);
  if (venv !== "") return find("VIRTUAL_ENV", resolve(cwd, venv, "bin", "python"), cwd);
  // A conda environment may be one without Python.
  const ofConda = join(conda, "bin", "python");
  if (conda !== "" && exists(ofConda)) return find("CONDA_PREFIX", resolve(cwd, ofConda), cwd);
  return find("python3", "python3", base_dir);
}

/** A path from a variable made absolute; a plain name stays one, to be looked up in PATH. */
function fromFolder(name: string, folder: string): string {
  return name.includes("/") ? resolve(folder, name) : name;
}
