import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";
import type { AssetManifest } from "./asset_manifest.ts";

/** All assets in one compressed file: the only form of them that the compiled program carries. */
export const PACKED_FILE = "packed.br";

/**
 * The files' contents one after the other, in the manifest's order, compressed. The CPU variants of a library are
 * nearly equal, so a window that spans them all makes 23 MB into 4; a program reads all that it carries at every
 * start, twice.
 */
export function packAssets(contents: readonly Uint8Array[]): Uint8Array {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_MAX_WINDOW_BITS } = constants;
  return brotliCompressSync(concat(contents), {
    params: { [BROTLI_PARAM_QUALITY]: 7, [BROTLI_PARAM_LGWIN]: BROTLI_MAX_WINDOW_BITS },
  });
}

/** The contents by name. */
export function unpackContents(packed: Uint8Array, manifest: AssetManifest): ReadonlyMap<string, Uint8Array> {
  const whole = brotliDecompressSync(packed);
  const contents = new Map<string, Uint8Array>();
  let at = 0;
  for (const { name, bytes } of manifest.files) {
    contents.set(name, whole.subarray(at, at + bytes));
    at += bytes;
  }
  if (at !== whole.length) throw new Error(`Cannot unpack the assets: ${whole.length} bytes, ${at} expected`);
  return contents;
}

function concat(contents: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(contents.reduce((size, content) => size + content.length, 0));
  let at = 0;
  for (const content of contents) {
    whole.set(content, at);
    at += content.length;
  }
  return whole;
}
