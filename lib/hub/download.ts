import { randomUUID } from "node:crypto";
import { basename, join } from "node:path";
import { LinkedAbort } from "../base/abort.ts";
import { isFile, removeIfThere } from "../base/files.ts";
import { inCache, inside, replaceText, showBlob } from "./cache_files.ts";
import { repositoryFolder, snapshotFolder } from "./cached_repository.ts";
import { type BlobPlace, takeTurn, type TurnListener } from "./download_turn.ts";
import { type DownloadWork, USUAL_PACE } from "./download_work.ts";
import { DamagedDownload, fillPart, type PartSource } from "./fill_part.ts";
import { HubUnreachable } from "./hub_fetch.ts";
import { fileUrl, type HubFile, type HubRepository } from "./hub_repository.ts";
import { ProgressMeter } from "./progress_meter.ts";
import { retried } from "./retried.ts";
import { downloadRetry, takingOverDownload, waitingForDownload } from "./messages.ts";

/** Files that are fetched side by side. */
const AT_ONCE = 4;

/**
 * Puts files of a commit into the cache and returns their paths there, in the layout that huggingface_hub shares. All
 * of them appear together when the last one is whole: who looks meanwhile, or after a breakdown, sees none. What a
 * breakdown leaves of a file is gone on with, here or in another program; two that want the same file take turns. Throws
 * what hubFetch() throws, or Problem.
 */
export async function downloadFiles(
  repository: HubRepository,
  commit: string,
  files: readonly HubFile[],
  work: DownloadWork,
): Promise<readonly string[]> {
  const { kind, id, hub } = repository;
  const snapshot = snapshotFolder(hub.cache, kind, id, commit);
  const targets = files.map((file) => ({ file, path: inside(snapshot, file.path) }));
  const missing = targets.filter(({ path }) => !isFile(path));
  const blobs = await downloadBlobs(repository, commit, missing.map(({ file }) => file), work);
  inCache(hub.cache, () => missing.forEach(({ path }, index) => showBlob(blobs[index] ?? "", path)));
  return targets.map(({ path }) => path);
}

/** Bytes of a commit's files that are yet to come. */
export function bytesToCome(repository: HubRepository, commit: string, files: readonly HubFile[]): number {
  const { kind, id, hub } = repository;
  const snapshot = snapshotFolder(hub.cache, kind, id, commit);
  return files.filter(({ path }) => !isFile(inside(snapshot, path))).reduce((sum, file) => {
    const { blob, part } = placeOf(repository, file);
    return sum + Math.max(0, file.size_bytes - (sizeOf(blob) ?? sizeOf(part) ?? 0));
  }, 0);
}

/** Remembers which commit a branch or tag was, as huggingface_hub does. Throws Problem. */
export function rememberCommit({ kind, id, hub }: HubRepository, revision: string, commit: string): void {
  if (revision === commit) return;
  const refs = join(repositoryFolder(hub.cache, kind, id), "refs");
  inCache(hub.cache, () => replaceText(inside(refs, revision), commit));
}

/** The paths of the bytes, in the order of the files. The first failure ends the other downloads. */
async function downloadBlobs(
  repository: HubRepository,
  commit: string,
  files: readonly HubFile[],
  work: DownloadWork,
): Promise<readonly string[]> {
  if (files.length === 0) return [];
  using all = new LinkedAbort([work.signal]);
  const total = files.reduce((sum, { size_bytes }) => sum + size_bytes, 0);
  using meter = new ProgressMeter(total, (state) => work.progress?.(state));
  const blobs = new Array<string>(files.length);
  const queue = files.entries();
  const worker = async (): Promise<void> => {
    for (const [index, file] of queue) {
      const one = { ...work, signal: all.signal };
      blobs[index] = await new FileDownload(repository, commit, file, one, meter).run();
    }
  };
  const workers = Array.from({ length: Math.min(AT_ONCE, files.length) }, worker);
  try {
    await Promise.all(workers.map((running) =>
      running.catch((error) => {
        all.abort(error);
        throw error;
      })
    ));
    return blobs;
  } finally {
    await Promise.allSettled(workers);
    work.progress?.(null);
  }
}

