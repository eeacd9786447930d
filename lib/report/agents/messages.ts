/** The texts of lib/report/agents for people. */
import { wholeSeconds } from "../../base/duration.ts";

export function agentsHeading(atWork: number, all: number): string {
  return `  agents: ${atWork} of ${all} at work`;
}

/** `gone`: its process ended without a word; `silent`: no heartbeat for a lease. */
export function agentState(state: "working" | "draining" | "left" | "gone" | "silent"): string {
  return state;
}

/** Null where there is no heartbeat. */
export function heartbeatAge(seconds: number | null): string {
  return seconds === null ? "no heartbeat" : `heartbeat ${wholeSeconds(seconds)} ago`;
}

/** `array` and `task`: null where the job is no task of an array. */
export function agentJob(job: string, array: string | null, task: string | null): string {
  return array === null || task === null ? `job ${job}` : `job ${array}_${task}`;
}

export function agentRuns(index: number, seconds: number): string {
  return `run ${index}, ${wholeSeconds(seconds)}`;
}

/** More agents that are not at work than are listed. */
export function moreAgents(count: number): string {
  return `    and ${count} more that ${count === 1 ? "is" : "are"} not at work`;
}
