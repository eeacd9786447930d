import { join } from "node:path";
import type { AssetManifest } from "./asset_manifest.ts";
import { sha256File } from "./sha256_file.ts";
import { fileChanged, fileOfOtherUser, fileReplaced, fileWritableForOthers } from "./messages.ts";

const GROUP_OR_WORLD_WRITABLE = 0o022;

/**
 * Why a folder cannot be trusted to hold exactly the files of the manifest, written by us or by root; null where
 * it can. Everything is hashed on every use: what is loaded from here runs as this user.
 */
export function findAssetDefect(folder: string, manifest: AssetManifest): string | null {
  const defect = ownershipDefect(folder, (info) => info.isDirectory);
  if (defect !== null) return defect;
  for (const { name, bytes, sha256 } of manifest.files) {
    const path = join(folder, name);
    const fileDefect = ownershipDefect(path, (info) => info.isFile && info.size === bytes);
    if (fileDefect !== null) return fileDefect;
    if (sha256File(path) !== sha256) return fileChanged(path);
  }
  return null;
}

function ownershipDefect(path: string, isExpected: (info: Deno.FileInfo) => boolean): string | null {
  try {
    const info = Deno.lstatSync(path);
    if (!isExpected(info)) return fileReplaced(path);
    if (info.uid !== 0 && info.uid !== Deno.uid()) return fileOfOtherUser(path, info.uid ?? 0);
    if (((info.mode ?? 0) & GROUP_OR_WORLD_WRITABLE) !== 0) return fileWritableForOthers(path);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
