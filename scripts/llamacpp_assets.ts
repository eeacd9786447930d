/**
 * Makes the assets of the embedded engine: the llama.cpp libraries of an unpacked registry package, the generated
 * model `tiny-random`, all of it once more in one compressed file for the compiled program, and a manifest with the
 * SHA-256 of each. Prints nothing when all went well.
 *
 *     deno run -A scripts/llamacpp_assets.ts PACKAGE_DIR build/llamacpp
 *
 * PACKAGE_DIR is the folder of the package that holds the libraries (bins/linux-x64).
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { AssetFile, AssetManifest } from "../worker/engines/llamacpp/asset_manifest.ts";
import { MANIFEST_FILE, TINY_RANDOM_FILE } from "../worker/engines/llamacpp/asset_manifest.ts";
import { KNOWN_BUILDS, RELEASE } from "../worker/engines/llamacpp/release.ts";
import { packAssets, PACKED_FILE } from "../worker/engines/llamacpp/pack_assets.ts";
import { sha256File } from "../worker/engines/llamacpp/sha256_file.ts";
import { tinyRandomGguf } from "../worker/engines/llamacpp/tiny_random/tiny_random.ts";

const CPU_VARIANT = /^libggml-cpu-[a-z0-9_]+\.so$/;

/** Fills `outDir`. The manifest goes first and comes back last: a folder that has one is complete. */
export function makeAssets(packageDir: string, outDir: string): AssetManifest {
  const libraries = librariesOf(packageDir);
  Deno.mkdirSync(outDir, { recursive: true });
  removeOldAssets(outDir);
  for (const name of libraries) {
    place(join(outDir, name), (partial) => Deno.copyFileSync(join(packageDir, name), partial));
  }
  place(join(outDir, TINY_RANDOM_FILE), (partial) => Deno.writeFileSync(partial, tinyRandomGguf()));
  const files = [...libraries, TINY_RANDOM_FILE].sort().map((name) => describeFile(outDir, name));
  const packed = packAssets(files.map(({ name }) => Deno.readFileSync(join(outDir, name))));
  place(join(outDir, PACKED_FILE), (partial) => Deno.writeFileSync(partial, packed));
  const manifest = { release: RELEASE.name, key: keyOf(files), files };
  const text = JSON.stringify(manifest, null, 2) + "\n";
  place(join(outDir, MANIFEST_FILE), (partial) => Deno.writeTextFileSync(partial, text));
  return manifest;
}

/** Only what this script made, whatever folder it was pointed at. */
function removeOldAssets(outDir: string): void {
  for (const { name } of Deno.readDirSync(outDir)) {
    if (name === MANIFEST_FILE || /^lib(ggml|llama)[a-z0-9._-]*\.so$/.test(name)) {
      Deno.removeSync(join(outDir, name));
    }
  }
}

/** Writes a file beside its place and moves it there whole; a library in use keeps its old content. */
function place(path: string, write: (partial: string) => void): void {
  const partial = `${path}.partial`;
  write(partial);
  Deno.chmodSync(partial, 0o644);
  Deno.renameSync(partial, path);
}

function librariesOf(packageDir: string): string[] {
  const present = [...Deno.readDirSync(packageDir)].map(({ name }) => name);
  const [ours] = KNOWN_BUILDS;
  const needed = Object.values(ours ?? {});
  const variants = present.filter((name) => CPU_VARIANT.test(name));
  const missing = needed.filter((name) => !present.includes(name));
  if (missing.length > 0 || variants.length === 0) {
    const names = [...missing, ...(variants.length === 0 ? ["libggml-cpu-*.so"] : [])].join(", ");
    throw new Error(`Cannot make the engine's assets: ${packageDir} has no ${names} of ${RELEASE.name}`);
  }
  return [...needed, ...variants];
}

function describeFile(folder: string, name: string): AssetFile {
  const path = join(folder, name);
  return { name, bytes: Deno.statSync(path).size, sha256: sha256File(path) };
}

function keyOf(files: readonly AssetFile[]): string {
  const text = files.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join("");
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

if (import.meta.main) {
  const [packageDir, outDir] = Deno.args;
  if (packageDir === undefined || outDir === undefined) {
    console.error("usage: deno run -A scripts/llamacpp_assets.ts PACKAGE_DIR OUT_DIR");
    Deno.exit(2);
  }
  makeAssets(packageDir, outDir);
}
