import { sleep } from "../base/abort.ts";
import { ownChild } from "../base/own_children.ts";
import type { Cage } from "./cage.ts";
import { adoptedChildren, childrenOf, descendants, orphansComeHere, reap, statsOf } from "./adopted.ts";
import { allProcesses, isAlive, type ProcStat, readProcStat } from "./proc_stat.ts";
import { ownMembers, signalGroup, signalProcess } from "./process_group.ts";
import { resolveProgram } from "./resolve_program.ts";
import type { SignalName } from "./signal_numbers.ts";

/**
 * The first process of the namespace: a shell that holds it open until its stdin ends, that is, until we close it or
 * are gone. The kernel kills everything in a namespace whose first process has ended (pid_namespaces(7)). Orphans
 * come to it; as it ignores CHLD, the kernel collects them.
 */
const KEEPER_SCRIPT = `trap '' HUP INT TERM QUIT CHLD; echo; read -r _`;

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
export async function pidNamespaceCage(): Promise<Cage> {
  const nsenter = systemProgram("nsenter");
  const asUser = Deno.uid() === 0 ? [] : ["--user", "--map-current-user"];
  const keeper = ownChild(new Deno.Command(systemProgram("unshare"), {
    args: [...asUser, "--pid", "--fork", "--kill-child=KILL", "--", "/bin/sh", "-c", KEEPER_SCRIPT],
    cwd: "/",
    detached: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn());
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
    holds: (pid) => pid !== init && isIn(namespace, pid),
    members: () => insiders(namespace, init, pgid),
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

/** A program of util-linux. */
function systemProgram(name: string): string {
  const program = resolveProgram(name, { baseDir: "/", searchPath: "/usr/bin:/bin:/usr/sbin:/sbin" });
  if (program.path === null) throw new Error(`${program.message} It comes with util-linux.`);
  return program.path;
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
 * that came to us, as a worker does whose nsenter(1) has died.
 */
function insiders(namespace: string, init: number, pgid: number): ProcStat[] {
  const candidates = orphansComeHere()
    ? [init, pgid, ...adoptedChildren().map(({ pid }) => pid)].flatMap((pid) => [pid, ...descendants(pid)])
    : [...allProcesses()].map(({ pid }) => pid);
  return statsOf([...new Set(candidates)]).filter((stat) =>
    stat.pid !== init && isAlive(stat) && isIn(namespace, stat.pid) && isAlive(readProcStat(stat.pid))
  );
}

function isIn(namespace: string, pid: number): boolean {
  try {
    return Deno.readLinkSync(`/proc/${pid}/ns/pid`) === namespace;
  } catch {
    return false;
  }
}
