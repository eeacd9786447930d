import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { entryCode, patchEntry, UnpatchableError } from "../../scripts/utf8_entry/patch_entry.ts";
import { C_COMPILER, program, testWith } from "../support/needs.ts";
import { TempFolder } from "../support/temp_folder.ts";

const OBJCOPY = program("objcopy", "objcopy", "--version");
const SOURCE = fileURLToPath(new URL("../../scripts/utf8_entry/x86_64.S", import.meta.url));
const LLEM = fileURLToPath(new URL("../../dist/llem", import.meta.url));

testWith([C_COMPILER, OBJCOPY], "x86_64.hex is x86_64.S, assembled", () => {
  using folder = new TempFolder();
  const [object, code] = ["entry.o", "entry.bin"].map((name) => join(folder.path, name));
  assert.ok(object !== undefined && code !== undefined);
  for (
    const [name, ...args] of [["cc", "-c", "-o", object, SOURCE], [
      "objcopy",
      "-O",
      "binary",
      "-j",
      ".text",
      object,
      code,
    ]]
  ) {
    assert.ok(name !== undefined);
    const { success, stderr } = new Deno.Command(name, { args }).outputSync();
    assert.ok(success, new TextDecoder().decode(stderr));
  }
  assert.deepEqual(entryCode(), Deno.readFileSync(code));
});

/** An argument that takes any bytes: a shell's printf writes them. */
function ran(bytes: string, env: Record<string, string> = {}): { code: number; stderr: string } {
  const { code, stderr } = new Deno.Command("bash", {
    args: ["-c", `exec "$LLEM" plan "$(printf '${bytes}')"`],
    env: { LLEM, ...env },
  }).outputSync();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

const BAD = [
  "caf\\xe9.yaml",
  "a\\xc0\\x80",
  "\\xed\\xa0\\x80",
  "\\xf4\\x90\\x80\\x80",
  "\\xe0\\x9f\\xbf",
  "\\xff",
];
for (const bytes of [...BAD, "cut\\xe2\\x82", "\\xf0\\x8f\\xbf\\xbf", "\\x80", "\\xf5\\x80\\x80\\x80"]) {
  Deno.test(`fault 68: an argument of the bytes ${bytes} is refused by name, in one line`, () => {
    const { code, stderr } = ran(bytes);
    assert.equal(stderr, `llem: ${bytes}: not UTF-8; use a link\n`);
    assert.equal(code, 2);
  });
}

for (
  const bytes of ["caf\\xc3\\xa9", "\\xf4\\x8f\\xbf\\xbf", "\\xee\\x80\\x80", "\\xf0\\x90\\x80\\x80", "plain"]
) {
  Deno.test(`an argument of the bytes ${bytes} comes through`, () => {
    const { code, stderr } = ran(bytes);
    assert.match(stderr, /: the file does not exist/);
    assert.equal(code, 2);
  });
}

Deno.test("a TMPDIR that is not UTF-8 is refused by name, and one that is goes unnoticed", () => {
  const of = (value: string): string =>
    new TextDecoder().decode(
      new Deno.Command("bash", {
        args: ["-c", `TMPDIR="$(printf '${value}')" exec "$LLEM" --version 2>&1`],
        env: { LLEM },
      }).outputSync().stdout,
    );
  assert.match(of("/tmp/a\\xe9"), /^llem: TMPDIR=\/tmp\/a\\xe9: not UTF-8/);
  assert.match(of("/tmp/\\xc3\\xa9"), /^llem \d/);
});

Deno.test("a working folder that was removed is told in one line", () => {
  using folder = new TempFolder();
  const { code, stdout } = new Deno.Command("bash", {
    args: ["-c", 'mkdir gone && cd gone && rmdir ../gone && exec "$LLEM" doctor 2>&1'],
    cwd: folder.path,
    env: { LLEM },
  }).outputSync();
  assert.equal(new TextDecoder().decode(stdout), "llem: working folder: gone\n");
  assert.equal(code, 2);
});

Deno.test("what is no program of this kind, or has no filling, is left as it was", () => {
  const text = new TextEncoder().encode("#!/bin/sh\nexit 0\n".repeat(10));
  assert.throws(() => patchEntry(text, entryCode()), UnpatchableError);
  const full = Deno.readFileSync("/proc/self/exe").slice(0, 1 << 16);
  const before = full.slice();
  assert.throws(() => patchEntry(full, new Uint8Array(1 << 15)), UnpatchableError);
  assert.deepEqual(full, before);
});
