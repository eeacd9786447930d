import { join } from "node:path";
import { exists } from "../base/files.ts";
import type { RunFinished } from "../journal/event.ts";
import { MAX_RECORD_BYTES } from "../protocol/bounds.ts";
import type { Entry, StudyState } from "../journal/fold.ts";
import { resultLostEvent, type ResultTrouble } from "../journal/lost_event.ts";
import { readResult } from "./read_result.ts";

/** How closely results are looked at. A glance reads three bytes, and finds what is gone, empty or cut off. */
export type Scrutiny = "glance" | "read";

/**
 * The ends of completed runs whose result is not there any more, or not whole, as the losses that they are: complete means
 * that there is a result. In the order of the journal.
 */
export function missingResults(
  dir: string,
  { entries }: Pick<StudyState, "entries">,
  scrutiny: Scrutiny,
): RunFinished[] {
  return [...entries.values()].flatMap(({ finished }) => {
    const trouble = finished === null ? null : troubleOf(dir, finished, scrutiny);
    return finished === null || trouble === null ? [] : [resultLostEvent(finished, trouble)];
  });
}

/** The state of a study as a resume will find it: without their results runs are lost, and the study is not over. */
export function withoutMissing(dir: string, state: StudyState, scrutiny: Scrutiny = "glance"): StudyState {
  const missing = missingResults(dir, state, scrutiny);
  if (missing.length === 0) return state;
  const lost = new Map(missing.map((event) => [event.run_id, event]));
  const entries = new Map([...state.entries].map(([key, entry]): [string, Entry] => {
    const finished = lost.get(entry.finished?.run_id ?? "");
    return [key, finished === undefined ? entry : { ...entry, status: "lost", finished }];
  }));
  return { ...state, entries, status: state.status === "completed" ? "interrupted" : state.status };
}

/** Null for a run that has not completed, and for one whose result is whole. */
function troubleOf(dir: string, finished: RunFinished, scrutiny: Scrutiny): ResultTrouble | null {
  const { kind, result_file, result_bytes } = finished;
  if (kind !== "completed" || result_file === null) return null;
  const path = join(dir, result_file);
  if (scrutiny === "glance" && looksWhole(path, result_bytes ?? null)) return null;
  // Somebody may have written the same in another form: what can be read counts.
  if (readResult(dir, finished) !== null) return null;
  return exists(path) ? "damaged" : "missing";
}

/** How many completed runs of a manifest have no result that looks whole. */
export function countMissing(
  dir: string,
  runs: readonly { readonly status: unknown; readonly result_file: unknown }[],
): number {
  return runs.filter(({ status, result_file }) =>
    status === "completed" && typeof result_file === "string" && !looksWhole(join(dir, result_file), null)
  ).length;
}

/** True for a file that begins and ends as ours do, and is as long as it was; null where nobody wrote that down. */
export function looksWhole(path: string, bytes: number | null, mostBytes = MAX_RECORD_BYTES): boolean {
  try {
    // Before it is opened: whoever opens a pipe waits for its other end.
    const { isFile, size } = Deno.statSync(path);
    if (!isFile || size > mostBytes) return false;
    using file = Deno.openSync(path);
    if (size < ENDS.length || bytes !== null && size !== bytes) return false;
    const ends = new Uint8Array(ENDS.length);
    file.readSync(ends.subarray(0, 1));
    file.seekSync(-2, Deno.SeekMode.End);
    file.readSync(ends.subarray(1));
    return new TextDecoder().decode(ends) === ENDS;
  } catch {
    return false;
  }
}

/** The first character of a result file and the last two. */
const ENDS = "{}\n";
