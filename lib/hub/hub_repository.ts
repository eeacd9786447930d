import type { RepositoryKind } from "./cached_repository.ts";
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

/** The commit that a branch, a tag or a commit is now. Throws what hubFetch() throws. */
export async function hubCommit({ kind, id, hub, fetch }: HubRepository, revision: string): Promise<string> {
  // Only where the hub is asked: most starts of the program have all they need.
  const { datasetInfo, modelInfo } = await import("@huggingface/hub");
  const asked = { name: id, revision, hubUrl: hub.endpoint, fetch, additionalFields: ["sha"] as ["sha"] };
  const { sha } = kind === "dataset" ? await datasetInfo(asked) : await modelInfo(asked);
  return sha;
}

/** Every file of a commit, in the order of their names. Throws what hubFetch() throws. */
export async function hubFiles(
  { kind, id, hub, fetch }: HubRepository,
  commit: string,
): Promise<readonly HubFile[]> {
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
}
