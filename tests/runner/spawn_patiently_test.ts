import assert from "node:assert/strict";
import { Program } from "../support/program.ts";

/** Takes all descriptors but a few, starts a program patiently, and tells what came of it. */
const SHORT = `
  import { spawnPatiently } from "/lib/runner/spawn_patiently.ts";
  import { StopSwitch } from "/lib/process/stop.ts";
  const [event] = Deno.args;
  const files = [];
  try {
    for (;;) files.push(Deno.openSync("/dev/null"));
  } catch {
    // All are taken.
  }
  for (const file of files.splice(0, 2)) file.close();
  const stop = new StopSwitch();
  const limit = new AbortController();
  setTimeout(() => {
    if (event === "stop") stop.request("SIGTERM");
    if (event === "limit") limit.abort();
    if (event === "free") for (const file of files.splice(0)) file.close();
  }, 120);
  const spec = { program: "/bin/true", args: [], cwd: "/", env: {} };
  const spawned = await spawnPatiently(spec, { stop, limit: { signal: limit.signal, seconds: 9 } });
  for (const file of files) file.close();
  const { failure = null, cause = null, refusals } = spawned;
  console.log(JSON.stringify([failure?.errno ?? "child", cause, refusals > 0]));
`;

Deno.test("spawnPatiently() waits for descriptors, until there are some, the user stops or the study is over", async () => {
  const cases: readonly (readonly [event: string, expected: readonly unknown[]])[] = [
    ["free", ["child", null, true]],
    ["stop", ["EMFILE", { kind: "stop", signal: "SIGTERM" }, true]],
    ["limit", ["EMFILE", { kind: "limit", limit: "study", seconds: 9 }, true]],
    ["nothing", ["EMFILE", null, true]],
  ];
  for (const [event, expected] of cases) {
    await using program = new Program(SHORT, { args: [event], wrap: "ulimit -n 80" });
    assert.deepEqual(JSON.parse(await program.line()), expected, event);
  }
});
