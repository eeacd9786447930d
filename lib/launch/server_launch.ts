import type { ServerWish } from "../engines/server_wish.ts";
import { ENGINES } from "../engines/engines.ts";
import { revealSecrets } from "../experiment/secrets.ts";
import type { AttemptRequest } from "./attempt_request.ts";
import type { LaunchContext } from "./launch.ts";
import { serverEnvironment } from "./launch.ts";

/** The server that a run needs, and the environment to start it in. */
export interface ServerLaunch {
  readonly wish: ServerWish;
  /** All of it but for what the wish adds. */
  readonly env: Readonly<Record<string, string>>;
}

/** Knows for every run the server that is to be started for it; null where it needs none. */
export type ServerLauncher = (request: AttemptRequest) => ServerLaunch | null;

/** As the engines ask for it. */
export function makeServerLaunch(context: LaunchContext): ServerLauncher {
  return (request) => {
    const config = revealSecrets(request.run.config, request.secrets ?? []);
    const wish = ENGINES[config.backend].server?.(config) ?? null;
    if (wish === null) return null;
    const ready_s = request.limits.server_ready_s ?? wish.ready_s;
    return { wish: { ...wish, ready_s }, env: serverEnvironment(context, request) };
  };
}
