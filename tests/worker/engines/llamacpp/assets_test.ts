import assert from "node:assert/strict";
import { join } from "node:path";
import { cacheFolder, openCache } from "../../../../worker/engines/llamacpp/asset_cache.ts";
import { type AssetManifest, readManifest } from "../../../../worker/engines/llamacpp/asset_manifest.ts";
import { findAssetDefect } from "../../../../worker/engines/llamacpp/check_assets.ts";
import { packAssets, unpackContents } from "../../../../worker/engines/llamacpp/pack_assets.ts";
import { sha256File } from "../../../../worker/engines/llamacpp/sha256_file.ts";
import { tinyRandomGguf } from "../../../../worker/engines/llamacpp/tiny_random/tiny_random.ts";
import { ASSETS } from "../../worker_process.ts";

function manifest(): AssetManifest {
  const found = readManifest();
  if (found === null) throw new Error("build/llamacpp is not there: run scripts/setup");
  return found;
}

/** A folder of this user's own, with an empty cache in it; /tmp is sticky. */
function withCache(test: (cache: string) => void): void {
  const root = Deno.makeTempDirSync();
  try {
    test(join(root, "cache", "llem"));
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
}

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("tinyRandomGguf() gives equal bytes every time, and they are the file that was built", async () => {
  const first = tinyRandomGguf();
  assert.deepEqual(first, tinyRandomGguf());
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", first)).toHex();
  assert.equal(digest, manifest().files.find(({ name }) => name === "tiny-random.gguf")?.sha256);
  assert.ok(first.length < 400_000);
});

Deno.test("the manifest describes the files beside it", () => {
  for (const { name, bytes, sha256 } of manifest().files) {
    assert.equal(Deno.statSync(join(ASSETS, name)).size, bytes, name);
    assert.equal(sha256File(join(ASSETS, name)), sha256, name);
  }
});

Deno.test("unpackContents() gives back what packAssets() took, and refuses other sizes", () => {
  const contents = [new Uint8Array([1, 2, 3]), new Uint8Array(), new Uint8Array(5000).fill(7)];
  const files = contents.map(({ length }, index) => ({ name: `f${index}`, bytes: length, sha256: "" }));
  const packed = packAssets(contents);
  const back = unpackContents(packed, { release: "", key: "", files });
  assert.deepEqual([...back.values()].map((bytes) => [...bytes]), contents.map((bytes) => [...bytes]));
  assert.throws(() => unpackContents(packed, { release: "", key: "", files: files.slice(1) }), /5003 bytes/);
});

Deno.test("openCache() unpacks once, for this user only, and uses that copy again", () => {
  withCache((cache) => {
    const folder = openCache(cache, manifest());
    assert.equal(folder, join(cache, `llamacpp-${manifest().key}`));
    assert.deepEqual(names(folder), manifest().files.map(({ name }) => name).sort());
    assert.equal((Deno.statSync(folder).mode ?? 0) & 0o777, 0o700);
    for (const { name } of manifest().files) {
      assert.equal(
        (Deno.statSync(join(folder, name)).mode ?? 0) & 0o777,
        name.endsWith(".so") ? 0o500 : 0o400,
      );
    }
    const inode = Deno.statSync(folder).ino;
    assert.equal(openCache(cache, manifest()), folder);
    assert.equal(Deno.statSync(folder).ino, inode);
    assert.deepEqual(names(cache), [`llamacpp-${manifest().key}`]);
  });
});

Deno.test("openCache() replaces a copy that is damaged in any way", () => {
  withCache((cache) => {
    const folder = openCache(cache, manifest());
    const library = join(folder, "libggml-base.so");
    const damages: Readonly<Record<string, () => void>> = {
      "a byte changed": () => {
        Deno.chmodSync(library, 0o700);
        using file = Deno.openSync(library, { write: true });
        file.seekSync(1000, Deno.SeekMode.Start);
        file.writeSync(new Uint8Array([0xaa, 0x55]));
        Deno.chmodSync(library, 0o500);
      },
      "cut short": () => {
        Deno.chmodSync(library, 0o700);
        Deno.truncateSync(library, 100);
        Deno.chmodSync(library, 0o500);
      },
      "gone": () => Deno.removeSync(library),
      "writable for others": () => Deno.chmodSync(library, 0o522),
      "folder writable for its group": () => Deno.chmodSync(folder, 0o770),
      "a link": () => {
        Deno.removeSync(library);
        Deno.symlinkSync(join(ASSETS, "libggml-base.so"), library);
      },
      "a file in place of the folder": () => {
        Deno.removeSync(folder, { recursive: true });
        Deno.writeTextFileSync(folder, "x");
      },
    };
    for (const [name, damage] of Object.entries(damages)) {
      damage();
      assert.notEqual(findAssetDefect(folder, manifest()), null, name);
      assert.equal(openCache(cache, manifest()), folder, name);
      assert.equal(findAssetDefect(folder, manifest()), null, name);
      assert.deepEqual(names(cache), [`llamacpp-${manifest().key}`], name);
    }
  });
});

Deno.test("openCache() refuses a place that anyone may write to", () => {
  withCache((cache) => {
    Deno.mkdirSync(cache, { recursive: true });
    Deno.chmodSync(cache, 0o777);
    assert.throws(() => openCache(cache, manifest()), /llem is writable for everyone/);
    Deno.chmodSync(cache, 0o700);
    Deno.chmodSync(join(cache, ".."), 0o777);
    assert.throws(() => openCache(cache, manifest()), /cache is writable for everyone/);
    assert.deepEqual(names(cache), []);
  });
});

Deno.test("openCache() removes what a killed process left a day ago, and nothing newer", () => {
  withCache((cache) => {
    Deno.mkdirSync(cache, { recursive: true, mode: 0o700 });
    for (const [name, ageHours] of [["old", 25], ["new", 1]] as const) {
      const path = join(cache, `.llamacpp-unpacking-${name}`);
      Deno.mkdirSync(path);
      const time = new Date(Date.now() - ageHours * 3600 * 1000);
      Deno.utimeSync(path, time, time);
    }
    openCache(cache, manifest());
    assert.deepEqual(names(cache), [".llamacpp-unpacking-new", `llamacpp-${manifest().key}`]);
  });
});

Deno.test("openCache() gives one whole copy to processes that start together", async () => {
  const root = Deno.makeTempDirSync();
  const cache = join(root, "llem");
  const module = new URL("../../../../worker/engines/llamacpp/asset_cache.ts", import.meta.url).href;
  const manifestModule =
    new URL("../../../../worker/engines/llamacpp/asset_manifest.ts", import.meta.url).href;
  const code = `import { openCache } from ${JSON.stringify(module)};
    import { readManifest } from ${JSON.stringify(manifestModule)};
    console.log(openCache(${JSON.stringify(cache)}, readManifest()));`;
  const run = (): Promise<Deno.CommandOutput> =>
    new Deno.Command(Deno.execPath(), { args: ["eval", "-q", code] }).output();
  const outputs = await Promise.all([run(), run(), run(), run()]);
  for (const { stdout, stderr } of outputs) {
    assert.equal(
      new TextDecoder().decode(stdout).trim(),
      join(cache, `llamacpp-${manifest().key}`),
      new TextDecoder().decode(stderr),
    );
  }
  assert.deepEqual(names(cache), [`llamacpp-${manifest().key}`]);
  assert.equal(findAssetDefect(join(cache, `llamacpp-${manifest().key}`), manifest()), null);
  Deno.removeSync(root, { recursive: true });
});

Deno.test("cacheFolder() follows XDG_CACHE_HOME, then HOME, and ignores a relative path", () => {
  const [xdg, home] = [Deno.env.get("XDG_CACHE_HOME"), Deno.env.get("HOME")];
  const set = (name: string, value: string | undefined): void =>
    value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
  try {
    set("HOME", "/home/me");
    set("XDG_CACHE_HOME", "/var/cache/me");
    assert.equal(cacheFolder(), "/var/cache/me/llem");
    set("XDG_CACHE_HOME", "relative");
    assert.equal(cacheFolder(), "/home/me/.cache/llem");
    set("XDG_CACHE_HOME", undefined);
    set("HOME", undefined);
    assert.throws(cacheFolder, /neither XDG_CACHE_HOME nor HOME/);
  } finally {
    set("XDG_CACHE_HOME", xdg);
    set("HOME", home);
  }
});
