import type { Agent } from "../../cluster/agents.ts";
import type { HelloMessage } from "../../meter/sample.ts";
import type { PoolSource } from "../../runner/pool/chain_source.ts";
import type { RunEnds } from "../../runner/lifetimes.ts";
import type { RunSource } from "../../runner/run_source.ts";
import type { SharedOutcome } from "./shared_outcome.ts";

/** What a session has in common with others on the same study. */
export interface Joined {
  readonly agent: Agent;
  /** True where this agent has made the study: environment.json tells of its machine. */
  readonly isMaker: boolean;
  /** What this agent claims, for several runs at a time. */
  readonly chains: PoolSource;
  readonly ends: RunEnds;
  /** The same chains, a run at a time. */
  readonly source: RunSource;
  /** Writes down what this machine is. Throws CommandError where it is not like that of the first agent. */
  register(hello: Pick<HelloMessage, "devices" | "absent"> | null): void;
  /** Lets go of what this agent has and says where the study stands; where all of it is over, its files are written. */
  leave(say: (text: string) => void): SharedOutcome;
}
