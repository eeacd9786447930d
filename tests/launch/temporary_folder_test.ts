import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { exists } from "../../lib/base/files.ts";
import { libc } from "../../lib/base/libc.ts";
import {
  makeTemporaryFolder,
  removeDeadFolders,
  removeLostFolder,
} from "../../lib/launch/temporary_folder.ts";
import { tryLockFolder } from "../../lib/storage/lock.ts";
import { testWith, TMPFS } from "../support/needs.ts";
import { SmallDisk } from "../support/small_disk.ts";
import { TempFolder } from "../support/temp_folder.ts";

// Opened once for the whole file, and not within a test.
libc();

const TAG = "0a1b2c3d-0000-4000-8000-00000000beef";
const tag = { name: "LLEM_ATTEMPT_ID", value: TAG };

/** A folder as a runner leaves it that was killed; its marker is left out where `owner` is null. */
function leave(
  place: string,
  name: string,
  owner: string | null = `${tag.name}=${TAG}\n`,
  mode = 0o700,
): string {
  const path = join(place, name);
  Deno.mkdirSync(path, { mode });
  if (owner !== null) Deno.writeTextFileSync(join(path, ".llem"), owner);
  return path;
}

Deno.test("makeTemporaryFolder makes a private folder in TMPDIR that others see as taken, and removes it", async () => {
  using temp = new TempFolder();
  const made = makeTemporaryFolder(tag, { TMPDIR: temp.path });
  assert.ok("folder" in made);
  const { path, elsewhere, remove } = made.folder;
  assert.match(basename(path), /^llem-[0-9a-f]{8}$/);
  assert.equal(elsewhere, null);
  assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o700);
  await removeDeadFolders({ TMPDIR: temp.path });
  await removeLostFolder(path);
  assert.ok(exists(path), "it was removed while it was held");
  Deno.mkdirSync(join(path, "below"));
  assert.equal(await remove(), null);
  assert.ok(!exists(path));
  assert.equal(await remove(), null);
});

Deno.test("removeDeadFolders removes what a killed runner has left, and nothing that may be another's", async () => {
  using temp = new TempFolder();
  const dead = leave(temp.path, "llem-00000001");
  const own = leave(temp.path, "precious", null);
  const kept = [
    leave(temp.path, "llem-00000002", null),
    leave(temp.path, "llem-00000003", "something else"),
    leave(temp.path, "llem-00000004", undefined, 0o755),
    leave(temp.path, "llem-0000000x"),
    own,
  ];
  const link = join(temp.path, "llem-00000005");
  Deno.writeTextFileSync(join(own, ".llem"), `${tag.name}=${TAG}\n`);
  Deno.symlinkSync(own, link);
  const held = leave(temp.path, "llem-00000006");
  const lock = tryLockFolder(held);
  assert.equal(lock.kind, "held");
  await removeDeadFolders({ TMPDIR: temp.path });
  assert.deepEqual([...kept, link, held].filter((path) => !exists(path)), []);
  assert.ok(!exists(dead));
  if (lock.kind === "held") lock.lock[Symbol.dispose]();
  await removeDeadFolders({ TMPDIR: temp.path });
  assert.ok(!exists(held));
});

Deno.test("removeDeadFolders removes an empty folder that nobody is just making", async () => {
  using temp = new TempFolder();
  const [fresh, old, full] = ["llem-00000001", "llem-00000002", "llem-00000003"].map((name) =>
    leave(temp.path, name, null)
  );
  Deno.writeTextFileSync(join(full ?? "", "precious"), "");
  for (const path of [old, full]) Deno.utimeSync(path ?? "", new Date(0), new Date(0));
  await removeDeadFolders({ TMPDIR: temp.path });
  assert.deepEqual([fresh, old, full].map((path) => exists(path ?? "")), [true, false, true]);
});

Deno.test("removeDeadFolders leaves a folder whose processes live", async () => {
  using temp = new TempFolder();
  const path = leave(temp.path, "llem-00000001");
  const child = new Deno.Command("/bin/sleep", { args: ["100"], env: { [tag.name]: TAG } }).spawn();
  await removeDeadFolders({ TMPDIR: temp.path });
  assert.ok(exists(path));
  child.kill("SIGKILL");
  await child.status;
  await removeDeadFolders({ TMPDIR: temp.path });
  assert.ok(!exists(path));
});

Deno.test("removeDeadFolders reads no more of a folder than it would write there", async () => {
  using temp = new TempFolder();
  const pipe = leave(temp.path, "llem-00000001", null);
  new Deno.Command("mkfifo", { args: [join(pipe, ".llem")] }).outputSync();
  const long = leave(temp.path, "llem-00000002", `${tag.name}=${TAG}\n`.padEnd(1000, "\n"));
  const linked = leave(temp.path, "llem-00000003", null);
  Deno.symlinkSync(temp.write("owner", `${tag.name}=${TAG}\n`), join(linked, ".llem"));
  await removeDeadFolders({ TMPDIR: temp.path });
  assert.deepEqual([pipe, long, linked].filter((path) => !exists(path)), []);
});

testWith(
  [TMPFS],
  "makeTemporaryFolder goes elsewhere where TMPDIR is full or read-only, and says why",
  async () => {
    using temp = new TempFolder();
    using disk = new SmallDisk(join(temp.path, "disk"), "size=64k");
    for (let n = 0;; n++) {
      try {
        Deno.writeFileSync(join(disk.path, String(n)), new Uint8Array(4096));
      } catch {
        break;
      }
    }
    const reasons: string[] = [];
    for (const change of ["size=64k", "ro"]) {
      disk.change(change);
      const made = makeTemporaryFolder(tag, { TMPDIR: disk.path });
      assert.ok("folder" in made);
      assert.match(made.folder.path, /^\/tmp\/llem-/);
      reasons.push(made.folder.elsewhere ?? "");
      assert.equal(await made.folder.remove(), null);
    }
    assert.match(reasons[0] ?? "", /cannot hold it: No space left on device/);
    assert.match(reasons[1] ?? "", /cannot hold it: Read-only file system/);
    assert.deepEqual([...Deno.readDirSync(disk.path)].filter(({ name }) => name.startsWith("llem-")), []);
  },
);
