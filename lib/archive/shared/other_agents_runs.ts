import { join } from "node:path";
import { monotonicNs } from "../../base/clock.ts";
import type { Agent } from "../../cluster/agents.ts";
import { SHARED } from "../../cluster/shared_files.ts";
import type { StampedEvent } from "../../journal/event.ts";
import { decodeLine } from "../../journal/journal_line.ts";
import type { RunBeside } from "../../results/energy/facts.ts";
import { readTail } from "../../storage/read_tail.ts";
import { type AgentPresence, agentsOf } from "./agents_of.ts";

/** Of a journal no more is read: the lines of some hundred runs, the last of which are asked for. */
const TAIL_BYTES = 256 * 1024;

/**
 * The last runs that other agents of a study made on this machine, by their journals; nobody else tells of them. A machine is known
 * by its boot, whatever its containers call themselves. What cannot be read is left out.
 */
export function otherAgentsRuns(
  dir: string,
  own: Pick<Agent, "agent" | "boot_id">,
): RunBeside[] {
  if (own.boot_id === null) return [];
  const nowMs = Date.now();
  const nowNs = Number(monotonicNs());
  const toNs = (ms: number): number => nowNs - (nowMs - ms) * 1e6;
  const here = agentsOf(dir, (agent) => agent.boot_id === own.boot_id && agent.agent !== own.agent);
  return here.flatMap((other) => {
    const endMs = lastSeenMs(other, nowMs);
    return runsIn(tailOf(join(dir, SHARED.journals, `${other.agent.agent}.jsonl`))).map((run): RunBeside => ({
      run_id: run.run_id,
      agent: other.agent.agent,
      devices: run.devices,
      begin_ns: toNs(run.beginMs),
      end_ns: toNs(run.endMs ?? Math.max(run.beginMs, endMs)),
    }));
  });
}

/** Until when a run may have gone on whose end nobody has written down. */
function lastSeenMs({ alive, age_s }: AgentPresence, nowMs: number): number {
  return alive ? nowMs : nowMs - (age_s ?? 0) * 1000;
}

interface JournalledRun {
  readonly run_id: string;
  readonly devices: readonly string[];
  readonly beginMs: number;
  /** Null where it has no end. */
  readonly endMs: number | null;
}

function runsIn(events: readonly StampedEvent[]): JournalledRun[] {
  const runs = new Map<string, JournalledRun>();
  for (const event of events) {
    if (event.type === "run_starting") {
      const { run_id, at, placed } = event;
      runs.set(run_id, { run_id, devices: placed?.devices ?? [], beginMs: Date.parse(at), endMs: null });
    }
    const begun = event.type === "run_finished" ? runs.get(event.run_id) : undefined;
    if (begun !== undefined && event.type === "run_finished") {
      runs.set(event.run_id, { ...begun, endMs: Date.parse(event.completed_at) });
    }
  }
  return [...runs.values()];
}

function tailOf(path: string): StampedEvent[] {
  const { bytes } = readTail(path, TAIL_BYTES) ?? {};
  // The first line may be half a line, and so may the last.
  return new TextDecoder().decode(bytes).split("\n").flatMap((line) => {
    const reading = decodeLine(line);
    return reading.kind === "event" ? [reading.event] : [];
  });
}
