import { join } from "node:path";
import { type AssetManifest, assetUrl } from "./asset_manifest.ts";
import { PACKED_FILE, unpackContents } from "./pack_assets.ts";

/** Temporary folders carry this, so that those of a killed process can be told and removed. */
export const UNPACK_PREFIX = ".llamacpp-unpacking-";

/**
 * Writes the embedded files into a new folder inside `parent`, readable by this user only, durable before it
 * returns. On failure nothing is left.
 */
export function unpackAssets(parent: string, manifest: AssetManifest): string {
  const folder = Deno.makeTempDirSync({ dir: parent, prefix: UNPACK_PREFIX }); // mode 0700
  try {
    const packed = Deno.readFileSync(assetUrl(PACKED_FILE));
    for (const [name, bytes] of unpackContents(packed, manifest)) writeAsset(join(folder, name), bytes);
    return folder;
  } catch (error) {
    Deno.removeSync(folder, { recursive: true });
    throw error;
  }
}

function writeAsset(path: string, bytes: Uint8Array): void {
  const mode = path.endsWith(".so") ? 0o500 : 0o400;
  using file = Deno.openSync(path, { createNew: true, write: true, mode });
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  file.syncDataSync();
}
