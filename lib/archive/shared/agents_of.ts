import { type Agent, processOf, readAgents } from "../../cluster/agents.ts";
import { type Beat, readBeatAndTime } from "../../cluster/beats.ts";
import { resolveCluster } from "../../study/cluster.ts";
import { readRegularText } from "../../base/files.ts";
import { join } from "node:path";

/** An agent of a shared study as one look from outside sees it. */
export interface AgentPresence {
  readonly agent: Agent;
  /** As it says itself; `gone`: its process has ended without a word; `silent`: no heartbeat for a lease. */
  readonly state: "working" | "draining" | "left" | "gone" | "silent";
  readonly alive: boolean;
  /**
   * Seconds since its heartbeat was replaced, by the file's time and this machine's clock, which may disagree by what the two
   * clocks do; null where there is none.
   */
  readonly age_s: number | null;
}

/**
 * All agents that ever were, or those of them that are asked for, in the order in which they came. One look cannot wait for a
 * lease: it goes by the files' times.
 */
export function agentsOf(dir: string, isAskedFor: (agent: Agent) => boolean = () => true): AgentPresence[] {
  // The plan of many experiments has megabytes, and most agents are judged without it.
  let known: number | null = null;
  const lease_s = (): number => known ??= leaseOf(dir);
  return readAgents(dir).filter(isAskedFor).map((agent): AgentPresence => {
    const { beat = null, mtime = null } = readBeatAndTime(dir, agent.agent) ?? {};
    const age_s = mtime === null ? null : Math.max(0, Date.now() - mtime.getTime()) / 1000;
    const state = stateOf(agent, beat, () => age_s !== null && age_s <= lease_s());
    return { agent, state, alive: state === "working" || state === "draining", age_s };
  });
}

function stateOf(agent: Agent, beat: Beat | null, isFresh: () => boolean): AgentPresence["state"] {
  if (beat?.state === "left") return "left";
  const process = processOf(agent);
  if (process === "gone") return "gone";
  // A process that is seen to run needs no clock: that of a file server may be off by more than a lease.
  if (process === "there") return beat?.state ?? "working";
  return beat !== null && isFresh() ? beat.state : "silent";
}

/** Of plan.json, of which no more is wanted here: the lease stands near its end, so that the whole is parsed. */
function leaseOf(dir: string): number {
  try {
    const { plan } = JSON.parse(readRegularText(join(dir, "plan.json")));
    return resolveCluster(plan?.cluster ?? {}).lease_seconds;
  } catch {
    return resolveCluster({}).lease_seconds;
  }
}
