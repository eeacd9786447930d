import assert from "node:assert/strict";
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
