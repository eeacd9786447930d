import { sha256Hex } from "../../lib/base/canonical_json.ts";
import type { RunFinished, StampedEvent } from "../../lib/journal/event.ts";
import { parseJournal } from "../../lib/journal/journal.ts";

/** The study directory in a folder of results; null where there is none yet. */
export function findStudy(output: string): string | null {
  try {
    const [entry] = [...Deno.readDirSync(output)];
    return entry === undefined ? null : `${output}/${entry.name}`;
  } catch {
    return null;
  }
}

/** What the journal holds, a torn last line left out; nothing where there is no journal yet. */
export function readEvents(studyDir: string): readonly StampedEvent[] {
  let bytes: Uint8Array;
  try {
    bytes = Deno.readFileSync(`${studyDir}/journal.jsonl`);
  } catch {
    return [];
  }
  return parseJournal(bytes).events;
}

/** The ends that nothing may undo: those of runs that were neither interrupted nor lost. */
export function settledEnds(events: readonly StampedEvent[]): (StampedEvent & RunFinished)[] {
  return events.filter((event): event is StampedEvent & RunFinished =>
    event.type === "run_finished" && event.kind !== "interrupted" && event.kind !== "lost"
  );
}

/** The result file of an end as a digest; null where it is missing or not whole. */
export function resultDigest(studyDir: string, { result_file }: RunFinished): string | null {
  try {
    const text = Deno.readTextFileSync(`${studyDir}/${result_file}`);
    return JSON.parse(text).schema === "llem.result/1" ? sha256Hex(text) : null;
  } catch {
    return null;
  }
}
