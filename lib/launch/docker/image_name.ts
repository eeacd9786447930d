/** The names by which docker knows images. */

/** Names an image that no registry can replace by another: `owner/name@sha256:...`, with a tag or without. */
export function isPinned(name: string): boolean {
  return name.includes("@");
}

/** The repository of a name: without tag and digest. A registry's port is no tag. */
export function repositoryOf(name: string): string {
  const [bare = ""] = name.split("@");
  return bare.replace(/:[^/:]*$/, "");
}

/**
 * Of the digests that an image is known by, the one of the repository that `name` is from; podman writes its registry
 * before it. An image that was only given a further name here is still that of its own repository.
 */
export function digestFor(name: string, digests: readonly string[]): string | null {
  const wanted = repositoryOf(name);
  const own = digests.find((digest) => {
    const repository = repositoryOf(digest);
    return repository === wanted || repository.endsWith(`/${wanted}`);
  });
  return own ?? digests[0] ?? null;
}
