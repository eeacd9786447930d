import { createHash, type Hash } from "node:crypto";
import { inCache } from "./cache_files.ts";
import type { HubFile } from "./hub_repository.ts";

/** What is known of a partial file from an earlier look, so that it need not be read again. */
export interface KnownPart {
  readonly size: number;
  readonly mtime_ms: number;
  readonly hash: Hash;
}

/** The bytes of a file that have come so far, and their hash. They stay on disk until they are whole or wrong. */
export class PartialFile implements Disposable {
  readonly path: string;
  readonly #cache: string;
  readonly #expected: HubFile;
  readonly #file: Deno.FsFile;
  #hash: Hash;
  #size = 0;

  private constructor(path: string, cache: string, expected: HubFile, file: Deno.FsFile) {
    this.path = path;
    this.#cache = cache;
    this.#expected = expected;
    this.#file = file;
    this.#hash = newHash(expected);
  }

  /** Opens what is there, or makes it. Throws Problem, and the signal's reason. */
  static async open(
    path: string,
    { cache, expected, known, signal }: {
      readonly cache: string;
      readonly expected: HubFile;
      readonly known: KnownPart | null;
      readonly signal: AbortSignal;
    },
  ): Promise<PartialFile> {
    const file = inCache(cache, () => Deno.openSync(path, { read: true, write: true, create: true }));
    const part = new PartialFile(path, cache, expected, file);
    try {
      await part.#takeUp(known, signal);
      return part;
    } catch (error) {
      file.close();
      throw error;
    }
  }

  get size(): number {
    return this.#size;
  }

  get isWhole(): boolean {
    return this.#size === this.#expected.size_bytes;
  }

  /** True where the bytes are the expected ones. */
  get isRight(): boolean {
    return this.#hash.copy().digest("hex") === this.#expected.etag;
  }

  append(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    inCache(this.#cache, () => {
      for (let written = 0; written < bytes.length;) {
        written += this.#file.writeSync(bytes.subarray(written));
      }
    });
    this.#size += bytes.length;
  }

  /** Throws away what has come. */
  restart(): void {
    inCache(this.#cache, () => {
      this.#file.truncateSync(0);
      this.#file.seekSync(0, Deno.SeekMode.Start);
    });
    this.#hash = newHash(this.#expected);
    this.#size = 0;
  }

  /** Resolves once its bytes would outlive a power cut: the name that they get is a promise of what they are. */
  async sync(): Promise<void> {
    await this.#file.syncData();
  }

  /** What spares the next look the reading. */
  known(): KnownPart {
    return { size: this.#size, mtime_ms: mtimeMs(this.#file), hash: this.#hash.copy() };
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  async #takeUp(known: KnownPart | null, signal: AbortSignal): Promise<void> {
    const { size } = this.#file.statSync();
    if (size > this.#expected.size_bytes) return this.restart();
    if (known !== null && known.size === size && known.mtime_ms === mtimeMs(this.#file)) {
      this.#hash = known.hash.copy();
      this.#size = size;
      this.#file.seekSync(0, Deno.SeekMode.End);
      return;
    }
    const bytes = new Uint8Array(READ_BYTES);
    for (let count = await this.#file.read(bytes); count !== null; count = await this.#file.read(bytes)) {
      signal.throwIfAborted();
      this.#hash.update(bytes.subarray(0, count));
      this.#size += count;
    }
  }
}

const READ_BYTES = 2 ** 20;

/** The hub names small files by git's hash of them, large ones by SHA-256. */
function newHash({ etag, size_bytes }: HubFile): Hash {
  const isGit = etag.length === 40;
  return isGit ? createHash("sha1").update(`blob ${size_bytes}\0`) : createHash("sha256");
}

function mtimeMs(file: Deno.FsFile): number {
  return file.statSync().mtime?.getTime() ?? 0;
}
