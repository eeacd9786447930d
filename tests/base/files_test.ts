import assert from "node:assert/strict";
import {
  exists,
  isFile,
  isFolder,
  jsonFile,
  namesIn,
  nearestThere,
  readKernelFile,
  removeIfThere,
  removeTree,
} from "../../lib/base/files.ts";
import { readProcFile } from "../../lib/base/proc_file.ts";
import "../support/libc.ts";
import { TempFolder } from "../support/temp_folder.ts";

Deno.test("exists(), isFile() and isFolder() look behind links, and a link to nothing is nothing", () => {
  using folder = new TempFolder();
  Deno.writeTextFileSync(folder.at("file"), "");
  Deno.mkdirSync(folder.at("folder"));
  for (const [name, target] of [["to-file", "file"], ["to-folder", "folder"], ["to-nothing", "nothing"]]) {
    Deno.symlinkSync(target ?? "", folder.at(name ?? ""));
  }
  const names = ["file", "to-file", "folder", "to-folder", "to-nothing", "missing"];
  const answers = names.map((name) => [exists, isFile, isFolder].map((look) => look(folder.at(name))));
  assert.deepEqual(answers, [
    [true, true, false],
    [true, true, false],
    [true, false, true],
    [true, false, true],
    [false, false, false],
    [false, false, false],
  ]);
});

Deno.test("namesIn() is empty for what is no folder", () => {
  using folder = new TempFolder();
  Deno.writeTextFileSync(folder.at("file"), "");
  assert.deepEqual(namesIn(folder.path), ["file"]);
  assert.deepEqual(namesIn(folder.at("file")), []);
  assert.deepEqual(namesIn(folder.at("missing")), []);
});

Deno.test("readKernelFile() reads whole what the kernel makes up in pieces, and what stands in a file", () => {
  const maps = readKernelFile("/proc/self/smaps");
  assert.ok(maps.length > 16 * 1024 && /^VmFlags:.*\n$/m.test(maps.slice(-200)), `${maps.length} characters`);
  assert.match(readKernelFile("/proc/self/comm"), /^\S+\n$/);
  using folder = new TempFolder();
  // One character lies across the end of a piece.
  const text = "x".repeat(16 * 1024 - 1) + "\u00e9";
  assert.equal(readKernelFile(folder.write("file", text)), text);
  assert.equal(readKernelFile(folder.write("empty", "")), "");
  assert.throws(() => readKernelFile(folder.at("missing")), Deno.errors.NotFound);
});

Deno.test("readProcFile() reads whole what the kernel hands out page by page, and null where nothing is", () => {
  // Longer than a page; the numbers in it change.
  const names = (text: string | null): string[] =>
    (text ?? "").split("\n").map((line) => line.split(" ")[0] ?? "");
  assert.deepEqual(names(readProcFile("/proc/vmstat")), names(readKernelFile("/proc/vmstat")));
  using folder = new TempFolder();
  const text = "x".repeat(10_000);
  assert.equal(readProcFile(folder.write("file", text)), text);
  assert.equal(readProcFile(folder.write("empty", "")), "");
  assert.equal(readProcFile(folder.at("missing")), null);
  assert.equal(readProcFile(folder.path), null);
});

Deno.test("removeIfThere() leaves a folder that holds something, removeTree() takes it; links are not followed", () => {
  using folder = new TempFolder();
  Deno.mkdirSync(folder.at("full/deep"), { recursive: true });
  Deno.mkdirSync(folder.at("kept/deep"), { recursive: true });
  Deno.symlinkSync("../kept", folder.at("full/link"));
  removeIfThere(folder.at("full"));
  assert.equal(isFolder(folder.at("full")), true);
  removeTree(folder.at("full"));
  assert.deepEqual(namesIn(folder.path), ["kept"]);
  assert.deepEqual(namesIn(folder.at("kept")), ["deep"]);
  removeTree(folder.at("missing"));
  removeIfThere(folder.at("missing"));
});

Deno.test("jsonFile() ends with a line feed", () => {
  assert.equal(new TextDecoder().decode(jsonFile({ a: [1] })), '{\n "a": [\n  1\n ]\n}\n');
});

Deno.test("nearestThere() gives what is there, else the nearest folder above it", () => {
  using folder = new TempFolder();
  Deno.mkdirSync(folder.at("there"));
  assert.equal(nearestThere(folder.at("there")), folder.at("there"));
  assert.equal(nearestThere(folder.at("there/not/so/deep")), folder.at("there"));
  assert.equal(nearestThere("/no/such/path"), "/");
  assert.equal(nearestThere("no/such/path"), ".");
});
