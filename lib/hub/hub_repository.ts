import { apiFetch } from "./api_fetch.ts";
import type { RepositoryKind } from "./cached_repository.ts";
import { commitFault, listingFault } from "./hub_answers.ts";
import type { HubEnvironment } from "./hub_environment.ts";

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

/** The commit that a branch, a tag or a commit is now. Throws what apiFetch() throws. */
export async function hubCommit({ kind, id, hub, fetch }: HubRepository, revision: string): Promise<string> {
  // Only where the hub is asked: most starts of the program have all they need.
  const { datasetInfo, modelInfo } = await import("@huggingface/hub");
  const asked = {
    name: id,
    revision,
    hubUrl: hub.endpoint,
    fetch: apiFetch(hub, fetch, commitFault),
    additionalFields: ["sha"] as ["sha"],
  };
  const { sha } = kind === "dataset" ? await datasetInfo(asked) : await modelInfo(asked);
  return sha;
}

/** Every file of a commit, in the order of their names. Throws what apiFetch() throws. */
export async function hubFiles(
  { kind, id, hub, fetch }: HubRepository,
  commit: string,
): Promise<readonly HubFile[]> {
  const { listFiles } = await import("@huggingface/hub");
  const asked = {
    repo: { type: kind, name: id },
    revision: commit,
    recursive: true,
    hubUrl: hub.endpoint,
    fetch: apiFetch(hub, fetch, listingFault),
  };
  const files: HubFile[] = [];
  for await (const { type, path, size, lfs, oid } of listFiles(asked)) {
    const etag = lfs?.oid ?? oid;
    if (type === "file" && etag !== undefined) files.push({ path, size_bytes: size, etag });
  }
  return files.toSorted((a, b) => a.path < b.path ? -1 : 1);
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
