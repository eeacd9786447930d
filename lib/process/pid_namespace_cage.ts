import { sleep } from "../base/abort.ts";
import type { Cage } from "./cage.ts";
import { adoptedChildren, childrenOf, descendants, orphansComeHere, reap, statsOf } from "./adopted.ts";
import { helperPath, helperProgram, type Shell, SYSTEM_SHELL } from "./helper_programs.ts";
import { allProcesses, isAlive, type ProcStat, readProcStat } from "./proc_stat.ts";
import { ownMembers, signalGroup, signalProcess } from "./process_group.ts";
import type { SignalName } from "./signal_numbers.ts";
import { spawnHelper } from "./spawn_helper.ts";

/**
 * The first process of the namespace: a shell that holds it open until its stdin ends, that is, until we close it or
 * are gone. The kernel kills everything in a namespace whose first process has ended (pid_namespaces(7)). The shell
 * itself only waits for cat(1): orphans come to it, and a shell that waits for a program collects whatever else ends.
 * Reading stdin itself it would hang on how it takes signals: dash 0.5.12 ends a `read` when an orphan ends, although
 * told to ignore that. A cat(1) that somebody inside has killed is replaced; where there is none, the shell says so at once.
 */
const KEEPER_SCRIPT = `trap '' HUP INT TERM QUIT
cat </dev/null || exit
echo
while :; do cat >/dev/null; [ $? -gt 128 ] || exit; done`;

/** How long the namespace may take to come up. */
const START_LIMIT_MS = 10_000;
/** How long to wait for its end, 200 ms; what cannot be killed keeps it. */
const CLOSE_TRIES = 100;
const CLOSE_PAUSE_MS = 2;

/**
 * A pid namespace for one attempt, made by unshare(1) and entered by nsenter(1). The worker is not its first process:
 * that one would not hear signals it has no handler for, and would die of SIGSEGV where it means to abort.
 * Throws where the system refuses.
 */
export async function pidNamespaceCage(shell: Shell = SYSTEM_SHELL): Promise<Cage> {
  const nsenter = helperProgram("nsenter", "util-linux");
  const asUser = Deno.uid() === 0 ? [] : ["--user", "--map-current-user"];
  const keeper = spawnHelper(helperProgram("unshare", "util-linux"), {
    args: [...asUser, "--pid", "--fork", "--kill-child=KILL", "--", ...shell, "-c", KEEPER_SCRIPT],
    cwd: "/",
    env: { PATH: helperPath() },
    detached: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
  const init = await firstProcess(keeper);
  const enter = [
    "--target",
    String(init),
    "--pid",
    ...(asUser.length > 0 ? ["--user", "--preserve-credentials"] : []),
  ];
  const namespace = Deno.readLinkSync(`/proc/${init}/ns/pid`);
  // With its first process the namespace ends; unshare(1) waits for it and leaves by itself. Once: the id is then free.
  let ended = false;
  /** Our child, nsenter(1), whose group the worker is in. */
  let pgid = 0;
  const end = (): void => {
    if (!ended) signalProcess(init, "SIGKILL");
    ended = true;
  };
  return {
    kind: "pidns",
    cgroup: null,
    helper_pids: [keeper.pid],
    wrap: (spec) => ({ ...spec, program: nsenter, args: [...enter, "--", spec.program, ...spec.args] }),
    admit(pid) {
      pgid = pid;
    },
    signal: signalInside,
    kill(group) {
      signalGroup(group, "SIGKILL");
      end();
    },
    holds: (pid) => isIn(namespace, pid) && readProcStat(pid)?.session !== keeper.pid,
    members: () => insiders(namespace, { keeper: keeper.pid, init, pgid }),
    async close() {
      end();
      await keeper.stdin.close().catch(() => {});
      let isUp = true;
      keeper.status.then(() => isUp = false, () => isUp = false);
      for (let tries = CLOSE_TRIES; isUp && tries > 0; tries--) {
        reapWorker(pgid);
        await sleep(CLOSE_PAUSE_MS);
      }
    },
  };
}

/**
 * A worker that outlived nsenter(1) comes to us when it dies, and a namespace ends only once the last of its dead has
 * been collected.
 */
function reapWorker(pgid: number): void {
  for (const child of adoptedChildren()) {
    if (child.pgrp === pgid && !isAlive(child)) reap(child.pid);
  }
}

/** Waits for the line that says the namespace is there. */
async function firstProcess(keeper: Deno.ChildProcess): Promise<number> {
  const timer = setTimeout(() => signalProcess(keeper.pid, "SIGKILL"), START_LIMIT_MS);
  const reader = keeper.stdout.getReader();
  const { value } = await reader.read().finally(() => clearTimeout(timer));
  await reader.cancel();
  const [init] = value === undefined ? [] : childrenOf(keeper.pid);
  if (init !== undefined) {
    await keeper.stderr.cancel();
    return init;
  }
  const said = (await new Response(keeper.stderr).text()).trim();
  await keeper.stdin.close().catch(() => {});
  throw new Error(said === "" ? "unshare(1) ended without a namespace" : said);
}

/** The group's leader, nsenter(1), only waits for the worker: a signal that asks would end it before the worker. */
function signalInside(pgid: number, signal: SignalName): void {
  for (const { pid } of ownMembers(pgid)) {
    if (pid !== pgid) signalProcess(pid, signal);
  }
}

/**
 * What lives inside. Everything that was started there descends from the first process, from our child or from an orphan
 * that came to us, as a worker does whose nsenter(1) has died. The first process and its cat(1) are in the session of
 * the keeper, into which nothing else can get.
 */
function insiders(
  namespace: string,
  { keeper, init, pgid }: { readonly keeper: number; readonly init: number; readonly pgid: number },
): ProcStat[] {
  const candidates = orphansComeHere()
    ? [init, pgid, ...adoptedChildren().map(({ pid }) => pid)].flatMap((pid) => [pid, ...descendants(pid)])
    : [...allProcesses()].map(({ pid }) => pid);
  return statsOf([...new Set(candidates)]).filter((stat) =>
    stat.session !== keeper && isAlive(stat) && isIn(namespace, stat.pid) && isAlive(readProcStat(stat.pid))
  );
}

function isIn(namespace: string, pid: number): boolean {
  try {
    return Deno.readLinkSync(`/proc/${pid}/ns/pid`) === namespace;
  } catch {
    return false;
  }
}
