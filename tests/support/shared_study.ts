/** Makes of a finished study one that agents have made together, as their journals, ends and agents tell it. */
import { join } from "node:path";
import { jsonFile } from "../../lib/base/files.ts";
import { type Agent, thisAgent } from "../../lib/cluster/agents.ts";
import { endName } from "../../lib/cluster/ends.ts";
import type { JournalEvent } from "../../lib/journal/event.ts";
import { parseJournal } from "../../lib/journal/journal.ts";
import { encodeLine } from "../../lib/journal/journal_line.ts";

/** Deals the runs of the directory out to so many agents, of which all have left. Returns their names. */
export function shareOut(dir: string, agents: number): string[] {
  const { events } = parseJournal(Deno.readFileSync(join(dir, "journal.jsonl")));
  Deno.removeSync(join(dir, "journal.jsonl"));
  Deno.removeSync(join(dir, "manifest.json"));
  for (const folder of ["agents", "beats", "claims", "ends", "journals"]) Deno.mkdirSync(join(dir, folder));
  const names = Array.from({ length: agents }, (_, index) => `node${index + 1}_${100 + index}_abcdef`);
  const own: Agent = { ...thisAgent({}, "0.1.0"), host: "elsewhere" };
  for (const [index, agent] of names.entries()) {
    const joined_at = new Date(1e12 + index).toISOString();
    Deno.writeFileSync(join(dir, "agents", `${agent}.json`), jsonFile({ ...own, agent, joined_at }));
    Deno.writeTextFileSync(join(dir, "beats", agent), JSON.stringify({ count: 9, state: "left" }));
  }
  const lines = new Map(names.map((agent): [string, string[]] => [agent, []]));
  for (const { at, ...event } of events) {
    const mine = "index" in event ? [names[event.index % agents] ?? ""] : names;
    for (const agent of mine) lines.get(agent)?.push(encodeLine(event as JournalEvent, at));
    if (event.type !== "run_finished" || event.will_retry) continue;
    const end = JSON.stringify({ agent: mine[0], finished: event });
    Deno.writeTextFileSync(join(dir, "ends", endName(event, 1)), end);
  }
  for (const [agent, own] of lines) {
    Deno.writeTextFileSync(join(dir, "journals", `${agent}.jsonl`), own.join(""));
  }
  return names;
}
