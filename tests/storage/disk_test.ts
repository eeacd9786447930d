import assert from "node:assert/strict";
import { realDisk, removeTemporaries, temporaryName } from "../../lib/storage/disk.ts";
import { diskShim, ERRNO } from "../support/disk_shim.ts";
import { C_COMPILER, testWith } from "../support/needs.ts";
import { Program } from "../support/program.ts";
import { TempFolder } from "../support/temp_folder.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

Deno.test("Disk.replace() puts a new file in place, or a whole one for the old", () => {
  using folder = new TempFolder();
  for (const text of ["first", "", "x".repeat(300_000), "last"]) {
    realDisk.replace(folder.at("file"), bytes(text));
    assert.equal(folder.read("file"), text);
    assert.deepEqual(folder.names(), ["file"]);
  }
});

Deno.test("Disk.replace() leaves the old file and nothing else where the device is full", () => {
  using folder = new TempFolder();
  folder.write("file", "old");
  // Stands in for the file that is written first.
  Deno.symlinkSync("/dev/full", temporaryName(folder.at("file")));
  assert.throws(() => realDisk.replace(folder.at("file"), bytes("new")), /os error 28/);
  assert.equal(folder.read("file"), "old");
  assert.deepEqual(folder.names(), ["file"]);
});

Deno.test("Disk.replace() leaves nothing behind where the name is taken by a folder", () => {
  using folder = new TempFolder();
  Deno.mkdirSync(folder.at("file"));
  assert.throws(() => realDisk.replace(folder.at("file"), bytes("new")));
  assert.deepEqual(folder.names(), ["file"]);
});

Deno.test("Disk.replace() throws what the system threw where the folder is gone", () => {
  using folder = new TempFolder();
  assert.throws(() => realDisk.replace(folder.at("gone", "file"), bytes("new")), Deno.errors.NotFound);
  assert.deepEqual(folder.names(), []);
});

Deno.test("Disk.replace() lets no reader and no crash see half a file", async () => {
  using folder = new TempFolder();
  const path = folder.at("file");
  realDisk.replace(path, bytes("a".repeat(200_000)));
  for (let round = 0; round < 4; round++) {
    await using writer = new Program(
      `
      import { realDisk } from "/lib/storage/disk.ts";
      console.log("ready");
      for (let n = 0;; n++) {
        const letter = String.fromCharCode(97 + n % 26);
        realDisk.replace(Deno.args[0], new TextEncoder().encode(letter.repeat(200_000 + n % 7)));
      }`,
      { args: [path] },
    );
    assert.equal(await writer.line(), "ready");
    for (let reads = 0; reads < 100; reads++) assert.match(Deno.readTextFileSync(path), /^(.)\1{199999,}$/);
    writer.kill();
    await writer.status;
    assert.match(Deno.readTextFileSync(path), /^(.)\1{199999,}$/);
  }
});

Deno.test("Disk.createFolder() makes a folder once and no parents", () => {
  using folder = new TempFolder();
  realDisk.createFolder(folder.at("a"));
  assert.throws(() => realDisk.createFolder(folder.at("a")), Deno.errors.AlreadyExists);
  assert.throws(() => realDisk.createFolder(folder.at("b", "c")), Deno.errors.NotFound);
});

Deno.test("Disk.openAppend() adds to what is there, each append whole", () => {
  using folder = new TempFolder();
  folder.write("file", "0\n");
  const [one, other] = [realDisk.openAppend(folder.at("file")), realDisk.openAppend(folder.at("file"))];
  one.append(bytes("1\n"), false);
  other.append(bytes("2\n"), true);
  one.append(bytes("3\n"), true);
  one.append(bytes(""), true);
  one.close();
  other.close();
  assert.equal(folder.read("file"), "0\n1\n2\n3\n");
});

