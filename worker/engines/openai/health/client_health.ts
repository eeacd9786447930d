/** Whether the client was the limit of what it measured. */
import type { Delays } from "../load/delays.ts";
import type { LatenessVerdict } from "../load/load_facts.ts";
import type { CpuFacts } from "./cpu_share.ts";
import type { FileFacts } from "./open_files.ts";
import type { PortFacts } from "./ports.ts";

/** How the client was while a load went on: part of every run's result. */
export interface ClientHealth extends CpuFacts {
  /** By how much the event loop came late. */
  readonly loop_lag: Delays;
  /** Connections made after the start, because the server or the client closed one. */
  readonly reconnects: number;
  readonly ports: PortFacts | null;
  readonly files: FileFacts | null;
}

/** Why latencies are marginal, worst first. */
export type HealthCause = "late" | "loop_lag" | "cpu" | "ports";

/** Whether latencies are the server's alone. */
export interface HealthVerdict {
  readonly latency: "ok" | "marginal";
  readonly causes: readonly HealthCause[];
}

/** A stamp is late by the lag: above this share of the median TTFT the lag is part of what was measured. */
const MOST_LAG_SHARE = 0.1;
/** A lag below this is what any busy machine has. */
const LEAST_LAG_MS = 1;
/** Of one core: the event loop runs on one, and above this share work queues up before it. */
const MOST_CPU_SHARE = 0.8;
/** Fewer ports than this and the next connections fail or wait. */
const FEWEST_PORTS = 256;

/** Judges the client by what its own delays would change in the median time to the first token. */
export function judgeHealth(
  { loop_lag, cpu_share, ports }: ClientHealth,
  lateness: LatenessVerdict,
  ttftP50Ms: number | null,
): HealthVerdict {
  const lag = loop_lag.p99_ms ?? 0;
  const mostLagMs = Math.max(LEAST_LAG_MS, MOST_LAG_SHARE * (ttftP50Ms ?? Infinity));
  const causes: HealthCause[] = [];
  if (lateness.kind === "late") causes.push("late");
  if (lag > mostLagMs) causes.push("loop_lag");
  if ((cpu_share ?? 0) > MOST_CPU_SHARE) causes.push("cpu");
  if (ports !== null && ports.free < FEWEST_PORTS) causes.push("ports");
  return { latency: causes.length === 0 ? "ok" : "marginal", causes };
}
