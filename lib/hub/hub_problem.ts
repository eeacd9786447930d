import { join } from "node:path";
import { Problem } from "../base/problem.ts";
import { repositoryFolder, type RepositoryKind } from "./cached_repository.ts";
import type { HubEnvironment } from "./hub_environment.ts";
import { HubOffline, HubRefusal, HubUnreachable } from "./hub_fetch.ts";

/** What was asked for, in the words of the study. */
export interface Asked {
  readonly kind: RepositoryKind;
  /** `owner/name`. */
  readonly id: string;
  /** Branch, tag or commit; null is `main`. */
  readonly revision: string | null;
  /** What the user can do instead of fetching it: ends a sentence that begins with `or`. */
  readonly instead: string;
}

/** It is not in the cache, and the network does not give it. */
export class AbsentFromCache extends Problem {}

/** What went wrong with the hub as a sentence with place and remedy; anything else comes back as it is. */
export function hubProblem(error: unknown, asked: Asked, hub: HubEnvironment): unknown {
  if (error instanceof HubRefusal) return refused(error, asked, hub);
  if (error instanceof HubOffline) {
    return absent(error, asked, hub, `unset ${error.variable} to fetch it, `);
  }
  return error instanceof HubUnreachable ? absent(error, asked, hub, "") : error;
}

function absent(
  error: Error,
  { kind, id, revision, instead }: Asked,
  hub: HubEnvironment,
  first: string,
): AbsentFromCache {
  const flags = [kind === "dataset" ? "--repo-type dataset " : "", id];
  if (revision !== null) flags.push(` --revision ${revision}`);
  return new AbsentFromCache(
    `${kind} ${id} is not whole in the hub's cache (${repositoryFolder(hub.cache, kind, id)}), and ` +
      `${error.message}. Remedy: ${first}run "hf download ${
        flags.join("")
      }" on a machine with network and copy ` +
      `its cache to ${hub.cache}, ${instead}.`,
    { cause: error },
  );
}

function refused(error: HubRefusal, { kind, id, revision }: Asked, hub: HubEnvironment): Problem {
  const { status, code } = error;
  const page = join(kind === "dataset" ? "datasets" : "", id);
  const at = `${hub.endpoint}/${page}`;
  const because = { cause: error };
  if (code === "RevisionNotFound") {
    return new Problem(`${kind} ${id} has no revision ${revision ?? "main"} at ${at}. Correct it.`, because);
  }
  if (status === 401 || status === 403 || code === "GatedRepo") {
    const token = hub.token === null ? "no token was shown" : "the token that was shown does not open it";
    return new Problem(
      `${hub.endpoint} refuses ${kind} ${id} (${status}): it is gated or private, or there is none of that ` +
        `name; ${token}. Check the name, accept its terms at ${at}, and set HF_TOKEN.`,
      because,
    );
  }
  if (status === 404) {
    return new Problem(
      `There is no ${kind} ${id} at ${hub.endpoint} (404). Check its name: owner/name.`,
      because,
    );
  }
  return new Problem(`${error.message}: ${kind} ${id} cannot be fetched now. Try again later.`, because);
}
