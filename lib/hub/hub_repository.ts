import type { RepositoryKind } from "./cached_repository.ts";
import type { HubEnvironment } from "./hub_environment.ts";
import { HubUnreachable } from "./hub_fetch.ts";

/** A file of a repository on the hub. */
export interface HubFile {
  /** In the repository. */
  readonly path: string;
  readonly size_bytes: number;
  /** The name of its bytes in the cache: SHA-256 for a large file, git's hash for any other. */
  readonly etag: string;
}

/** A repository at the hub, with the `fetch` of hubFetch(). */
export interface HubRepository {
  readonly kind: RepositoryKind;
  /** `owner/name`. */
  readonly id: string;
  readonly hub: HubEnvironment;
  readonly fetch: typeof fetch;
}

/** The commit that a branch, a tag or a commit is now. Throws what hubFetch() throws. */
export function hubCommit(repository: HubRepository, revision: string): Promise<string> {
  return understood(repository, async () => {
    const { kind, id, hub, fetch } = repository;
    // Only where the hub is asked: most starts of the program have all they need.
    const { datasetInfo, modelInfo } = await import("@huggingface/hub");
    const asked = { name: id, revision, hubUrl: hub.endpoint, fetch, additionalFields: ["sha"] as ["sha"] };
    const { sha } = kind === "dataset" ? await datasetInfo(asked) : await modelInfo(asked);
    if (!/^[0-9a-f]{40}$/.test(sha)) throw new TypeError(`its commit is ${sha}`);
    return sha;
  });
}

/** Every file of a commit, in the order of their names. Throws what hubFetch() throws. */
export function hubFiles(repository: HubRepository, commit: string): Promise<readonly HubFile[]> {
  return understood(repository, async () => {
    const { kind, id, hub, fetch } = repository;
    const { listFiles } = await import("@huggingface/hub");
    const repo = { type: kind, name: id };
    const files: HubFile[] = [];
    for await (
      const entry of listFiles({ repo, revision: commit, recursive: true, hubUrl: hub.endpoint, fetch })
    ) {
      if (entry.type !== "file") continue;
      const etag = entry.lfs?.oid ?? entry.oid;
      if (etag !== undefined) files.push({ path: entry.path, size_bytes: entry.size, etag });
    }
    return files.toSorted((a, b) => a.path < b.path ? -1 : 1);
  });
}

/** The address of a file's bytes. */
export function fileUrl({ kind, id, hub }: HubRepository, commit: string, { path }: HubFile): string {
  const name = path.split("/").map(encodeURIComponent).join("/");
  return `${hub.endpoint}/${kind === "model" ? "" : `${kind}s/`}${id}/resolve/${commit}/${name}`;
}

/** Throws HubRefusal where a file may not be had: the hub describes a gated repository to everyone. */
export async function checkAccess(repository: HubRepository, commit: string, file: HubFile): Promise<void> {
  // Where its bytes are is another place, and does not matter.
  const asked = { method: "HEAD", redirect: "manual" } as const;
  const answer = await repository.fetch(fileUrl(repository, commit, file), asked);
  await answer.body?.cancel();
}

/** A page that is not the hub's (a proxy's, a login's) is as good as none. */
async function understood<T>({ hub }: HubRepository, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    throw new HubUnreachable(`${hub.endpoint} gives an answer that is not a hub's (${error.message})`, {
      cause: error,
    });
  }
}
