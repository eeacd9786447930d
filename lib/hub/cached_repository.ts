import { isFolder } from "../base/files.ts";
import { isAbsolute, join } from "node:path";

/** What a repository of the hub holds. */
export type RepositoryKind = "model" | "dataset";

/** A commit of a repository that is in the cache, at least in part. */
export interface CachedCommit {
  /** 40 hex digits. */
  readonly commit: string;
  /** Absolute folder of its files, in which any may be missing. */
  readonly path: string;
}

const COMMIT = /^[0-9a-f]{40}$/;
const DEFAULT_REVISION = "main";

/** The folder of a repository in the cache, in the layout of huggingface_hub: `models--owner--name`. */
export function repositoryFolder(cache: string, kind: RepositoryKind, id: string): string {
  return join(cache, `${kind}s--${id.replaceAll("/", "--")}`);
}

/** The folder in which the cache keeps the files of a commit. */
export function snapshotFolder(cache: string, kind: RepositoryKind, id: string, commit: string): string {
  return join(repositoryFolder(cache, kind, id), "snapshots", commit);
}

/**
 * The commit that the cache holds for a branch, tag or commit; null as a revision is `main`. Null where it holds none:
 * whether that one is the newest on the hub is not asked.
 */
export function cachedCommit(
  cache: string,
  kind: RepositoryKind,
  id: string,
  revision: string | null,
): CachedCommit | null {
  const name = revision ?? DEFAULT_REVISION;
  const commit = COMMIT.test(name) ? name : readReference(repositoryFolder(cache, kind, id), name);
  if (commit === null) return null;
  const path = snapshotFolder(cache, kind, id, commit);
  return isFolder(path) ? { commit, path } : null;
}

function readReference(repository: string, name: string): string | null {
  if (isAbsolute(name) || name.split("/").includes("..")) return null;
  try {
    const text = Deno.readTextFileSync(join(repository, "refs", name)).trim();
    return COMMIT.test(text) ? text : null;
  } catch {
    return null;
  }
}
