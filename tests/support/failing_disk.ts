import { basename } from "node:path";
import { type AppendFile, type Disk, realDisk } from "../../lib/storage/disk.ts";

/**
 * The real disk, which writes down what it is asked to do and may fail at one of its writes, as a full one would:
 * an append that fails has put half of its bytes down.
 */
export class FailingDisk implements Disk {
  /** `what file`, in order; the failing one is the last. */
  readonly done: string[] = [];
  /** Called before each write. */
  onWrite: (what: string, path: string) => void = () => {};
  readonly #failAt: number;

  /** `failAt` counts from 1; without it nothing fails. */
  constructor(failAt = Infinity) {
    this.#failAt = failAt;
  }

  createFolder(path: string): void {
    this.#step("createFolder", path);
    realDisk.createFolder(path);
  }

  replace(path: string, content: Uint8Array | Iterable<Uint8Array>): void {
    this.#step("replace", path);
    realDisk.replace(path, content);
  }

  syncFolder(path: string): void {
    this.#step("syncFolder", path);
    realDisk.syncFolder(path);
  }

  openAppend(path: string): AppendFile {
    this.#step("open", path);
    const file = realDisk.openAppend(path);
    return {
      append: (bytes, sync) => {
        const half = (): void => file.append(bytes.subarray(0, bytes.length >> 1), false);
        this.#step(sync ? "append+sync" : "append", path, half);
        file.append(bytes, sync);
      },
      close: () => file.close(),
    };
  }

  rename(from: string, to: string): void {
    this.#step("rename", to);
    realDisk.rename(from, to);
  }

  #step(what: string, path: string, half: () => void = () => {}): void {
    this.onWrite(what, path);
    this.done.push(`${what} ${basename(path)}`);
    if (this.done.length !== this.#failAt) return;
    half();
    throw Object.assign(new Error("No space left on device (os error 28)"), { code: "ENOSPC" });
  }
}
