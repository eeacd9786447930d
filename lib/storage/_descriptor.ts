import { errno, libc } from "../base/libc.ts";

/**
 * Files by descriptor, for locks: what Deno's own files cannot do is open without following links, lock without
 * waiting, and read and write by the descriptor that was locked.
 */

/** Flags of open(2). */
export const OPEN = {
  readOnly: 0,
  readWrite: 2,
  create: 0o100,
  exclusive: 0o200,
  nonBlocking: 0o4000,
  folder: 0o200000,
  noFollow: 0o400000,
} as const;
const O_CLOEXEC = 0o2000000;

/** Operations of flock(2). */
const LOCK = { shared: 1, exclusive: 2 } as const;
const LOCK_NB = 4;
const LOCK_UN = 8;

/** Texts in lock files are short; more than this is not read. */
const MOST_BYTES = 4096;

/** An open descriptor; no program that we start inherits it. */
export class Descriptor implements Disposable {
  readonly #fd: number;
  #isOpen = true;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** Opens a file, or tells the errno. */
  static open(path: string, flags: number, mode = 0): Descriptor | { readonly errno: number } {
    const fd = libc().open(new TextEncoder().encode(`${path}\0`), flags | O_CLOEXEC, mode);
    return fd < 0 ? { errno: errno() } : new Descriptor(fd);
  }

  /** Takes the lock without waiting: 0, or the errno. Whatever this descriptor held before is gone then. */
  lock(kind: keyof typeof LOCK): number {
    return libc().flock(this.#fd, LOCK[kind] | LOCK_NB) === 0 ? 0 : errno();
  }

  unlock(): void {
    libc().flock(this.#fd, LOCK_UN);
  }

  /** Whatever the umask says. */
  setMode(mode: number): void {
    libc().fchmod(this.#fd, mode);
  }

  /** The text at the beginning of the file; empty where it cannot be read. */
  read(): string {
    const bytes = new Uint8Array(MOST_BYTES);
    const count = Number(libc().pread(this.#fd, bytes, BigInt(bytes.length), 0n));
    return new TextDecoder().decode(bytes.subarray(0, Math.max(0, count)));
  }

  /** Puts a short text in place of the whole content; a full disk, say, leaves less. */
  write(text: string): void {
    const bytes = new TextEncoder().encode(text);
    libc().ftruncate(this.#fd, 0n);
    libc().pwrite(this.#fd, bytes, BigInt(bytes.length), 0n);
  }

  [Symbol.dispose](): void {
    if (this.#isOpen) libc().close(this.#fd);
    this.#isOpen = false;
  }
}
