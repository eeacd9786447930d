import type { ServerWish } from "../engines/server_wish.ts";
import { ENGINES } from "../engines/engines.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import { revealSecrets } from "../experiment/secrets.ts";
import { askedVariables, namedVariables } from "../experiment/worker_variables.ts";
import type { DockerCli } from "../process/docker.ts";
import type { Affinity } from "../process/affinity.ts";
import { cpuParts, serverPlace } from "./place/cpu_parts.ts";
import { CACHE_VARIABLES } from "../engines/caches.ts";
import { NO_VARIABLES, type SlotVariables } from "../engines/slot_variables.ts";
import type { AttemptPlace, AttemptRequest } from "./attempt_request.ts";
import {
  commandContainer,
  containerCli,
  imageContainer,
  imageEnvironment,
  type ServerContainer,
} from "./docker/server.ts";
import type { LaunchContext } from "./launch.ts";
import { serverEnvironment, visibleBoards } from "./launch.ts";

/** The variable that tells a server's processes from all others, wherever they go. */
export const SERVER_TAG = "LLEM_SERVER_ID";

/** The server that a run needs, and the environment to start it in. */
export interface ServerLaunch {
  readonly wish: ServerWish;
  /** All of it but for what the wish adds. */
  readonly env: Readonly<Record<string, string>>;
  /** Variables that the study takes from llem's own environment for it, by name. */
  readonly passed?: Readonly<Record<string, string>>;
  /** How it is started in a container; left out for a program of this machine. */
  readonly container?: ServerContainer;
  /** What it is kept to of the machine; left out for all. */
  readonly affinity?: Affinity;
}

/** Knows for every run the server that is to be started for it; null where it needs none. */
export type ServerLauncher = (request: AttemptRequest) => ServerLaunch | null;

/** As the engines ask for it. */
export function makeServerLaunch(context: LaunchContext): ServerLauncher {
  const cwd = Deno.cwd();
  return (given) => {
    const place = serverPlace(given.place);
    const request = place === undefined ? given : { ...given, place };
    const config = revealSecrets(request.run.config, request.secrets ?? []);
    const asked = ENGINES[config.backend].server?.(config) ?? null;
    if (asked === null) return null;
    const wish = {
      ...asked,
      ready_s: request.limits.server_ready_s ?? asked.ready_s,
      env: withoutBoards(asked.env, request, context),
    };
    const slot = serverVariables(config, request.place, wish.image !== null);
    const env = serverEnvironment(context, request, slot);
    const named = namedVariables(config)?.names ?? [];
    const passed = Object.fromEntries(named.map((name) => [name, env[name] ?? ""]));
    const { server: affinity } = cpuParts(given.place, true);
    if (wish.image !== null) {
      const parts = { slot, affinity, env: imageEnvironment(env, cwd) };
      return { ...imageLaunch(wish, config, parts, context, request), passed };
    }
    const cli = containerCli(wish, env, request.base_dir);
    const container = cli === null ? {} : { container: commandContainer(wish, cli, SERVER_TAG) };
    return { wish, env, passed, ...container, ...affinity === null ? {} : { affinity } };
  };
}

/** Which boards it gets llem says, where it says so: whatever an old plan says, that stands. */
function withoutBoards(
  wished: ServerWish["env"],
  { devices }: AttemptRequest,
  { env }: LaunchContext,
): ServerWish["env"] {
  if (devices.length === 0) return wished;
  const own = visibleBoards(devices.join(","), env);
  return Object.fromEntries(Object.entries(wished).filter(([name]) => own[name] === undefined));
}

/** By what the guard removes containers that a study's own command lines begin; null where none does. */
export function serverCli(
  configs: readonly ExperimentConfig[],
  env: Readonly<Record<string, string>>,
  base_dir: string,
): DockerCli | null {
  for (const config of configs) {
    const wish = ENGINES[config.backend].server?.(config) ?? null;
    const cli = wish === null || wish.image !== null ? null : containerCli(wish, env, base_dir);
    if (cli !== null) return cli;
  }
  return null;
}

/** What a container keeps goes with it: there the folder of the slot is none. */
function serverVariables(
  config: ExperimentConfig,
  place: AttemptPlace | undefined,
  isImage: boolean,
): SlotVariables {
  if (place?.own === undefined) return NO_VARIABLES;
  const { ours, defaults } = ENGINES[config.backend].server_slot_variables?.(config, place.own) ??
    NO_VARIABLES;
  const kept = Object.entries(defaults).filter(([name]) => !isImage || !CACHE_VARIABLES.includes(name));
  return { ours, defaults: Object.fromEntries(kept) };
}

interface ImageParts {
  readonly slot: SlotVariables;
  readonly affinity: Affinity | null;
  readonly env: Readonly<Record<string, string>>;
}

function imageLaunch(
  wish: ServerWish,
  config: ExperimentConfig,
  { slot, affinity, env }: ImageParts,
  { docker }: LaunchContext,
  { devices, base_dir }: AttemptRequest,
): ServerLaunch {
  if (docker === null) throw new Error("Preflight let a server's image through without docker");
  const ofSlot = Object.keys({ ...slot.ours, ...slot.defaults }).filter((name) => name in env);
  const variables = [...Object.keys(wish.env), ...askedVariables(config).map(({ name }) => name), ...ofSlot];
  const parts = { wish, config, docker, devices, env, base_dir, variables, tag: SERVER_TAG, affinity };
  return { wish, env, container: imageContainer(parts) };
}
