import type { ExperimentConfig } from "../experiment/config.ts";
import { findInterpreter } from "../python/interpreter.ts";
import type { AttemptRequest, Launch } from "./attempt_request.ts";

/**
 * How a run of backend pytorch is started: its interpreter with the worker's main module, in the run's folder. Of the
 * environment only buffering is ours, so that the log holds what was printed before a crash. Bytecode is written, since
 * packages that were installed without it (as uv does) would be compiled anew in every run, for seconds; that of the
 * worker lies in its own folder and goes with it. TOKENIZERS_PARALLELISM stays the user's: prompts are tokenised before
 * what is measured.
 */
export function launchPython(
  config: ExperimentConfig,
  { main, env, cwd, request }: {
    /** The worker's main module. */
    readonly main: string;
    readonly env: Readonly<Record<string, string>>;
    /** Where llem was started. */
    readonly cwd: string;
    readonly request: AttemptRequest;
  },
): Launch {
  const { base_dir } = request;
  const found = findInterpreter(config.pytorch?.python ?? null, { env, base_dir, cwd });
  if (found.path === null) return { failure: { errno: found.errno, message: found.message } };
  return {
    spec: {
      program: found.path,
      args: [main],
      cwd: request.folder.path,
      env: { PYTHONUNBUFFERED: "1", ...env },
    },
  };
}
