import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isOwnChild, ownChild } from "../../lib/base/own_children.ts";

Deno.test("ownChild() knows a child until its end has been collected, however it ends", async () => {
  for (const end of ["exit 3", "kill -KILL $$"]) {
    const child = ownChild(
      new Deno.Command("/bin/sh", { args: ["-c", `read -r go; ${end}`], stdin: "piped" }).spawn(),
    );
    assert.ok(isOwnChild(child.pid));
    await child.stdin.close();
    await child.status;
    assert.ok(!isOwnChild(child.pid));
  }
  assert.ok(!isOwnChild(1));
});

/** Every TypeScript file below a folder. */
function* filesBelow(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = join(folder, name);
    if (isDirectory) yield* filesBelow(path);
    else if (name.endsWith(".ts")) yield path;
  }
}

Deno.test("everything that lib starts is known for its own: a sweep would take it for an orphan", () => {
  const lib = fileURLToPath(new URL("../../lib", import.meta.url));
  const spawning = [...filesBelow(lib)].filter((path) => Deno.readTextFileSync(path).includes("}).spawn()"));
  assert.ok(spawning.length >= 8);
  for (const path of spawning) {
    const text = Deno.readTextFileSync(path);
    const spawns = text.split("}).spawn()").length;
    assert.equal(text.split("ownChild(new Deno.Command(").length, spawns, path);
  }
});
