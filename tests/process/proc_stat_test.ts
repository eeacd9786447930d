import assert from "node:assert/strict";
import {
  allProcesses,
  bootId,
  isAlive,
  parseProcStat,
  type ProcStat,
  readProcStat,
} from "../../lib/process/proc_stat.ts";
import { ownCpuSeconds, parseCpuTicks, TreeCpu } from "../../lib/process/tree_cpu.ts";
import { NO_SUCH_PID } from "../support/libc.ts";
import { until } from "../support/program.ts";

/** /proc/PID/stat of process 42 with a name. */
function statOf(name: string, state = "S"): string {
  return `42 (${name}) ${state} 1 40 39 0 -1 4194304 100 0 0 0 1 2 0 0 20 0 1 0 8765 9000000 300 18446744073709551615\n`;
}

Deno.test("parseProcStat() counts fields from the end of the name, whatever the name", () => {
  const names = ["sh", "a b", "a) b (c", ")", "((", ") S 1 2 3 (", "", "tmux: server", "\u00e9\ufffd"];
  for (const name of names) {
    const ids = { pid: 42, ppid: 1, pgrp: 40, session: 39, tpgid: -1 };
    const expected: ProcStat = { ...ids, state: "S", start_ticks: 8765 };
    assert.deepEqual(parseProcStat(statOf(name)), expected, name);
  }
});

Deno.test("parseProcStat() is null for what is no stat", () => {
  for (
    const text of ["", "x", "42", "42 (sh)", "42 (sh) S 1 40", "(sh) S 1 40 39 0", statOf("sh").slice(0, 50)]
  ) {
    assert.equal(parseProcStat(text), null, text);
  }
});

Deno.test("isAlive() counts everything but zombies and the dead", () => {
  for (const state of ["R", "S", "D", "T", "t", "I"]) {
    assert.equal(isAlive(parseProcStat(statOf("x", state))), true);
  }
  for (const state of ["Z", "X"]) assert.equal(isAlive(parseProcStat(statOf("x", state))), false);
  assert.equal(isAlive(null), false);
});

Deno.test("readProcStat() reads who a process is, and null where there is none", () => {
  const own = readProcStat(Deno.pid);
  assert.equal(own?.pid, Deno.pid);
  assert.equal(own?.ppid, Deno.ppid);
  assert.ok((own?.start_ticks ?? 0) > 0);
  assert.equal(readProcStat(NO_SUCH_PID), null);
});

Deno.test("isAlive() sees a real zombie", async () => {
  // The shell becomes `sleep`, which never collects its child.
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", "sleep 0 & exec sleep 1000"],
    stdin: "null",
  }).spawn();
  const zombie = (): ProcStat | undefined =>
    [...allProcesses()].find((stat) => stat.ppid === child.pid && stat.state === "Z");
  try {
    await until("there is a zombie", () => zombie() !== undefined);
    assert.equal(isAlive(zombie() ?? null), false);
    assert.equal(isAlive(readProcStat(child.pid)), true);
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
});

Deno.test("allProcesses() holds ourselves", () => {
  assert.ok([...allProcesses()].some((stat) => stat.pid === Deno.pid));
});

Deno.test("bootId() is the kernel's", () => {
  assert.match(bootId() ?? "", /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
});

Deno.test("parseCpuTicks() adds up user and system time, with or without children that have ended", () => {
  const text = "42 (a) b (c) S 1 40 39 0 -1 4194304 100 0 0 0 7 3 20 10 20 0 1 0 8765 9000000 300\n";
  assert.equal(parseCpuTicks(text, "alone"), 10);
  assert.equal(parseCpuTicks(text, "with_children"), 40);
  assert.equal(parseCpuTicks("42 (sh) S 1", "alone"), null);
  assert.equal(parseCpuTicks("42 (sh) S 1 40 39 0 -1 0 0 0 0 0 x y", "alone"), null);
});

Deno.test("TreeCpu counts what is started below a process, also once it has ended", async () => {
  const script =
    "read -r _; i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done & wait; echo; exec sleep 1000";
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", script],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const tree = new TreeCpu(child.pid);
  assert.equal(tree.look()?.cpu_s, 0);
  const before_s = ownCpuSeconds([child.pid]);
  const writer = child.stdin.getWriter();
  await writer.write(new Uint8Array([10]));
  await until("the loop runs", () => (tree.look()?.threads?.count ?? 0) > 1);
  const reader = child.stdout.getReader();
  await reader.read();
  const used = tree.look();
  assert.ok((used?.cpu_s ?? 0) > 0.05, JSON.stringify(used));
  assert.ok((used?.threads?.wait_s ?? -1) >= 0, JSON.stringify(used));
  // Ours is not what the child used.
  assert.ok(ownCpuSeconds([child.pid]) - before_s < 5);
  child.kill("SIGKILL");
  await child.status;
  assert.equal(tree.look(), null);
  await Promise.all([reader.cancel(), writer.close().catch(() => {})]);
});
