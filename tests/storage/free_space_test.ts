import assert from "node:assert/strict";
import { freeSpace } from "../../lib/storage/free_space.ts";
import { testWith, TMPFS } from "../support/needs.ts";
import { SmallDisk } from "../support/small_disk.ts";
import { TempFolder } from "../support/temp_folder.ts";

const MIB = 1024 * 1024;

Deno.test("freeSpace() of a folder is that of df", () => {
  using folder = new TempFolder();
  const free = freeSpace(folder.path);
  const df = (field: string): number => {
    const { stdout } = new Deno.Command("df", { args: [`--output=${field}`, "-B1", folder.path] })
      .outputSync();
    return Number(new TextDecoder().decode(stdout).split("\n")[1]);
  };
  // Others write to the same disk.
  assert.ok(Math.abs((free?.bytes ?? 0) - df("avail")) < 512 * MIB);
  if (free?.files !== null) assert.ok(Math.abs((free?.files ?? 0) - df("iavail")) < 10_000);
});

Deno.test("freeSpace() of a folder that is still to be made is that of the first one above it", () => {
  using folder = new TempFolder();
  const [there, missing] = [freeSpace(folder.path), freeSpace(folder.at("not", "yet", "there"))];
  assert.ok(there !== null && missing !== null);
  assert.ok(Math.abs(there.bytes - missing.bytes) < 512 * MIB);
});

Deno.test("freeSpace() is null where the system does not tell", () => {
  using folder = new TempFolder();
  folder.write("file", "");
  assert.equal(freeSpace(folder.at("file", "below")), null);
  // It has no blocks at all, free or not.
  assert.equal(freeSpace("/proc/results"), null);
});

testWith([TMPFS], "freeSpace() tells bytes and files of the very disk", () => {
  using folder = new TempFolder();
  using disk = new SmallDisk(folder.at("disk"), "size=8m,nr_inodes=100");
  Deno.writeFileSync(folder.at("disk", "file"), new Uint8Array(3 * MIB));
  // The root folder and the file.
  assert.deepEqual(freeSpace(`${disk.path}/new`), { bytes: 5 * MIB, files: 98 });
});