Deno.test("removeTemporaries() removes what a killed replace() leaves, of these files only", () => {
  using folder = new TempFolder();
  for (
    const name of [
      "a.json.tmp-1",
      "a.json.tmp-4711",
      "a.json",
      "b.json.tmp-1",
      "a.json.tmp-x",
      "xa.json.tmp-1",
    ]
  ) {
    folder.write(name, "");
  }
  Deno.mkdirSync(folder.at("a.json.tmp-9"));
  removeTemporaries(folder.path, ["a.json", "c.json"]);
  assert.deepEqual(folder.names(), [
    "a.json",
    "a.json.tmp-9",
    "a.json.tmp-x",
    "b.json.tmp-1",
    "xa.json.tmp-1",
  ]);
  removeTemporaries(folder.at("nowhere"), ["a.json"]);
});

Deno.test("Disk throws where an append finds the device full", () => {
  const file = realDisk.openAppend("/dev/full");
  assert.throws(() => file.append(bytes("x"), false), /os error 28/);
  file.close();
});

for (const [umask, fileMode, folderMode] of [["022", 0o644, 0o755], ["027", 0o640, 0o750]] as const) {
  Deno.test(`every file and folder of lib/storage gets the modes of umask ${umask}`, async () => {
    using folder = new TempFolder();
    await using program = new Program(
      `
      import { BoundedLog } from "/lib/storage/bounded_log.ts";
      import { realDisk } from "/lib/storage/disk.ts";
      import { createExclusiveFolder } from "/lib/storage/exclusive_folder.ts";
      import { tryLock } from "/lib/storage/lock.ts";
      const at = (name) => Deno.args[0] + "/" + name;
      realDisk.createFolder(at("folder"));
      realDisk.replace(at("replaced"), new Uint8Array(1));
      realDisk.openAppend(at("appended")).close();
      new BoundedLog(at("log"), (error) => { throw error; }).close();
      tryLock(at("lock"), "owner");
      createExclusiveFolder(at("exclusive"), "study");
      console.log("done");`,
      { args: [folder.path], wrap: `umask ${umask}` },
    );
    assert.equal(await program.line(), "done");
    const modeOf = (...parts: string[]): number => (Deno.statSync(folder.at(...parts)).mode ?? 0) & 0o777;
    for (const name of ["replaced", "appended", "log", "lock"]) assert.equal(modeOf(name), fileMode, name);
    const [exclusive = ""] = folder.names("exclusive");
    for (const parts of [["folder"], ["exclusive"], ["exclusive", exclusive]]) {
      assert.equal(modeOf(...parts), folderMode, parts.join("/"));
    }
  });
}

testWith([C_COMPILER], "an append that fails, in writing or syncing, leaves the file as it was", async () => {
  for (const op of ["write", "fdatasync"]) {
    using folder = new TempFolder();
    const env = diskShim({
      root: folder.path,
      fail: { ops: [op], errno: ERRNO.ENOSPC, from: 2, path: "file" },
    });
    await using program = new Program(
      `
      import { realDisk } from "/lib/storage/disk.ts";
      const file = realDisk.openAppend(Deno.args[0]);
      file.append(new TextEncoder().encode("first\\n"), true);
      try { file.append(new TextEncoder().encode("second\\n"), true); } catch (error) { console.log(error.message); }`,
      {
        args: [folder.at("file")],
        wrap: exported(env),
      },
    );
    assert.match(await program.line(), /os error 28/);
    assert.equal(folder.read("file"), "first\n", op);
  }
});

testWith(
  [C_COMPILER],
  "Disk.syncFolder() passes over a file system that has no sync for folders, and over nothing else",
  async () => {
    for (const [errno, told] of [[22, "synced"], [ERRNO.EIO, "Input/output error (os error 5)"]] as const) {
      using folder = new TempFolder();
      const env = diskShim({ root: folder.path, fail: { ops: ["fsync"], errno, path: folder.path } });
      await using program = new Program(
        `
      import { realDisk } from "/lib/storage/disk.ts";
      try { realDisk.syncFolder(Deno.args[0]); console.log("synced"); } catch (error) { console.log(error.message); }`,
        { args: [folder.path], wrap: exported(env) },
      );
      assert.ok((await program.line()).startsWith(told));
    }
  },
);

function exported(env: Readonly<Record<string, string>>): string {
  return Object.entries(env).map(([name, value]) => `export ${name}='${value}'`).join("\n");
}
