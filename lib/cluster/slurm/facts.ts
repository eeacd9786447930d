import type { AskSlurm } from "./slurm_command.ts";
import { readSlurmTime } from "./time.ts";

/** What a cluster lets jobs do, as far as it matters here. */
export interface SlurmFacts {
  /** Indices of an array are below it. */
  readonly max_array_size: number;
  /** False where a preempted job is cancelled. */
  readonly preempted_requeue: boolean;
}

/** Slurm's own defaults: slurm.conf(5). */
export const USUAL_FACTS: SlurmFacts = { max_array_size: 1001, preempted_requeue: true };

/** Asks the controller once; the usual where it does not answer. */
export async function askFacts(ask: AskSlurm): Promise<SlurmFacts> {
  const answer = await ask("scontrol", ["show", "config"]);
  return answer.kind === "ok" ? readFacts(answer.text) : USUAL_FACTS;
}

/** From `scontrol show config`: `Name = value` lines. */
export function readFacts(text: string): SlurmFacts {
  const value = (name: string): string | null =>
    new RegExp(`^${name}\\s*=\\s*(.*?)\\s*$`, "m").exec(text)?.[1] ?? null;
  const size = Number(value("MaxArraySize") ?? NaN);
  const mode = value("PreemptMode") ?? "";
  return {
    max_array_size: Number.isInteger(size) && size > 0 ? size : USUAL_FACTS.max_array_size,
    preempted_requeue: !/CANCEL/i.test(mode),
  };
}

/** A partition and the longest that its jobs may take, in seconds; null for no limit. */
export interface Partition {
  readonly name: string;
  readonly is_default: boolean;
  readonly limit_s: number | null;
}

/** The partitions of this cluster; empty where they cannot be told. */
export async function askPartitions(ask: AskSlurm): Promise<Partition[]> {
  const answer = await ask("sinfo", ["-h", "-o", "%P|%l"]);
  return answer.kind === "ok" ? readPartitions(answer.text) : [];
}

/** Lines of `sinfo -o "%P|%l"`; the default has a star. */
export function readPartitions(text: string): Partition[] {
  const lines = text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  return lines.map((line) => {
    const [name = "", limit = ""] = line.split("|");
    const is_default = name.endsWith("*");
    return { name: is_default ? name.slice(0, -1) : name, is_default, limit_s: readSlurmTime(limit) };
  });
}

/** Seconds until a job reaches its time limit, by squeue; null where it has none, or nobody tells. */
export async function askTimeLeft(ask: AskSlurm, job: string): Promise<number | null> {
  const answer = await ask("squeue", ["-h", "-j", job, "-o", "%L"]);
  return answer.kind === "ok" ? readSlurmTime(answer.text.split("\n")[0] ?? "") : null;
}
