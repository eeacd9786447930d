import type { LocalWorker } from "../../engines/engine.ts";
import { ENGINES } from "../../engines/engines.ts";
import { enginesForContainers } from "../../engines/listed.ts";
import type { Plan } from "../../plan/plan.ts";
import { runnerOf } from "../../study/runners.ts";
import { serverImageKey } from "./server.ts";
import { containersNotSupported } from "./messages.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** The images of a plan: of every backend that is to run in a container, and of servers. */
export interface WantedImages {
  /** By backend, and by {@link serverImageKey}. */
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
  for (const { config } of runs) {
    const image = ENGINES[config.backend].server?.(config)?.image ?? null;
    if (image !== null) images.set(serverImageKey(image), image);
  }
  for (const backend of new Set(runs.map((run) => run.config.backend))) {
    const runner = runnerOf(runners, backend);
    if (runner.type === "local") continue;
    const { worker } = ENGINES[backend];
    const own = env[`LLEM_DOCKER_IMAGE_${backend.toUpperCase()}`] ?? "";
    if (worker.kind === "python") images.set(backend, runner.image ?? (own === "" ? worker.image : own));
    else problems.push(noContainers(backend, worker));
  }
  return { images, problems };
}

function noContainers(backend: string, { instead_of_container: advice }: LocalWorker): string {
  const able = enginesForContainers().join(", ");
  return containersNotSupported(backend, able, advice);
}
