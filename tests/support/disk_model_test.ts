import assert from "node:assert/strict";
import { type Bytes, DiskModel, type Names } from "./disk_model.ts";
import type { DiskCall } from "./disk_shim.ts";
import { TempFolder } from "./temp_folder.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

function after(calls: readonly Partial<DiskCall>[], bytes: Bytes, names: Names): Record<string, string> {
  using folder = new TempFolder();
  folder.write("old", "before");
  const model = new DiskModel(folder.path);
  for (const { op = "write", path = "", other = "", offset = 0, bytes = text("") } of calls) {
    model.apply({ op, path: folder.at(path), other: folder.at(other), offset, bytes, result: 0 });
  }
  const files = model.after({ bytes: () => bytes, names: () => names });
  return Object.fromEntries([...files].map(([path, held]) => [path, new TextDecoder().decode(held)]));
}

Deno.test("DiskModel loses what was not synced, names and bytes each for itself", () => {
  const calls = [
    { op: "open", path: "new" },
    { op: "write", path: "new", bytes: text("12") },
    { op: "fsync", path: "new" },
    { op: "write", path: "new", offset: 2, bytes: text("3456") },
    { op: "write", path: "old", offset: 6, bytes: text("!") },
  ] as const;
  assert.deepEqual(after(calls, "lost", "lost"), { old: "before" });
  assert.deepEqual(after(calls, "lost", "there"), { old: "before", new: "12" });
  assert.deepEqual(after(calls, "there", "there"), { old: "before!", new: "123456" });
  assert.deepEqual(after(calls, "half there", "there"), { old: "before", new: "1234" });
  assert.deepEqual(after(calls, "zeros", "there"), { old: "before\0", new: "12\0\0\0\0" });
  const long = { op: "write", path: "new", offset: 2, bytes: text("x".repeat(70)) } as const;
  assert.deepEqual(after([...calls, long], "hole", "there"), {
    old: "before\0",
    new: `12${"\0".repeat(64)}${"x".repeat(6)}`,
  });
  assert.deepEqual(after([...calls, { op: "fsync" }], "lost", "lost"), { old: "before", new: "12" });
});

Deno.test("DiskModel renames whole or not at all", () => {
  const calls = [
    { op: "open_trunc", path: "tmp" },
    { op: "write", path: "tmp", bytes: text("after") },
    { op: "fsync", path: "tmp" },
    { op: "rename", path: "tmp", other: "old" },
  ] as const;
  assert.deepEqual(after(calls, "lost", "lost"), { old: "before" });
  assert.deepEqual(after(calls, "lost", "there"), { old: "after" });
});

Deno.test("DiskModel keeps a folder only where its name is safe, and its files only where theirs are", () => {
  const calls = [
    { op: "mkdir", path: "dir" },
    { op: "open", path: "dir/file" },
    { op: "fsync", path: "dir" },
  ] as const;
  assert.deepEqual(after(calls, "lost", "lost"), { old: "before" });
  assert.deepEqual(after([...calls, { op: "fsync" }], "lost", "lost"), {
    old: "before",
    "dir/": "",
    "dir/file": "",
  });
  const gone = [...calls, { op: "fsync" }, { op: "unlink", path: "dir/file" }] as const;
  assert.deepEqual(after(gone, "lost", "lost"), { old: "before", "dir/": "", "dir/file": "" });
  assert.deepEqual(after(gone, "lost", "there"), { old: "before", "dir/": "" });
});

Deno.test("DiskModel truncates", () => {
  const cut = { op: "ftruncate", path: "old", offset: 3 } as const;
  assert.deepEqual(after([cut], "there", "lost"), { old: "bef" });
  assert.deepEqual(after([cut], "lost", "lost"), { old: "before" });
  assert.deepEqual(after([cut, { op: "fdatasync", path: "old" }], "lost", "lost"), { old: "bef" });
});
