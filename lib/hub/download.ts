import { createHash, type Hash, randomUUID } from "node:crypto";
import { join } from "node:path";
import { isFile, removeIfThere } from "../base/files.ts";
import { inCache, inside, replaceText, showBlob } from "./cache_files.ts";
import { repositoryFolder, snapshotFolder } from "./cached_repository.ts";
import { HubUnreachable } from "./hub_fetch.ts";
import { fileUrl, type HubFile, type HubRepository } from "./hub_repository.ts";

/**
 * Puts files of a commit into the cache and returns their paths there, in the layout that huggingface_hub shares. All
 * of them appear together when the last one is whole: who looks meanwhile, or after a breakdown, sees none. Throws
 * what hubFetch() throws, or Problem. (The library's own download leaves half a file, checks no bytes, and prints on
 * stdout.)
 */
export async function downloadFiles(
  repository: HubRepository,
  commit: string,
  files: readonly HubFile[],
): Promise<readonly string[]> {
  const { kind, id, hub } = repository;
  const snapshot = snapshotFolder(hub.cache, kind, id, commit);
  const targets = files.map((file) => ({ file, path: inside(snapshot, file.path) }));
  const blobs: { blob: string; path: string }[] = [];
  for (const { file, path } of targets) {
    if (!isFile(path)) blobs.push({ blob: await downloadBlob(repository, commit, file), path });
  }
  inCache(hub.cache, () => blobs.forEach(({ blob, path }) => showBlob(blob, path)));
  return targets.map(({ path }) => path);
}

/** Remembers which commit a branch or tag was, as huggingface_hub does. Throws Problem. */
export function rememberCommit({ kind, id, hub }: HubRepository, revision: string, commit: string): void {
  if (revision === commit) return;
  const refs = join(repositoryFolder(hub.cache, kind, id), "refs");
  inCache(hub.cache, () => replaceText(inside(refs, revision), commit));
}

async function downloadBlob(repository: HubRepository, commit: string, file: HubFile): Promise<string> {
  const { kind, id, hub, fetch } = repository;
  const blobs = join(repositoryFolder(hub.cache, kind, id), "blobs");
  const blob = inside(blobs, file.etag);
  if (isFile(blob)) return blob;
  inCache(hub.cache, () => Deno.mkdirSync(blobs, { recursive: true }));
  const url = fileUrl(repository, commit, file);
  const { body } = await fetch(url);
  const incomplete = `${blob}.${randomUUID()}.incomplete`;
  try {
    const isWhole = await save(body, incomplete, hashFor(file), hub.cache);
    if (!isWhole) throw new HubUnreachable(`${url} came damaged`);
    inCache(hub.cache, () => Deno.renameSync(incomplete, blob));
  } catch (error) {
    removeIfThere(incomplete);
    throw error;
  }
  return blob;
}

/** What a file's bytes must come to. */
interface Expected {
  readonly hash: Hash;
  readonly hex: string;
}

function hashFor({ etag, size_bytes }: HubFile): Expected {
  const isGit = etag.length === 40;
  const hash = isGit ? createHash("sha1").update(`blob ${size_bytes}\0`) : createHash("sha256");
  return { hash, hex: etag };
}

/** False where the bytes are not the ones that were expected. */
async function save(
  body: ReadableStream<Uint8Array> | null,
  path: string,
  { hash, hex }: Expected,
  cache: string,
): Promise<boolean> {
  using file = inCache(cache, () => Deno.openSync(path, { write: true, createNew: true }));
  for await (const chunk of body ?? []) {
    hash.update(chunk);
    inCache(cache, () => writeAll(file, chunk));
  }
  return hash.digest("hex") === hex;
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += file.writeSync(bytes.subarray(written));
}
