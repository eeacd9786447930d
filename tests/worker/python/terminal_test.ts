import assert from "node:assert/strict";
import { SCRIPT, testWith } from "../../support/needs.ts";
import { pythonWorkerArgv } from "../../support/python_worker.ts";

testWith([SCRIPT], "take_assignment() does not wait for a line from a terminal", async () => {
  const command = pythonWorkerArgv().map((part) => `'${part}'`).join(" ");
  const output = await new Deno.Command("script", {
    args: ["-q", "-e", "-c", command, "/dev/null"],
    stdin: "null",
    stdout: "piped",
  }).output();
  assert.equal(output.code, 2);
  assert.match(new TextDecoder().decode(output.stdout), /no assignment: stdin is a terminal/);
});
