import { projectFile } from "../../../lib/base/project_files.ts";

/** One file of the engine's assets. */
export interface AssetFile {
  readonly name: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** What build/llamacpp holds: made once by scripts/llamacpp_assets.ts and compiled into the binary. */
export interface AssetManifest {
  /** The llama.cpp release of the libraries. */
  readonly release: string;
  /** 16 hex digits over names and hashes of the files: names the folder in the user's cache. */
  readonly key: string;
  readonly files: readonly AssetFile[];
}

export const MANIFEST_FILE = "manifest.json";
/** The generated model: what a study calls it, and its file among the assets. */
export const TINY_RANDOM = "tiny-random";
export const TINY_RANDOM_FILE = "tiny-random.gguf";

/** An asset as the program sees it: in the source tree, or embedded in the compiled binary. */
export function assetUrl(name: string): URL {
  return projectFile(`build/llamacpp/${name}`);
}

/** The manifest that this program was built with, or null where the assets were never made. */
export function readManifest(): AssetManifest | null {
  try {
    return JSON.parse(Deno.readTextFileSync(assetUrl(MANIFEST_FILE))) as AssetManifest;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
