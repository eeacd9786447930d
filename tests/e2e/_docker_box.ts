/** Studies whose runs are made in containers. */
import { join } from "node:path";
import { FakeDocker } from "../support/fake_docker.ts";
import { writeTinyLlama } from "../support/tiny_llama.ts";
import { type Ended, ended, llem, pidsOf, type Ran, ran, runFolder, Sandbox, start, until } from "./llem.ts";

export const TOKEN = "hf_a_secret_of_this_test";

/** A sandbox with studies of backend pytorch that run in containers of the docker of this machine. */
export class ContainerBox extends Sandbox {
  readonly env: Record<string, string> = {
    HF_HOME: join(this.dir, "hub"),
    HF_HUB_OFFLINE: "1",
    HF_TOKEN: TOKEN,
  };

  /**
   * A study of one run for every model; a model is the folder of that name, by which the program in the
   * image behaves.
   */
  dockerStudy(
    models: readonly string[],
    { runner = "docker:engine:1", execution = {} }: {
      readonly runner?: string;
      readonly execution?: Readonly<Record<string, unknown>>;
    } = {},
  ): string {
    for (const model of models) writeTinyLlama(join(this.dir, model));
    const study = {
      name: "docker",
      model: `./${models[0]}`,
      dataset: { n: 1, input_len: 4, output_len: 4 },
      runners: { pytorch: runner },
      experiments: models.map((model) => ({ model: `./${model}` })),
      execution: {
        n_cycles: 1,
        cycle_order: "sequential",
        experiment_gap_seconds: 0,
        containment: "group",
        ...execution,
      },
      energy: { backend: null },
    };
    return this.write("docker.yaml", JSON.stringify(study));
  }

  async runStudy(study: string, args: readonly string[] = []): Promise<Ran> {
    return ran(await llem(this.args(study, args), { env: this.env }));
  }

  args(study: string, args: readonly string[] = []): string[] {
    return ["run", study, "-o", join(this.dir, "out"), "--json", ...args];
  }
}

/** The same with a fake docker. */
export class DockerBox extends ContainerBox {
  readonly docker = new FakeDocker(this.dir);

  constructor() {
    super();
    this.env["LLEM_DOCKER"] = this.docker.program;
  }

  /** The calls by which workers were started. */
  runs(): string[][] {
    return this.docker.calls().filter(([verb, ...args]) => verb === "run" && args.includes("--name"));
  }
}

/** What follows an option in a call. */
export function option(call: readonly string[], name: string): string | undefined {
  return call[call.indexOf(name) + 1];
}

/** The study directory that a run has made so far. */
export async function studyDirectory(box: Sandbox): Promise<string> {
  const out = join(box.dir, "out");
  const name = await until("there is a study directory", () => [...Deno.readDirSync(out)][0]?.name);
  return join(out, name);
}

/** A runner that is killed while its worker is at work in a container. */
export async function killedRunner(
  box: DockerBox,
  before: () => void = () => {},
): Promise<{ readonly dir: string; readonly end: Ended }> {
  box.docker.addImage("engine:1", "sha256:0123");
  const child = start(box.args(box.dockerStudy(["hang"])), { env: box.env });
  await until("the container is there", () => box.docker.containers().length > 0);
  const dir = await studyDirectory(box);
  await until("the worker is at work", () => pidsOf(runFolder(dir, 1)).length === 2);
  before();
  child.kill("SIGKILL");
  return { dir, end: await ended(child) };
}
