/** A folder as a network serves it: builds shared_disk_shim.c and says how to start a program with it. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const SOURCE = join(dirname(fileURLToPath(import.meta.url)), "shared_disk_shim.c");

let built: string | null = null;

/** The environment in which a program meets that folder; shared_disk_shim.c says more. */
export function sharedDiskShim(
  { root, lose, lateMs }: {
    /** Absolute, with all links followed. */
    readonly root: string;
    /** Of a hundred links, those whose answer gets lost. */
    readonly lose: number;
    /** How long new files may be hidden. */
    readonly lateMs: number;
  },
): Record<string, string> {
  built ??= build();
  return {
    LD_PRELOAD: built,
    SHARED_SHIM_ROOT: root,
    SHARED_SHIM_LOSE: String(lose),
    SHARED_SHIM_LATE: String(lateMs),
  };
}

function build(): string {
  const folder = Deno.makeTempDirSync({ prefix: "llem-shim-" });
  addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  const library = join(folder, "shared_disk_shim.so");
  const { success, stderr } = new Deno.Command("cc", {
    args: ["-O1", "-Wall", "-Wextra", "-shared", "-fPIC", "-o", library, SOURCE],
  }).outputSync();
  assert.ok(success, new TextDecoder().decode(stderr));
  return library;
}
