import { largest } from "../../base/numbers.ts";
import type { AgentAtWork } from "../../archive/shared/agents_at_work.ts";
import { printable } from "../../base/text.ts";
import { agentJob, agentRuns, agentsHeading, agentState, heartbeatAge, moreAgents } from "./messages.ts";

/** Of agents that are not at work the last ones are listed: a study of weeks has had hundreds. */
const MOST_GONE = 5;

/** The agents of a study, a line each: those at work, then those that were. `now` is UTC, ISO 8601. */
export function agentsText(agents: readonly AgentAtWork[], now: string): string {
  if (agents.length === 0) return "";
  const atWork = agents.filter(({ alive }) => alive);
  const others = agents.filter(({ alive }) => !alive);
  const shown = [...atWork, ...others.slice(-MOST_GONE)];
  const rows = shown.map((agent) => cellsOf(agent, now));
  const widths = [0, 1, 2, 3].map((column) => largest(rows.map((row) => (row[column] ?? "").length), 0));
  const lines = rows.map((row) =>
    `    ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join("  ").trimEnd()}`
  );
  const hidden = others.length - Math.min(others.length, MOST_GONE);
  const more = hidden > 0 ? [moreAgents(hidden)] : [];
  return [agentsHeading(atWork.length, agents.length), ...lines, ...more].map((line) => `${line}\n`).join("");
}

function cellsOf({ agent, state, age_s, running }: AgentAtWork, now: string): string[] {
  const { slurm } = agent;
  const job = slurm === null
    ? `pid ${agent.pid}`
    : agentJob(slurm.job_id, slurm.array_job_id, slurm.array_task_id);
  const runs = running.map(({ index, at }) =>
    agentRuns(index, Math.max(0, Date.parse(now) - Date.parse(at)) / 1000)
  );
  const node = agent.node === agent.host ? agent.host : `${agent.node} (${agent.host})`;
  return [node, job, agentState(state), heartbeatAge(age_s), runs.join("; ")].map(printable);
}

/** An agent in `status --json`. */
export interface AgentRecord {
  readonly agent: string;
  readonly node: string;
  readonly host: string;
  readonly pid: number;
  /** `12_3` or `12`; null outside a job. */
  readonly job: string | null;
  readonly state: AgentAtWork["state"];
  readonly joined_at: string;
  /** By the file's time and this machine's clock; null where there is none. */
  readonly heartbeat_age_s: number | null;
  readonly running: readonly {
    readonly index: number;
    readonly run_id: string;
    readonly started_at: string;
  }[];
}

export function agentRecord({ agent, state, age_s, running }: AgentAtWork): AgentRecord {
  const { slurm, joined_at, node, host, pid } = agent;
  const job = slurm === null
    ? null
    : slurm.array_job_id === null
    ? slurm.job_id
    : `${slurm.array_job_id}_${slurm.array_task_id}`;
  return {
    agent: agent.agent,
    node,
    host,
    pid,
    job,
    state,
    joined_at,
    heartbeat_age_s: age_s,
    running: running.map(({ index, run_id, at }) => ({ index, run_id, started_at: at })),
  };
}
