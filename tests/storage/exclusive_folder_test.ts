import assert from "node:assert/strict";
import { join } from "node:path";
import { createExclusiveFolder, readableName, safeName } from "../../lib/storage/exclusive_folder.ts";
import { SaveError } from "../../lib/storage/save_error.ts";
import { TempFolder } from "../support/temp_folder.ts";

Deno.test("createExclusiveFolder() never gives a folder twice, and makes missing parents", () => {
  using folder = new TempFolder();
  const parent = folder.at("a", "b");
  const made = Array.from({ length: 100 }, () => createExclusiveFolder(parent, "study"));
  assert.equal(new Set(made).size, 100);
  assert.equal(folder.names("a", "b").length, 100);
  for (const path of made) assert.match(path, /\/a\/b\/study_[a-z2-9]{4}$/);
});

Deno.test("createExclusiveFolder() takes another name where the first is taken", () => {
  using folder = new TempFolder();
  const real = crypto.getRandomValues;
  let calls = 0;
  // The first three draws are the same.
  crypto.getRandomValues = (array) => {
    calls += 1;
    (array as unknown as Uint8Array).fill(Math.max(0, calls - 3));
    return array;
  };
  try {
    assert.equal(createExclusiveFolder(folder.path, "s"), join(folder.path, "s_aaaa"));
    Deno.writeTextFileSync(folder.at("s_aaaa", "mine"), "");
    assert.equal(createExclusiveFolder(folder.path, "s"), join(folder.path, "s_bbbb"));
    assert.deepEqual(folder.names("s_bbbb"), []);
  } finally {
    crypto.getRandomValues = real;
  }
});

Deno.test("createExclusiveFolder() gives up with a SaveError where every name is taken or none can be made", () => {
  using folder = new TempFolder();
  const real = crypto.getRandomValues;
  crypto.getRandomValues = (array) => {
    (array as unknown as Uint8Array).fill(0);
    return array;
  };
  try {
    createExclusiveFolder(folder.path, "s");
    assert.throws(() => createExclusiveFolder(folder.path, "s"), SaveError);
  } finally {
    crypto.getRandomValues = real;
  }
  folder.write("file", "");
  assert.throws(() => createExclusiveFolder(folder.at("file", "below"), "s"), SaveError);
});

Deno.test("safeName() makes one part of a path out of anything", () => {
  const cases: readonly (readonly [text: string, safe: string])[] = [
    ["plain-name_1.5", "plain-name_1.5"],
    ["a+b=c", "a+b=c"],
    ["", ""],
    [".", ""],
    ["..", ""],
    ["...", ""],
    ["../../evil", "evil"],
    ["/etc/passwd", "etc-passwd"],
    ["a/../b", "a-..-b"],
    ["..\\..\\evil", "evil"],
    [".hidden", "hidden"],
    ["-rf", "rf"],
    ["name.", "name"],
    ["a b\tc\nd\0e", "a-b-c-d-e"],
    ["\u00e9t\u00e9", "e-te"],
    ["\uff21\uff22", "AB"],
    ["\u65e5\u672c\u8a9e", ""],
    ["\ud83d\ude00x", "x"],
    ["\u202egpj.exe", "gpj.exe"],
    ["\ufb01le", "file"],
    ["$(rm -rf /)", "rm--rf"],
    ["CON:*?<>|", "CON"],
  ];
  for (const [text, safe] of cases) assert.equal(safeName(text), safe, JSON.stringify(text));
});

Deno.test("safeName() cuts to a length and not to a dot or dash", () => {
  assert.equal(safeName("x".repeat(100)).length, 60);
  assert.equal(safeName("abcd", 3), "abc");
  assert.equal(safeName("ab.d", 3), "ab");
  assert.equal(safeName("ab--d", 4), "ab");
});

Deno.test("readableName() keeps letters of any script, and what else is safe in a path", () => {
  const cases: readonly (readonly [text: string, safe: string])[] = [
    ["plain-name_1.5", "plain-name_1.5"],
    ["", ""],
    ["..", ""],
    ["../../evil", "evil"],
    ["/etc/passwd", "etc-passwd"],
    [".hidden", "hidden"],
    ["-rf", "rf"],
    ["name.", "name"],
    ["a b\tc\nd\0e\u0085f", "a-b-c-d-e-f"],
    ["\u00e9t\u00e9", "\u00e9t\u00e9"],
    ["e\u0301t", "\u00e9t"],
    ["\u0301x", "x"],
    ["\u65e5\u672c", "\u65e5\u672c"],
    ["\u4e2d\u56fd / 2", "\u4e2d\u56fd-2"],
    ["\ud83d\ude00x", "x"],
    ["\ud83dx", "x"],
    ["\u202egpj.exe", "gpj.exe"],
    ["$(rm -rf /)", "rm--rf"],
  ];
  for (const [text, safe] of cases) assert.equal(readableName(text), safe, JSON.stringify(text));
});

Deno.test("readableName() cuts to a length in letters and in bytes, and never within a letter", () => {
  assert.equal(readableName("x".repeat(100)), "x".repeat(60));
  assert.equal(readableName("\u65e5".repeat(100)), "\u65e5".repeat(60));
  // A letter outside the first plane has four bytes.
  assert.equal(readableName("\ud840\udc00".repeat(100)), "\ud840\udc00".repeat(50));
  assert.equal(readableName("ab.d", 3), "ab");
});
