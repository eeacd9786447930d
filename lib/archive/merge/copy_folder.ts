import { join } from "node:path";

/**
 * Copies a file, or a folder with all that is in it, durably: by hard links where the file system has them, as files of a study
 * are replaced and never changed in place. What is neither a file nor a folder is left out. Throws what the system threw.
 */
export function copyFolder(from: string, to: string): void {
  const { isFile, isDirectory } = Deno.lstatSync(from);
  if (isFile) return copyFile(from, to);
  if (!isDirectory) return;
  Deno.mkdirSync(to);
  for (const { name } of Deno.readDirSync(from)) copyFolder(join(from, name), join(to, name));
  using folder = Deno.openSync(to, { read: true });
  folder.syncSync();
}

function copyFile(from: string, to: string): void {
  try {
    Deno.linkSync(from, to);
    return;
  } catch {
    // Another file system, one without links, or files of somebody else (protected_hardlinks).
  }
  Deno.copyFileSync(from, to);
  using file = Deno.openSync(to, { read: true, write: true });
  file.syncSync();
}
