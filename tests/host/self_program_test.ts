import assert from "node:assert/strict";
import { LLEM_VERSION } from "../../lib/base/version.ts";
import { pinProgram, selfProgram } from "../../lib/host/self_program.ts";
import { TempFolder } from "../support/temp_folder.ts";

Deno.test("selfProgram() starts this program again, in any folder", async () => {
  using folder = new TempFolder();
  const { program, args } = selfProgram();
  const { code, stdout } = await new Deno.Command(program, {
    args: [...args, "--version"],
    cwd: folder.path,
    stdin: "null",
  }).output();
  assert.equal(code, 0);
  assert.equal(new TextDecoder().decode(stdout), `llem ${LLEM_VERSION}\n`);
});

Deno.test("pinProgram() links nothing where the program runs from source", () => {
  using folder = new TempFolder();
  {
    using pinned = pinProgram(folder.path, null);
    assert.deepEqual(pinned.self, selfProgram());
    assert.deepEqual(folder.names(), []);
  }
  assert.deepEqual(folder.names(), []);
});
