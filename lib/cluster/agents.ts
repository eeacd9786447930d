import { join } from "node:path";
import { isJsonObject } from "../base/json.ts";
import { exists, jsonFile, namesIn } from "../base/files.ts";
import { bootId, isAlive, readProcStat } from "../process/proc_stat.ts";
import { realDisk } from "../storage/disk.ts";
import { safeName } from "../storage/exclusive_folder.ts";
import type { Hardware } from "./hardware.ts";
import { readOrNull, SHARED } from "./shared_files.ts";

/** agents/<agent>.json: an agent of a shared study, written before its first claim. */
export interface Agent {
  readonly schema: "llem.agent/1";
  readonly agent: string;
  readonly llem_version: string;
  /** UTC, ISO 8601, by its own clock. */
  readonly joined_at: string;
  /** What the scheduler calls its machine; the host name where there is none. */
  readonly node: string;
  readonly host: string;
  readonly boot_id: string | null;
  /** Pids of two namespaces mean different processes; null where the kernel does not tell. */
  readonly pid_namespace: string | null;
  /** Start ticks of two namespaces count from different moments; left out by earlier versions. */
  readonly time_namespace?: string | null;
  readonly pid: number;
  readonly start_ticks: number;
  /** Null outside a job. */
  readonly slurm: SlurmTask | null;
  /** What the numbers depend on; null until it is known. */
  readonly hardware: Hardware | null;
}

/** The job that an agent runs in, as Slurm numbers it. */
export interface SlurmTask {
  readonly job_id: string;
  readonly array_job_id: string | null;
  readonly array_task_id: string | null;
  readonly restarts: number;
}

type Env = Readonly<Record<string, string | undefined>>;

/** This process as an agent. */
export function thisAgent(env: Env, llem_version: string): Agent {
  const node = env["SLURMD_NODENAME"] ?? env["LLEM_NODE"] ?? Deno.hostname();
  const slurm = slurmTask(env);
  const job = slurm === null ? String(Deno.pid) : slurm.job_id;
  return {
    schema: "llem.agent/1",
    agent: `${safeName(node, 60) || "node"}_${safeName(job, 20)}_${randomLetters()}`,
    llem_version,
    joined_at: new Date().toISOString(),
    node,
    host: Deno.hostname(),
    boot_id: bootId(),
    pid_namespace: namespace("pid"),
    time_namespace: namespace("time"),
    pid: Deno.pid,
    start_ticks: readProcStat(Deno.pid)?.start_ticks ?? 0,
    slurm,
    hardware: null,
  };
}

function slurmTask(env: Env): SlurmTask | null {
  const { SLURM_JOB_ID, SLURM_ARRAY_JOB_ID, SLURM_ARRAY_TASK_ID, SLURM_RESTART_COUNT } = env;
  if (SLURM_JOB_ID === undefined) return null;
  return {
    job_id: SLURM_JOB_ID,
    array_job_id: SLURM_ARRAY_JOB_ID ?? null,
    array_task_id: SLURM_ARRAY_TASK_ID ?? null,
    restarts: Number(SLURM_RESTART_COUNT ?? 0) || 0,
  };
}

function randomLetters(): string {
  const letters = "abcdefghijkmnpqrstuvwxyz23456789";
  return [...crypto.getRandomValues(new Uint8Array(6))].map((byte) => letters[byte % letters.length]).join(
    "",
  );
}

function namespace(kind: "pid" | "time"): string | null {
  try {
    return Deno.readLinkSync(`/proc/self/ns/${kind}`);
  } catch {
    return null;
  }
}

/** Durable when it returns. Throws what the system threw. */
export function writeAgent(dir: string, agent: Agent): void {
  realDisk.replace(agentPath(dir, agent.agent), jsonFile(agent));
}

/** Null where there is no such agent, or its file says nothing. */
export function readAgent(dir: string, agent: string): Agent | null {
  try {
    const value: unknown = JSON.parse(readOrNull(agentPath(dir, agent)) ?? "null");
    return isAgent(value) ? value : null;
  } catch {
    return null;
  }
}

/** All agents that ever were, in the order in which they say they came. */
export function readAgents(dir: string): Agent[] {
  return agentNames(dir).map((name) => readAgent(dir, name)).filter((agent) => agent !== null)
    .sort((one, other) => compare(one.joined_at, other.joined_at) || compare(one.agent, other.agent));
}

function agentNames(dir: string): string[] {
  return namesIn(join(dir, SHARED.agents)).flatMap((name) => /^([^.].*)\.json$/.exec(name)?.[1] ?? []).sort();
}

/** True for a study directory that agents share. */
export function isShared(dir: string): boolean {
  return exists(join(dir, SHARED.agents));
}

/** What this machine's kernel says of an agent's process; `unknown`: it is of another machine, boot or namespace. */
export type AgentProcess = "there" | "stopped" | "gone" | "unknown";

export function processOf(agent: Agent): AgentProcess {
  const { host, boot_id, pid_namespace, time_namespace = null, pid, start_ticks } = agent;
  if (host !== Deno.hostname() || boot_id === null || boot_id !== bootId()) return "unknown";
  if (pid_namespace === null || pid_namespace !== namespace("pid")) return "unknown";
  if (time_namespace !== namespace("time")) return "unknown";
  const stat = readProcStat(pid);
  if (!isAlive(stat) || stat?.start_ticks !== start_ticks) return "gone";
  return stat.state === "T" ? "stopped" : "there";
}

/** True where the process of an agent is known to have ended: on this machine, in this boot and these namespaces alone. */
export function isGone(agent: Agent): boolean {
  return processOf(agent) === "gone";
}

function agentPath(dir: string, agent: string): string {
  return join(dir, SHARED.agents, `${agent}.json`);
}

function isAgent(value: unknown): value is Agent {
  return isJsonObject(value) && value["schema"] === "llem.agent/1" &&
    ["agent", "joined_at", "node", "host", "llem_version"].every((key) => typeof value[key] === "string") &&
    typeof value["pid"] === "number" && typeof value["start_ticks"] === "number";
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
