/** Looks at files, and small changes of them, for which a failure is an answer and no error. */
import { dirname } from "node:path";
import { fileTooLong, isFolderNotFile, isNotRegularFile } from "./messages.ts";

/** True where something is at that path, behind links too. */
export function exists(path: string): boolean {
  return stat(path) !== null;
}

/** True for a file, also behind a link. */
export function isFile(path: string): boolean {
  return stat(path)?.isFile === true;
}

/** True for a folder, also behind a link. */
export function isFolder(path: string): boolean {
  return stat(path)?.isDirectory === true;
}

/** Names in a folder, in no order; empty where it cannot be read. */
export function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    return [];
  }
}

/** The path itself where something is there, behind links too; else the nearest folder above it. */
export function nearestThere(path: string): string {
  const above = dirname(path);
  return exists(path) || above === path ? path : nearestThere(above);
}

/** True where the path, or what is there of it, has a real path that is UTF-8: no other can be handed on as text. */
export function hasReadablePath(path: string): boolean {
  try {
    Deno.realPathSync(nearestThere(path));
    return true;
  } catch (error) {
    return !(error instanceof Deno.errors.InvalidData);
  }
}

/** Removes a file, a link or an empty folder. What cannot be removed stays, in silence. */
export function removeIfThere(path: string): void {
  remove(path, false);
}

/** Removes a folder with all that is in it. What cannot be removed stays, in silence. */
export function removeTree(path: string): void {
  remove(path, true);
}

/** Enough for most files of /proc in one piece. */
const piece = new Uint8Array(16 * 1024);

/**
 * The text of a file that the kernel makes up as it is read (/proc, /sys), whose size it does not tell: a third of what
 * Deno.readTextFileSync takes, which begins with 32 bytes. Throws what the system threw.
 */
export function readKernelFile(path: string): string {
  using file = Deno.openSync(path);
  const decoder = new TextDecoder();
  let text = "";
  for (let count = file.readSync(piece); count !== null; count = file.readSync(piece)) {
    text += decoder.decode(piece.subarray(0, count), { stream: true });
  }
  return text + decoder.decode();
}

/**
 * The bytes of a file, also behind a link. What is no file is not opened: a pipe would keep us waiting for ever, and a
 * device may never end. Throws what the system threw, and TypeError for what is no file or longer than `mostBytes`.
 */
export function readRegularFile(path: string, mostBytes = Infinity): Uint8Array<ArrayBuffer> {
  refuseOther(path, mostBytes);
  return Deno.readFileSync(path);
}

/** The same as text; bytes that are no UTF-8 become U+FFFD. */
export function readRegularText(path: string, mostBytes = Infinity): string {
  refuseOther(path, mostBytes);
  return Deno.readTextFileSync(path);
}

/** Throws what the system threw, and TypeError for what is no file, which is not to be opened, or longer than `mostBytes`. */
export function refuseOther(path: string, mostBytes = Infinity): void {
  const { isFile, isDirectory, size } = Deno.statSync(path);
  if (!isFile) {
    throw new TypeError(isDirectory ? isFolderNotFile() : isNotRegularFile());
  }
  if (size > mostBytes) throw new TypeError(fileTooLong(mostBytes));
}

/** The bytes of a JSON file that people read, too. */
export function jsonFile(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 1)}\n`);
}

function remove(path: string, recursive: boolean): void {
  try {
    Deno.removeSync(path, { recursive });
  } catch {
    // It was not there, or what keeps it there is reported by whatever needs the name.
  }
}

function stat(path: string): Deno.FileInfo | null {
  try {
    return Deno.statSync(path);
  } catch {
    return null;
  }
}
