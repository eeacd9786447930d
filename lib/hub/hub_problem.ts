import { Problem } from "../base/problem.ts";
import { repositoryFolder, type RepositoryKind } from "./cached_repository.ts";
import type { HubEnvironment } from "./hub_environment.ts";
import { HubOffline, HubRefusal, HubUnreachable } from "./hub_fetch.ts";
import {
  fixConnection,
  gatedRepository,
  hubAnswers,
  noSuchRepository,
  noSuchRevision,
  notInCache,
  tokenRefused,
  unsetOffline,
  withoutNetwork,
} from "./messages.ts";

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
  const trouble = hubTrouble(error, asked, hub);
  if (trouble === null) return error;
  const { kind, id } = asked;
  const folder = repositoryFolder(hub.cache, kind, id);
  const text = notInCache(kind, id, folder, trouble);
  const because = { cause: error };
  return error instanceof HubRefusal ? new Problem(text, because) : new AbsentFromCache(text, because);
}

/** Why the hub does not give it, with the remedy; it ends a sentence. Null for another error. */
export function hubTrouble(error: unknown, asked: Asked, hub: HubEnvironment): string | null {
  if (error instanceof HubRefusal) return refusalText(error, asked, hub);
  if (error instanceof HubOffline) return unsetOffline(error.message, withoutNetwork(asked, hub.cache));
  return error instanceof HubUnreachable
    ? fixConnection(error.message, withoutNetwork(asked, hub.cache))
    : null;
}

function refusalText(refusal: HubRefusal, asked: Asked, hub: HubEnvironment): string {
  const { kind, id } = asked;
  const { detail } = refusal;
  const hasToken = hub.token !== null;
  const page = `${hub.endpoint}/${kind === "model" ? "" : `${kind}s/`}${id}`;
  switch (meaningOf(refusal, hub)) {
    case "no_repository":
      return noSuchRepository(hub.endpoint, kind, detail, hasToken);
    case "no_revision":
      return noSuchRevision(page, detail);
    case "gated":
      return gatedRepository(page, detail, hasToken);
    case "bad_token":
      return tokenRefused(hub.endpoint, detail);
    case "other":
      return hubAnswers(hub.endpoint, detail, withoutNetwork(asked, hub.cache));
  }
}

type Meaning = "no_repository" | "no_revision" | "gated" | "bad_token" | "other";

function meaningOf({ status, code }: HubRefusal, { token }: HubEnvironment): Meaning {
  if (code === "GatedRepo" || status === 403) return "gated";
  if (code === "RevisionNotFound") return "no_revision";
  if (code === "EntryNotFound") return "other";
  // Without a token the hub answers 401 also where there is no such repository.
  if (status === 401 && token !== null && code !== "RepoNotFound") return "bad_token";
  return status === 401 || status === 404 ? "no_repository" : "other";
}
