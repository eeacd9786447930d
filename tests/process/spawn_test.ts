import assert from "node:assert/strict";
import { readProcStat } from "../../lib/process/proc_stat.ts";
import { type ProcessExit, type ProcessSpec, spawnDetached } from "../../lib/process/spawn.ts";
import { TempFolder } from "../support/temp_folder.ts";

interface Ended {
  readonly pid: number;
  readonly exit: ProcessExit;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, with text on its stdin. */
async function run(spec: Partial<ProcessSpec>, stdin = ""): Promise<Ended> {
  const spawned = spawnDetached({ program: "/bin/sh", args: [], cwd: "/", env: {}, ...spec });
  if ("failure" in spawned) throw new Error(spawned.failure.message);
  const { child } = spawned;
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin)).catch(() => {});
  await writer.close().catch(() => {});
  const [stdout, stderr, exit] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { pid: child.pid, exit, stdout, stderr };
}

Deno.test("spawnDetached() starts a process in a session and group of its own", async () => {
  const spawned = spawnDetached({ program: "/bin/cat", args: [], cwd: "/", env: {} });
  assert.ok("child" in spawned);
  const { child } = spawned;
  const stat = readProcStat(child.pid);
  assert.equal(stat?.pgrp, child.pid);
  assert.equal(stat?.session, child.pid);
  assert.equal(stat?.ppid, Deno.pid);
  assert.equal(stat?.start_ticks, child.start_ticks);
  assert.ok(child.start_ticks > 0);
  await child.stdin.close();
  assert.deepEqual(await child.exited, { code: 0, signal: null });
  await Promise.all([child.stdout.cancel(), child.stderr.cancel()]);
});

Deno.test("spawnDetached() gives exactly the environment, arguments and folder it is told", async () => {
  using folder = new TempFolder();
  const env = { ONE: "1", EMPTY: "", TEXT: "a b\n=c \u00e9" };
  const { stdout } = await run({ program: "/usr/bin/env", args: ["-0"], env });
  assert.deepEqual(stdout.split("\0").sort(), ["", "EMPTY=", "ONE=1", "TEXT=a b\n=c \u00e9"]);
  const args = ["-c", 'printf "[%s]" "$@"; pwd', "name", "a b", "", "$HOME", "*", "line\nline"];
  const printed = await run({ args, cwd: folder.path });
  assert.equal(printed.stdout, `[a b][][$HOME][*][line\nline]${folder.path}\n`);
});

Deno.test("spawnDetached() keeps stdin, stdout and stderr apart", async () => {
  const ended = await run({ args: ["-c", "cat; echo problem >&2"] }, "given");
  assert.equal(ended.stdout, "given");
  assert.equal(ended.stderr, "problem\n");
});

Deno.test("spawnDetached() tells an exit code from a signal", async () => {
  const cases: readonly (readonly [script: string, exit: ProcessExit])[] = [
    ["exit 0", { code: 0, signal: null }],
    ["exit 3", { code: 3, signal: null }],
    ["exit 137", { code: 137, signal: null }],
    ["kill -TERM $$", { code: null, signal: "SIGTERM" }],
    ["kill -KILL $$", { code: null, signal: "SIGKILL" }],
    ["ulimit -c 0; kill -SEGV $$", { code: null, signal: "SIGSEGV" }],
  ];
  for (const [script, exit] of cases) {
    assert.deepEqual((await run({ args: ["-c", script] })).exit, exit, script);
  }
});

// Deno keeps such a child open for ever.
Deno.test(
  "spawnDetached() survives a child's death by a real-time signal",
  { sanitizeResources: false },
  async () => {
    assert.deepEqual((await run({ args: ["-c", "kill -40 $$"] })).exit, { code: null, signal: "SIGRT" });
  },
);

Deno.test("spawnDetached() names the errno of what cannot be started, and never throws", () => {
  using folder = new TempFolder();
  folder.write("plain", "text\n");
  folder.write("interpreter", "#!/no/such/interpreter\n");
  const absent = "it, or the interpreter in its first line, does not exist";
  const denied = "permission denied for it, its interpreter or the folder /";
  const long = "its arguments and environment are too long; a single one can have 128 KiB";
  const cases: readonly (readonly [spec: Partial<ProcessSpec>, errno: string, reason: string])[] = [
    [{ program: "/no/such/program" }, "ENOENT", absent],
    [
      { cwd: "/no/such/folder" },
      "ENOENT",
      "its working folder /no/such/folder does not exist any more",
    ],
    [{ program: folder.at("interpreter") }, "ENOENT", absent],
    [{ program: folder.at("plain") }, "EACCES", denied],
    [{ program: folder.path }, "EACCES", denied],
    [{ program: folder.at("plain", "below") }, "ENOTDIR", absent],
    [{ args: ["-c", "exit", "x".repeat(200_000)] }, "E2BIG", long],
    [{ env: { LONG: "x".repeat(200_000) } }, "E2BIG", long],
  ];
  for (const [change, errno, reason] of cases) {
    const spec = { program: "/bin/sh", args: ["-c", "exit 0"], cwd: "/", env: {}, ...change };
    const spawned = spawnDetached(spec);
    assert.ok("failure" in spawned, JSON.stringify(change).slice(0, 80));
    assert.equal(spawned.failure.errno, errno, spawned.failure.message);
    // Our own words, whatever this version of Deno says.
    assert.equal(spawned.failure.message, `Cannot start ${spec.program}: ${reason}`);
  }
});

Deno.test("spawnDetached() leaves no descriptor open behind a failure", () => {
  const count = (): number => [...Deno.readDirSync("/proc/self/fd")].length;
  const spec: ProcessSpec = { program: "/no/such/program", args: [], cwd: "/", env: {} };
  spawnDetached(spec);
  const before = count();
  for (let times = 0; times < 50; times++) spawnDetached(spec);
  assert.ok(count() <= before + 5);
});
