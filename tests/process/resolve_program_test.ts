import assert from "node:assert/strict";
import { resolveProgram } from "../../lib/process/resolve_program.ts";
import { TempFolder } from "../support/temp_folder.ts";

const SCRIPT = "#!/bin/sh\nexit 0\n";

/** A folder with one program of each kind, in `base` and in two folders of a search path. */
function programs(): TempFolder {
  const folder = new TempFolder();
  for (const name of ["base", "base/bin", "one", "two"]) Deno.mkdirSync(folder.at(name));
  folder.write("base/tool", SCRIPT);
  folder.write("base/bin/nested", SCRIPT);
  folder.write("base/plain", "text\n");
  folder.write("base/noexec", "echo no first line\n");
  folder.write("base/empty", "");
  for (const name of ["noexec", "empty"]) Deno.chmodSync(folder.at("base", name), 0o755);
  Deno.copyFileSync("/bin/sh", folder.at("base", "binary"));
  Deno.symlinkSync("nowhere", folder.at("base", "broken"));
  Deno.symlinkSync("tool", folder.at("base", "link"));
  folder.write("one/first", SCRIPT);
  folder.write("two/first", SCRIPT);
  folder.write("two/second", SCRIPT);
  folder.write("one/mixed", "not executable here\n");
  folder.write("two/mixed", SCRIPT);
  folder.write("one/refused", "not executable anywhere\n");
  return folder;
}

Deno.test("resolveProgram() finds a program as a shell would, or says what is in the way", () => {
  using folder = programs();
  const baseDir = folder.at("base");
  const searchPath = `${folder.at("missing")}:${folder.at("one")}:${folder.at("two")}`;
  const cases: readonly (readonly [name: string, found: string, why?: RegExp])[] = [
    ["./tool", "base/tool"],
    ["bin/nested", "base/bin/nested"],
    ["./bin/../tool", "base/tool"],
    ["../two/second", "two/second"],
    [folder.at("base", "tool"), "base/tool"],
    ["./binary", "base/binary"],
    ["./link", "base/link"],
    ["first", "one/first"],
    ["second", "two/second"],
    ["mixed", "two/mixed"],
    // A name without a slash is never looked for in the study's folder.
    ["tool", "ENOENT", /"tool" is not in PATH \(.*one:.*two\)/],
    [
      "./missing",
      "ENOENT",
      /base\/missing does not exist\. Paths with a slash start at the study file's folder/,
    ],
    [folder.at("missing"), "ENOENT", /missing does not exist/],
    ["./broken", "ENOENT", /broken does not exist/],
    ["./tool/below", "ENOENT", /tool\/below does not exist/],
    ["./plain", "EACCES", /is not executable\. Run: chmod \+x .*base\/plain/],
    ["refused", "EACCES", /one\/refused is not executable/],
    ["./bin", "EACCES", /base\/bin is a folder/],
    ["./", "EACCES", /is a folder/],
    ["./noexec", "ENOEXEC", /neither a binary nor a script with a first line such as #!\/bin\/sh/],
    ["./empty", "ENOEXEC", /neither a binary nor a script/],
  ];
  for (const [name, found, why] of cases) {
    const program = resolveProgram(name, { baseDir, searchPath });
    if (program.path === null) {
      assert.equal(program.errno, found, name);
      assert.match(program.message, why ?? /^$/, name);
    } else assert.equal(program.path, folder.at(found), name);
  }
});

Deno.test("resolveProgram() always gives an absolute path: empty and relative PATH entries start at the base folder", () => {
  using folder = programs();
  const baseDir = folder.at("base");
  for (const searchPath of ["", ":/usr/bin", "/usr/bin:", "/usr/bin::/bin", "."]) {
    assert.deepEqual(
      resolveProgram("tool", { baseDir, searchPath }),
      { path: folder.at("base/tool") },
      searchPath,
    );
  }
  assert.deepEqual(resolveProgram("nested", { baseDir, searchPath: "bin" }), {
    path: folder.at("base/bin/nested"),
  });
});

Deno.test("resolveProgram() finds what the system has", () => {
  const options = { baseDir: "/", searchPath: "/usr/bin:/bin" };
  assert.match(resolveProgram("sh", options).path ?? "", /^\/(usr\/)?bin\/sh$/);
  assert.equal(resolveProgram("/bin/sh", options).path, "/bin/sh");
});
