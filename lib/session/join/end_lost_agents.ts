import type { WriterJournal } from "../../archive/read_journals.ts";
import { isGone, readAgent } from "../../cluster/agents.ts";
import { begunOf, foldJournal } from "../../journal/fold.ts";
import { endLostAttempt } from "../end_lost_attempt.ts";
import { endLostServers } from "../end_lost_servers.ts";

/**
 * Kills what is left of agents of this machine whose process has ended. One that is only silent may be stopped, or seen through
 * clocks that disagree: what it has begun is its own, and counts or is superseded. Throws as `endLostAttempt` does.
 */
export async function endLostAgents(
  journals: readonly WriterJournal[],
  ending: Parameters<typeof endLostAttempt>[1],
): Promise<void> {
  for (const { writer, events } of journals) {
    const agent = readAgent(ending.dir, writer);
    if (agent === null || !isGone(agent)) continue;
    const { entries, servers, auditing } = foldJournal(events);
    await endLostServers({ servers }, ending);
    for (const entry of entries.values()) {
      const run_id = entry.finished === null ? begunOf(entry)?.run_id ?? null : null;
      if (run_id !== null) await endLostAttempt({ ...entry, run_id }, ending);
    }
    for (const starting of auditing) {
      await endLostAttempt({ run_id: starting.run_id, starting, started: null }, ending);
    }
  }
}
