import assert from "node:assert/strict";
import { libc } from "../../lib/base/libc.ts";
import { childrenOf } from "../../lib/process/adopted.ts";
import { Guard } from "../../lib/process/guard.ts";
import { pidNamespaceCage } from "../../lib/process/pid_namespace_cage.ts";
import { readProcStat } from "../../lib/process/proc_stat.ts";
import { livingMembers, signalGroup } from "../../lib/process/process_group.ts";
import { spawnDetached } from "../../lib/process/spawn.ts";
import { PID_NAMESPACE, testWith } from "../support/needs.ts";
import { lives, until } from "../support/program.ts";
import { SHELLS } from "../support/shells.ts";
import { TempFolder } from "../support/temp_folder.ts";

// Loaded outside of any test, which would have to unload it.
libc();

/**
 * Ends only once every orphan has been collected: one that ends well, one that fails and one that is killed, ten of each
 * at once. Then it kills all that it can see, the helper of the first process included.
 */
const LEAVES_ORPHANS = `
  for i in 1 2 3 4 5 6 7 8 9 10; do
    (sleep 0.05 & echo $! >>"$1/orphans")
    (sh -c 'sleep 0.05; exit 3' & echo $! >>"$1/orphans")
    (sh -c 'sleep 0.05; kill -KILL $$' & echo $! >>"$1/orphans")
  done
  for pid in $(cat "$1/orphans"); do
    while kill -0 "$pid" 2>/dev/null; do sleep 0.01; done
  done
  kill -KILL -1
  sleep 0.05
  exit 7`;

for (const { name, shell, need } of SHELLS) {
  testWith(
    [PID_NAMESPACE, need],
    `a pid namespace held by ${name} outlives the orphans in it, and collects them`,
    async () => {
      using folder = new TempFolder();
      const cage = await pidNamespaceCage(shell);
      const env = { PATH: "/usr/bin:/bin" };
      const args = ["-c", LEAVES_ORPHANS, "worker", folder.path];
      const spawned = spawnDetached(cage.wrap({ program: "/bin/sh", args, cwd: "/", env }));
      assert.ok("child" in spawned);
      const { child } = spawned;
      try {
        cage.admit(child.pid);
        assert.deepEqual(await child.exited, { code: 7, signal: null });
        assert.deepEqual(cage.members(), []);
      } finally {
        cage.kill(child.pid);
        await cage.close();
        await Promise.all([
          child.stdin.close().catch(() => {}),
          child.stdout.cancel(),
          child.stderr.cancel(),
        ]);
      }
      assert.ok(cage.helper_pids.every((pid) => !lives(pid)));
    },
  );

  testWith([need], `a guard that is ${name} ends with its stdin, and not by a signal`, async () => {
    const children = [sleeper(), sleeper(), sleeper()];
    const [first, removed, later] = children.map(({ pid }) => ({
      pgid: pid,
      tag: `tag-${pid}`,
      cgroup: null,
    }));
    assert.ok(first !== undefined && removed !== undefined && later !== undefined);
    const guard = new Guard(() => assert.fail("the guard was replaced"), null, shell);
    try {
      await guard.add(first);
      await guard.add(removed);
      await guard.remove(removed);
      await until("it is deaf to them", () => ignores(guard.pid, SIGUSR2));
      await until("it waits", () => readProcStat(guard.pid)?.state === "S");
      for (const signal of SIGNALS) Deno.kill(guard.pid, signal);
      await guard.add(later);
      assert.equal(lives(guard.pid), true);
      await guard.close();
      await until("the registered ones are dead", () => isDead(children[0]) && isDead(children[2]));
      assert.equal(isDead(children[1]), false);
    } finally {
      for (const { pid } of children) signalGroup(pid, "SIGKILL");
      await Promise.all(children.map(({ status }) => status));
    }
  });
}

const SIGNALS = [
  ...["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGALRM", "SIGPIPE", "SIGUSR1", "SIGUSR2"] as const,
  ...["SIGCHLD", "SIGWINCH", "SIGURG", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGCONT"] as const,
];

/** One of the last that the guard tells its shell to ignore. */
const SIGUSR2 = 12;

function ignores(pid: number, signal: number): boolean {
  const mask = /^SigIgn:\s*(\w+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1] ?? "0";
  return (BigInt(`0x${mask}`) >> BigInt(signal - 1) & 1n) === 1n;
}

function isDead(child: Deno.ChildProcess | undefined): boolean {
  return child === undefined || livingMembers(child.pid).length === 0;
}

function sleeper(): Deno.ChildProcess {
  return new Deno.Command("/bin/sleep", { args: ["1000"], stdin: "null", stdout: "null", detached: true })
    .spawn();
}

/** A shell whose `read` fails once it has read a line, as some do after a signal. */
const ENDS_READS = `#!/bin/sh
  [ "$1" = -c ] || exit 1
  script="read() { [ -z \\"\\$has_read\\" ] || return 1; has_read=yes; command read \\"\\$@\\"; }
  $2"
  shift 2
  exec /bin/sh -c "$script" "$@"`;

Deno.test("a guard loses nothing where its shell ends a read before the pipe ends", async () => {
  using folder = new TempFolder();
  const shell = folder.path + "/sh";
  Deno.writeTextFileSync(shell, ENDS_READS, { mode: 0o755 });
  const children = [sleeper(), sleeper(), sleeper()];
  const guard = new Guard(() => assert.fail("the guard was replaced"), null, [shell]);
  try {
    const entries = children.map(({ pid }) => ({ pgid: pid, tag: `tag-${pid}`, cgroup: null }));
    for (const entry of entries) await guard.add(entry);
    for (const entry of entries.slice(1, 2)) await guard.remove(entry);
    await until("it has begun to wait", () => childrenOf(guard.pid).length > 0);
    assert.deepEqual(children.map(({ pid }) => livingMembers(pid).length), [1, 1, 1]);
    await guard.close();
    await until("the registered ones are dead", () => isDead(children[0]) && isDead(children[2]));
    assert.equal(isDead(children[1]), false);
  } finally {
    for (const { pid } of children) signalGroup(pid, "SIGKILL");
    await Promise.all(children.map(({ status }) => status));
  }
});
