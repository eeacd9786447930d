/** A cache of the hub on disk, in the layout of huggingface_hub: blobs, links to them, references. */
import { createHash } from "node:crypto";
import { dirname, join, relative } from "node:path";
import { repositoryFolder, type RepositoryKind } from "../../lib/hub/cached_repository.ts";
import type { HubFiles } from "./hub_server.ts";

/** Puts files of a commit into a cache, as a download of `reference` leaves them. */
export function fillCache(
  cache: string,
  { kind, id, commit, reference = "main" }: {
    readonly kind: RepositoryKind;
    readonly id: string;
    readonly commit: string;
    readonly reference?: string;
  },
  files: HubFiles,
): void {
  const repository = repositoryFolder(cache, kind, id);
  const write = (path: string, bytes: string | Uint8Array): void => {
    Deno.mkdirSync(dirname(path), { recursive: true });
    Deno.writeFileSync(path, typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes);
  };
  for (const [name, bytes] of Object.entries(files)) {
    const blob = join(repository, "blobs", createHash("sha256").update(bytes).digest("hex"));
    const path = join(repository, "snapshots", commit, name);
    write(blob, bytes);
    Deno.mkdirSync(dirname(path), { recursive: true });
    Deno.symlinkSync(relative(dirname(path), blob), path);
  }
  write(join(repository, "refs", reference), commit);
}
