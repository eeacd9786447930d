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
  const trouble = hubTrouble(error, asked, hub);
  if (trouble === null) return error;
  const { kind, id } = asked;
  const folder = repositoryFolder(hub.cache, kind, id);
  const text = `${kind} ${id} is not whole in the hub's cache (${folder}), and ${trouble}`;
  const because = { cause: error };
  return error instanceof HubRefusal ? new Problem(text, because) : new AbsentFromCache(text, because);
}

/** Why the hub does not give it, with the remedy; it ends a sentence. Null for another error. */
export function hubTrouble(error: unknown, asked: Asked, hub: HubEnvironment): string | null {
  if (error instanceof HubRefusal) return refusalText(error, asked, hub);
  if (error instanceof HubOffline) return `${error.message}. Unset it, or ${elsewhere(asked, hub)}`;
  return error instanceof HubUnreachable ? `${error.message}. Mend that, or ${elsewhere(asked, hub)}` : null;
}

function refusalText(refusal: HubRefusal, asked: Asked, hub: HubEnvironment): string {
  const { kind, id } = asked;
  const { detail } = refusal;
  const page = `${hub.endpoint}/${kind === "model" ? "" : `${kind}s/`}${id}`;
  switch (meaningOf(refusal, hub)) {
    case "no_repository":
      return `${hub.endpoint} knows no such ${kind} (${detail}). Correct the name` +
        (hub.token === null ? "; for one that is private set HF_TOKEN." : "; or HF_TOKEN may not read it.");
    case "no_revision":
      return `${page} has no such branch, tag or commit (${detail}). Correct the revision.`;
    case "gated":
      return `${page} is gated or private (${detail}). Accept its terms at ${page} and set HF_TOKEN to a token of ` +
        `the account that did${hub.token === null ? "" : "; the one that is set may not read it"}.`;
    case "bad_token":
      return `${hub.endpoint} does not take the token (${detail}). Set HF_TOKEN to one that is valid.`;
    case "other":
      return `${hub.endpoint} answers with ${detail}. Try again later, or ${elsewhere(asked, hub)}`;
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

/** How to go on without a network. */
function elsewhere({ kind, id, revision, instead }: Asked, { cache }: HubEnvironment): string {
  const type = kind === "model" ? "" : `--repo-type ${kind} `;
  const at = revision === null ? "" : ` --revision ${revision}`;
  return `run \`hf download ${type}${id}${at}\` on a machine with network and copy its cache to ${cache}, or ` +
    `${instead}.`;
}
