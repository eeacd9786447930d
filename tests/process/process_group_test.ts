import assert from "node:assert/strict";
import { livingMembers, signalGroup } from "../../lib/process/process_group.ts";
import { spawnDetached } from "../../lib/process/spawn.ts";
import { NO_SUCH_PID } from "../support/libc.ts";
import { until } from "../support/program.ts";

Deno.test("livingMembers() and signalGroup() refuse what would be our own group or everybody's", () => {
  for (const pgid of [0, 1, -1, -5, 1.5, NaN, Infinity]) {
    assert.throws(() => livingMembers(pgid), RangeError, String(pgid));
  }
  // Only what would hit nobody if it were let through: a signal to group 1 would end every process of the machine.
  for (const pgid of [-NO_SUCH_PID, NO_SUCH_PID + 0.5]) {
    assert.throws(() => signalGroup(pgid, "SIGTERM"), RangeError, String(pgid));
  }
});

Deno.test("a group that is gone has no members, and signalling it is no error", () => {
  assert.deepEqual(livingMembers(NO_SUCH_PID), []);
  signalGroup(NO_SUCH_PID, "SIGKILL");
});

Deno.test("signalGroup() reaches every process of the group, and livingMembers() counts no zombies", async () => {
  // The first child ends at once and is never collected.
  const spawned = spawnDetached({
    program: "/bin/sh",
    args: ["-c", "sleep 0 & sleep 1000 & sleep 1000 & exec sleep 1000"],
    cwd: "/",
    env: { PATH: "/usr/bin:/bin" },
  });
  assert.ok("child" in spawned);
  const { child } = spawned;
  await until("three processes live", () => livingMembers(child.pid).length === 3);
  signalGroup(child.pid, "SIGTERM");
  assert.deepEqual(await child.exited, { code: null, signal: "SIGTERM" });
  await until("none lives", () => livingMembers(child.pid).length === 0);
  await Promise.all([child.stdin.close(), child.stdout.cancel(), child.stderr.cancel()]);
});

Deno.test("signalGroup() sends the signal it is told", async () => {
  for (const signal of ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGKILL"] as const) {
    const spawned = spawnDetached({
      program: "/bin/sh",
      args: ["-c", "ulimit -c 0; exec cat"],
      cwd: "/",
      env: {},
    });
    assert.ok("child" in spawned);
    const { child } = spawned;
    signalGroup(child.pid, signal);
    assert.deepEqual(await child.exited, { code: null, signal });
    await Promise.all([child.stdin.close(), child.stdout.cancel(), child.stderr.cancel()]);
  }
});
