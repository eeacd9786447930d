import type { Plan } from "../../plan/plan.ts";
import { runnerOf } from "../../study/runners.ts";

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The image of a backend whose runner is plain `docker`: one that anybody can pull and that holds Python
 * 3.10 or newer with the backend's engine. A backend that is not here has no worker that could run in a
 * container.
 *
 * pytorch: vLLM's image brings torch, transformers, accelerate and bitsandbytes in versions that were tried
 * together.
 */
const USUAL_IMAGES: ReadonlyMap<string, string> = new Map([["pytorch", "vllm/vllm-openai:v0.11.0"]]);

/** Backends that have a worker, and none that a container could hold. */
const LOCAL_ONLY: readonly string[] = ["command", "llamacpp"];

/** The image of every backend of a plan that is to run in a container. */
export interface WantedImages {
  /** By backend. */
  readonly images: ReadonlyMap<string, string>;
  /** Backends that cannot, one sentence each. */
  readonly problems: readonly string[];
}

/**
 * Which images a plan's runs need: as `runners` names them, else LLEM_DOCKER_IMAGE_<BACKEND>, else the usual
 * ones.
 */
export function wantedImages({ runs, runners }: Pick<Plan, "runs" | "runners">, env: Env): WantedImages {
  const images = new Map<string, string>();
  const problems: string[] = [];
  for (const backend of new Set(runs.map((run) => run.config.backend))) {
    const runner = runnerOf(runners, backend);
    if (runner.type === "local") continue;
    const usual = USUAL_IMAGES.get(backend);
    const own = env[`LLEM_DOCKER_IMAGE_${backend.toUpperCase()}`] ?? "";
    // A backend without any worker is told of elsewhere.
    if (usual === undefined) problems.push(...LOCAL_ONLY.includes(backend) ? [noContainers(backend)] : []);
    else images.set(backend, runner.image ?? (own === "" ? usual : own));
  }
  return { images, problems };
}

function noContainers(backend: string): string {
  const able = [...USUAL_IMAGES.keys()].join(", ");
  const advice = backend === "command"
    ? 'Take the line out, and start the container yourself: command: { argv: [docker, run, --rm, "-i", IMAGE, ...] }.'
    : `Take the line out, or say ${backend}: local.`;
  return `runners: ${backend}: docker cannot be: only ${able} has a worker that runs in a container. ${advice}`;
}
