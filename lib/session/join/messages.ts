/** The texts of lib/session/join for people. */
import { shellWord } from "../../base/shell_word.ts";
import { plural } from "../../base/text.ts";

/** `what`: `execution.until` or `search`. */
export function joinOfMore(what: string): string {
  return `A study with ${what} cannot be shared by agents: which runs follow depends on the results so far. ` +
    "Run it on one machine, without --join.";
}

export function notEmpty(dir: string): string {
  return `${dir} holds files and no study: agents need a folder of their own. Name a new one after --join.`;
}

export function nothingToJoin(dir: string): string {
  return `${dir} holds no study yet: the first agent makes it, from a study file (llem run STUDY --join ${
    shellWord(dir)
  }).`;
}

export function notShared(dir: string): string {
  return `${dir} is a study that one llem runs at a time: resume it with llem run --resume ${
    shellWord(dir)
  }, or let agents ` +
    "share a new directory.";
}

/** A study that was planned here, of another one that agents share; each difference is on a line of its own. */
export function plansOther(dir: string, differences: readonly string[]): string {
  const list = differences.map((difference) => `\n  ${difference}`).join("");
  return `The study given is not the one in ${dir}:${list}\nJoin it without a study (llem run --join ${
    shellWord(dir)
  }), or name a new directory.`;
}

export function waitsForMaker(agent: string): string {
  return `${agent} is setting up the study directory: waiting for it.`;
}

export function joined(
  agent: string,
  probe: string,
  { left, total }: { left: number; total: number },
): string {
  return `joined as ${agent}: ${left} of ${plural(total, "run")} left; ${probe}`;
}

/** Of an agent whose device another process holds; `problem` says which and who. */
export function deviceTaken(problem: string): string {
  return `${problem}; name other devices with --devices, since each agent of a machine needs its own`;
}

/** Nothing is free, and nobody has been seen to be lost. */
export function waitsForOthers(lease_s: number): string {
  return `other agents have taken what is left: waiting up to ${lease_s} s in case one of them is lost`;
}

/** `held`: chains and their agents; there may be many. */
export function leavesOthers(
  dir: string,
  held: readonly { readonly chain: string; readonly agent: string }[],
): string {
  const named = held.slice(0, 4).map(({ chain, agent }) => `${chain} (${agent})`).join(", ");
  const more = held.length > 4 ? ` and ${held.length - 4} more` : "";
  return `nothing is left to take; others are at work on ${named}${more}. llem status ${
    shellWord(dir)
  } shows them.`;
}

export function leavesByTime(): string {
  return "none of the remaining runs can end in the time that this agent has left: it leaves them to others.";
}

export function leavesForBoards(): string {
  return "every run that is left takes more boards than this agent has: they are left to agents with more.";
}

export function asksToDrain(): string {
  return "llem stop --drain: this agent ends after its current runs.";
}

export function asksToStop(): string {
  return "llem stop: this agent ends now.";
}

/** A resume beside agents that are alive. */
export function agentsAtWork(dir: string, agents: readonly string[]): string {
  const named = agents.slice(0, 4).join(", ");
  return `Agents are at work on ${dir}: ${named}${
    agents.length > 4 ? ` and ${agents.length - 4} more` : ""
  }. ` +
    `Join them with llem run --join ${shellWord(dir)}, or end them first (llem stop ${shellWord(dir)}).`;
}

/** What could not be saved. */
export const SHARED_DIRECTORY = "the shared study directory";
