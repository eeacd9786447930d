import { findInterpreter } from "../python/interpreter.ts";
import { foreseenPythonProblems, pythonObstacles } from "./python_obstacles.ts";
import { pythonProblems } from "../python/python_problems.ts";
import { namedInterpreter, type PythonNeeds } from "../python/python_needs.ts";
import type { PythonWorker, WorkerLaunch, WorkerRequest } from "./engine.ts";

/** The worker of an engine that lives in Python: what all such engines have in common. */
export function pythonWorker(
  python: PythonNeeds,
  own: Pick<PythonWorker, "image" | "passed_variables">,
): PythonWorker {
  return {
    kind: "python",
    python,
    ...own,
    launch: (request) => launchPython(python, request),
    check: async (env) => (await import("./python_check.ts")).checkPython(python, env),
    obstacles: (configs, place) => pythonObstacles(python, configs, place),
    foresee: (configs, place) => foreseenPythonProblems(python, configs, place),
    tryOut: (configs, place) => pythonProblems(python, configs, place),
  };
}

/**
 * How a run is started on this machine: its interpreter with the worker's main module, in the run's folder. Of the
 * environment only buffering is ours, so that the log holds what was printed before a crash. Bytecode is written, since
 * packages that were installed without it (as uv does) would be compiled anew in every run, for seconds; that of the
 * worker lies in its own folder and goes with it. TOKENIZERS_PARALLELISM stays the user's: prompts are tokenised before
 * what is measured.
 */
function launchPython({ field }: PythonNeeds, request: WorkerRequest): WorkerLaunch {
  const { config, env, base_dir, cwd, run_dir, python_main: main } = request;
  if (main === null) throw new Error("The Python worker was not written down for a run that needs it");
  const found = findInterpreter(namedInterpreter(config, field), field, { env, base_dir, cwd });
  if (found.path === null) {
    return { kind: "failed", failure: { errno: found.errno, message: found.message } };
  }
  const spec = { program: found.path, args: [main], cwd: run_dir, env: { PYTHONUNBUFFERED: "1", ...env } };
  return { kind: "process", spec };
}
