import { ENGINES } from "../engines/engines.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import type { ProcessSpec } from "../process/spawn.ts";
import { findInterpreter } from "../python/interpreter.ts";
import { namedInterpreter } from "../python/python_needs.ts";
import { writePythonWorker } from "../python/worker_files.ts";
import { fetchInContainer } from "./docker/launch.ts";
import type { DockerHost } from "./docker/host.ts";

/**
 * What downloads models before a study: the Python worker, with the interpreter that will load them. It is
 * written into a folder of its own, as there is no study directory yet; disposing removes it.
 */
export class ModelFetcher implements Disposable {
  readonly #env: Readonly<Record<string, string>>;
  readonly #baseDir: string;
  readonly #docker: DockerHost | null;
  #folder: string | null = null;
  #main = "";

  /** `docker` is what runs in containers are started with; their models are fetched in containers, too. */
  constructor(env: Readonly<Record<string, string>>, baseDir: string, docker: DockerHost | null) {
    this.#env = env;
    this.#baseDir = baseDir;
    this.#docker = docker;
  }

  /** The program for a model that this configuration loads, or why there is none. */
  programFor(config: ExperimentConfig): ProcessSpec | { readonly reason: string } {
    const docker = this.#docker?.images.has(config.backend) === true ? this.#docker : null;
    try {
      return docker === null ? this.#local(config) : fetchInContainer(config, {
        docker,
        main: this.#worker(),
        env: this.#env,
        cwd: Deno.cwd(),
      });
    } catch (error) {
      return {
        reason: `the Python worker cannot be written into a temporary folder: ${(error as Error).message}`,
      };
    }
  }

  #local(config: ExperimentConfig): ProcessSpec | { readonly reason: string } {
    const { worker } = ENGINES[config.backend];
    if (worker?.kind !== "python") {
      return { reason: `backend ${config.backend} has no program that downloads` };
    }
    const { field } = worker.python;
    const search = { env: this.#env, base_dir: this.#baseDir, cwd: Deno.cwd() };
    const found = findInterpreter(namedInterpreter(config, field), field, search);
    if (found.path === null) return { reason: found.message };
    return { program: found.path, args: [this.#worker(), "--fetch"], cwd: this.#baseDir, env: this.#env };
  }

  #worker(): string {
    if (this.#folder === null) {
      // Of mode 700, whatever the umask.
      this.#folder = Deno.makeTempDirSync({ prefix: "llem-" });
      this.#main = writePythonWorker(this.#folder).main;
    }
    return this.#main;
  }

  [Symbol.dispose](): void {
    if (this.#folder === null) return;
    try {
      Deno.removeSync(this.#folder, { recursive: true });
    } catch {
      // A few small files in the folder for temporary ones.
    }
  }
}
