import assert from "node:assert/strict";
import { readProcStat } from "../../lib/process/proc_stat.ts";
import { holdsTags, taggedProcesses } from "../../lib/process/tagged.ts";
import { until } from "../support/program.ts";

Deno.test("holdsTags() wants every variable with exactly that value", () => {
  const environ = "PATH=/bin\0LLEM_RUN_ID=0001_x\0LLEM_STUDY_DIR=/a b/c\0EMPTY=\0";
  const cases: readonly (readonly [tags: Readonly<Record<string, string>>, holds: boolean])[] = [
    [{ LLEM_RUN_ID: "0001_x" }, true],
    [{ LLEM_RUN_ID: "0001_x", LLEM_STUDY_DIR: "/a b/c" }, true],
    [{ LLEM_RUN_ID: "0001_x", LLEM_STUDY_DIR: "/a b" }, false],
    [{ LLEM_RUN_ID: "0001_x_a2" }, false],
    [{ LLEM_RUN_ID: "0001_" }, false],
    [{ RUN_ID: "0001_x" }, false],
    [{ EMPTY: "" }, true],
    [{ MISSING: "" }, false],
    // Nothing asked for names nobody.
    [{}, false],
  ];
  for (const [tags, holds] of cases) assert.equal(holdsTags(environ, tags), holds, JSON.stringify(tags));
  assert.equal(holdsTags("", { A: "b" }), false);
});

Deno.test("taggedProcesses() finds whoever carries the tags, wherever it went, and nobody that is older", async () => {
  const tags = { LLEM_TEST_TAG: crypto.randomUUID() };
  assert.deepEqual(taggedProcesses(tags), []);
  // A shell and a child of it in a session of its own; and one that cleared its environment.
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", "setsid sleep 1000 & env -i sleep 1000 & wait"],
    env: tags,
    stdin: "null",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn();
  const start = readProcStat(child.pid)?.start_ticks ?? 0;
  await until(
    "both tagged ones are there",
    () => taggedProcesses(tags).filter(({ pgrp }) => pgrp !== child.pid).length === 1,
  );
  const found = taggedProcesses(tags, start);
  assert.ok(found.some(({ pid }) => pid === child.pid));
  assert.deepEqual(taggedProcesses(tags, start + 1_000_000), []);
  assert.deepEqual(taggedProcesses({ ...tags, LLEM_OTHER: "1" }), []);
  for (const { pid } of found) Deno.kill(pid, "SIGKILL");
  Deno.kill(-child.pid, "SIGKILL");
  await child.status;
  await until("they are gone", () => taggedProcesses(tags).length === 0);
});
