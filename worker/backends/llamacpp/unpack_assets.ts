import { join } from "node:path";
import { type AssetFile, type AssetManifest, assetUrl } from "./asset_manifest.ts";

/** Temporary folders carry this, so that those of a killed process can be told and removed. */
export const UNPACK_PREFIX = ".llamacpp-unpacking-";

/**
 * Writes the embedded files into a new folder inside `parent`, readable by this user only, durable before it
 * returns. On failure nothing is left.
 */
export function unpackAssets(parent: string, manifest: AssetManifest): string {
  const folder = Deno.makeTempDirSync({ dir: parent, prefix: UNPACK_PREFIX }); // mode 0700
  try {
    for (const file of manifest.files) writeAsset(folder, file);
    return folder;
  } catch (error) {
    Deno.removeSync(folder, { recursive: true });
    throw error;
  }
}

function writeAsset(folder: string, { name }: AssetFile): void {
  const bytes = Deno.readFileSync(assetUrl(name));
  const mode = name.endsWith(".so") ? 0o500 : 0o400;
  using file = Deno.openSync(join(folder, name), { createNew: true, write: true, mode });
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  file.syncDataSync();
}
