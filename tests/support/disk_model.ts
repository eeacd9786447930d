/**
 * What a disk may hold after a power cut, as far as POSIX promises: the bytes of a file are safe once the file was synced
 * (fsync, fdatasync), the names in a folder once the folder was; a rename happens whole or not at all. Whatever was
 * not synced may be there or not, each file and each folder for itself.
 */
import { basename, dirname, join, relative } from "node:path";
import type { DiskCall } from "./disk_shim.ts";

/** What became of the bytes that a file had beyond its last sync; a hole is where the first block was not written. */
export type Bytes = "lost" | "there" | "half there" | "zeros" | "hole";
/** What became of the names that a folder had beyond its last sync. */
export type Names = "lost" | "there";

/** Decides for each file and each folder. */
export interface Fate {
  readonly bytes: () => Bytes;
  readonly names: () => Names;
}

interface File {
  kind: "file";
  now: Uint8Array;
  synced: Uint8Array;
}

interface Folder {
  kind: "folder";
  now: Map<string, File | Folder>;
  synced: Map<string, File | Folder>;
}

/** A disk that follows a trace call by call. */
export class DiskModel {
  readonly #root: Folder;
  readonly #path: string;

  /** What the folder holds now is safe. */
  constructor(path: string) {
    this.#path = path;
    this.#root = load(path);
  }

  apply(call: DiskCall): void {
    if (call.result < 0) return;
    const name = basename(call.path);
    const parent = this.#folder(dirname(call.path));
    const node = call.path === this.#path ? this.#root : parent?.now.get(name);
    switch (call.op) {
      case "open":
      case "open_trunc":
        if (node === undefined) parent?.now.set(name, { kind: "file", now: NONE, synced: NONE });
        else if (node.kind === "file" && call.op === "open_trunc") node.now = NONE;
        break;
      case "write":
        if (node?.kind === "file") node.now = written(node.now, call.offset, call.bytes);
        break;
      case "ftruncate":
        if (node?.kind === "file") node.now = written(node.now.slice(0, call.offset), call.offset, NONE);
        break;
      case "fsync":
      case "fdatasync":
        if (node?.kind === "file") node.synced = node.now;
        else if (node?.kind === "folder") node.synced = new Map(node.now);
        break;
      case "mkdir":
        parent?.now.set(name, { kind: "folder", now: new Map(), synced: new Map() });
        break;
      case "rename":
        if (node !== undefined) this.#folder(dirname(call.other))?.now.set(basename(call.other), node);
        parent?.now.delete(name);
        break;
      case "unlink":
        parent?.now.delete(name);
        break;
      case "link":
        throw new Error("The model knows no hard links");
    }
  }

  /** The files after a power cut now, by their path from the root of this disk; folders end with a slash. */
  after(fate: Fate): Map<string, Uint8Array> {
    const files = new Map<string, Uint8Array>();
    const visit = (folder: Folder, path: string): void => {
      const entries = fate.names() === "there" ? folder.now : folder.synced;
      for (const [name, node] of entries) {
        if (node.kind === "file") files.set(`${path}${name}`, bytesAfter(node, fate.bytes()));
        else {
          files.set(`${path}${name}/`, NONE);
          visit(node, `${path}${name}/`);
        }
      }
    };
    visit(this.#root, "");
    return files;
  }

  #folder(path: string): Folder | undefined {
    let folder: Folder = this.#root;
    for (const name of relative(this.#path, path).split("/").filter((part) => part !== "")) {
      const next = folder.now.get(name);
      if (next?.kind !== "folder") return undefined;
      folder = next;
    }
    return folder;
  }
}

const NONE = new Uint8Array(0);
/** Shorter than any line of a journal. */
const HOLE_BYTES = 64;

function bytesAfter({ now, synced }: File, bytes: Bytes): Uint8Array {
  switch (bytes) {
    case "lost":
      return synced;
    case "there":
      return now;
    case "half there":
      return now.slice(0, Math.max(synced.length, (synced.length + now.length) >> 1));
    case "zeros":
      return now.length > synced.length ? written(synced, now.length, NONE) : now;
    case "hole":
      return now.length > synced.length ? written(now, synced.length, zerosFrom(synced, now)) : now;
  }
}

function zerosFrom(synced: Uint8Array, now: Uint8Array): Uint8Array {
  return new Uint8Array(Math.min(HOLE_BYTES, now.length - synced.length));
}

/** A file's bytes after a write; a gap before it is zeros. */
function written(file: Uint8Array, offset: number, bytes: Uint8Array): Uint8Array {
  const result = new Uint8Array(Math.max(file.length, offset + bytes.length));
  result.set(file);
  result.set(bytes, offset);
  return result;
}

function load(path: string): Folder {
  const entries = new Map<string, File | Folder>();
  for (const { name, isDirectory } of Deno.readDirSync(path)) {
    const bytes = isDirectory ? NONE : Deno.readFileSync(join(path, name));
    entries.set(name, isDirectory ? load(join(path, name)) : { kind: "file", now: bytes, synced: bytes });
  }
  return { kind: "folder", now: entries, synced: new Map(entries) };
}

/** Puts files down in a folder that must not exist yet. */
export function writeFiles(files: ReadonlyMap<string, Uint8Array>, into: string): void {
  Deno.mkdirSync(into);
  for (const [path, bytes] of files) {
    if (path.endsWith("/")) Deno.mkdirSync(join(into, path));
    else Deno.writeFileSync(join(into, path), bytes);
  }
}
