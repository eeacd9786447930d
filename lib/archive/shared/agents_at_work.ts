import type { AttemptFolder } from "../../journal/event.ts";
import type { WriterJournal } from "../read_journals.ts";
import { type AgentPresence, agentsOf } from "./agents_of.ts";

/** An agent of a shared study, and what it has begun and not ended. */
export interface AgentAtWork extends AgentPresence {
  /** Attempts in hand; empty where it is not at work. */
  readonly running: readonly (AttemptFolder & { readonly at: string })[];
}

/** All agents of a study, in the order in which they came. */
export function agentsAtWork(dir: string, journals: readonly WriterJournal[]): AgentAtWork[] {
  const byWriter = new Map(journals.map((journal) => [journal.writer, journal]));
  return agentsOf(dir).map((presence) => {
    const journal = byWriter.get(presence.agent.agent);
    const running = journal === undefined || !presence.alive ? [] : begun(journal);
    return { ...presence, running };
  });
}

function begun({ events }: WriterJournal): AgentAtWork["running"] {
  const open = new Map<string, AttemptFolder & { readonly at: string }>();
  for (const event of events) {
    if (event.type === "run_starting" || event.type === "run_started") open.set(event.run_id, event);
    if (event.type === "run_finished") open.delete(event.run_id);
  }
  return [...open.values()];
}
