import assert from "node:assert/strict";
import { findRunner } from "../../lib/archive/runner_presence.ts";
import { bootId } from "../../lib/process/proc_stat.ts";
import { tryLock } from "../../lib/storage/lock.ts";
import { TempFolder } from "../support/temp_folder.ts";

{
  // Loads libc before any test: a library that a test loads counts as a leak.
  using folder = new TempFolder();
  const attempt = tryLock(folder.at("lock"), "");
  if (attempt.kind === "held") attempt.lock[Symbol.dispose]();
}

Deno.test("findRunner() takes a runner for alive that holds the lock, though its process cannot be seen from here", () => {
  using folder = new TempFolder();
  // As in another pid namespace: the number means another process here, or none.
  const owner = { host: Deno.hostname(), boot_id: bootId(), pid: 1, start_ticks: -1 };
  const held = tryLock(folder.at("lock"), JSON.stringify(owner));
  assert.ok(held.kind === "held");
  assert.deepEqual(findRunner(folder.path), { alive: true, host: owner.host, pid: 1 });
  held.lock[Symbol.dispose]();
  assert.deepEqual(findRunner(folder.path), { alive: false, host: owner.host, pid: 1 });
});

Deno.test("findRunner() knows nothing of another machine whose lock does not show here", () => {
  using folder = new TempFolder();
  folder.write("lock", JSON.stringify({ host: "elsewhere", boot_id: "x", pid: 7, start_ticks: 1 }));
  assert.deepEqual(findRunner(folder.path), { alive: null, host: "elsewhere", pid: 7 });
  Deno.removeSync(folder.at("lock"));
  assert.deepEqual(findRunner(folder.path), { alive: false, host: null, pid: null });
});