/** The download of one file, however many tries it takes. */
class FileDownload {
  readonly #repository: HubRepository;
  readonly #file: HubFile;
  readonly #work: DownloadWork;
  readonly #meter: ProgressMeter;
  readonly #place: BlobPlace;
  readonly #source: PartSource;
  /** The most that there ever was of it, and what it was when that was last looked at. */
  #most = 0;
  #lookedAt = 0;
  #damages = 0;

  constructor(
    repository: HubRepository,
    commit: string,
    file: HubFile,
    work: DownloadWork,
    meter: ProgressMeter,
  ) {
    this.#repository = repository;
    this.#file = file;
    this.#work = work;
    this.#meter = meter;
    this.#place = placeOf(repository, file);
    const { fetch, hub } = repository;
    this.#source = {
      url: fileUrl(repository, commit, file),
      file,
      cache: hub.cache,
      fetch,
      known: null,
      etag: null,
    };
  }

  async run(): Promise<string> {
    const { blob, own } = this.#place;
    const { signal, say, pace = USUAL_PACE } = this.#work;
    if (isFile(blob)) return blob;
    inCache(this.#source.cache, () => Deno.mkdirSync(join(blob, ".."), { recursive: true }));
    try {
      await retried(() => this.#try(), {
        pace,
        signal,
        isPassing: (error) => this.#isPassing(error),
        hasMoved: () => this.#hasMoved(),
        onRetry: ({ error, pause_ms }) => say(downloadRetry(this.#name, error.message, pause_ms)),
      });
      return blob;
    } finally {
      removeIfThere(own);
    }
  }

  get #name(): string {
    return `${this.#repository.id} ${this.#file.path}`;
  }

  async #try(): Promise<void> {
    const turn = await takeTurn(this.#place, this.#work, this.#listener());
    if (turn.kind === "done") return this.#meter.at(this.#file.path, this.#file.size_bytes, false);
    using _ = turn;
    await fillPart(turn.part, this.#source, this.#work.signal, (bytes, isGain) => this.#at(bytes, isGain));
    inCache(this.#source.cache, () => Deno.renameSync(turn.part, this.#place.blob));
  }

  #at(bytes: number, isGain: boolean): void {
    this.#most = Math.max(this.#most, bytes);
    this.#meter.at(this.#file.path, bytes, isGain);
  }

  #listener(): TurnListener {
    const { say } = this.#work;
    return {
      onWait: (owner) => say(waitingForDownload(this.#name, owner)),
      // More than all of it, where parts of earlier tries lie beside the one that grows.
      onGrowth: (bytes) => this.#meter.at(this.#file.path, Math.min(bytes, this.#file.size_bytes)),
      onGiveUp: () => say(takingOverDownload(this.#name)),
    };
  }

  /** What was got with this try is worth another one, and does not use up the patience. */
  #hasMoved(): boolean {
    const hasMoved = this.#most - this.#lookedAt >= MOVED_BYTES;
    this.#lookedAt = this.#most;
    return hasMoved;
  }

  #isPassing(error: Error): boolean {
    if (!(error instanceof HubUnreachable)) return false;
    if (!(error instanceof DamagedDownload)) return error.isPassing;
    // Bytes that an earlier program left may be wrong. Twice from the beginning is the hub's doing, or a proxy's.
    this.#damages += error.was_resumed ? 0 : 1;
    return this.#damages < MOST_DAMAGES;
  }
}

const MOVED_BYTES = 2 ** 20;
const MOST_DAMAGES = 2;

function placeOf({ kind, id, hub }: HubRepository, { etag }: HubFile): BlobPlace {
  const folder = repositoryFolder(hub.cache, kind, id);
  const blob = inside(join(folder, "blobs"), etag);
  return {
    blob,
    part: `${blob}.incomplete`,
    own: `${blob}.${randomUUID()}.incomplete`,
    lock: join(hub.cache, ".locks", basename(folder), `${etag}.lock`),
  };
}

function sizeOf(path: string): number | null {
  try {
    return Deno.statSync(path).size;
  } catch {
    return null;
  }
}
