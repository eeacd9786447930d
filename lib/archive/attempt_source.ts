/** Reads the attempts of studies for an export: one record, one line and one group of rows at a time. */
import { join } from "node:path";
import { exists, refuseOther } from "../base/files.ts";
import { isJsonObject } from "../base/json.ts";
import { statusOf } from "../experiment/outcome.ts";
import { type DetailFile, hasWritten } from "../results/expected_files.ts";
import { readRecord } from "../results/read_record.ts";
import { linesOf } from "../results/read_requests.ts";
import type { AttemptSource, StudyAttempt } from "../results/study_attempt.ts";
import type { StudyTable, TableAttempt, TableStanding } from "../results/study_table.ts";
import { checkTracePages } from "./trace_pages.ts";

/** `tell` hears, in a sentence, of what cannot be read. */
export function attemptSource(
  studies: readonly StudyTable[],
  tell: (trouble: UnreadableFile) => void,
): AttemptSource {
  return {
    studies,
    *attempts() {
      for (const study of studies) yield* attemptsOf(study);
    },
    requests: (attempt) => requestsOf(attempt, tell),
    power: (attempt) => powerOf(attempt, tell),
  };
}

/** A file of a run that an export has to do without, in whole or from some line on. */
export interface UnreadableFile {
  readonly path: string;
  /** Lines that were passed over; null where the whole file was. */
  readonly lines: number | null;
  /** True where somebody has removed it. */
  readonly isMissing?: true;
}

function* attemptsOf(study: StudyTable): Generator<StudyAttempt> {
  for (const run of study.runs) {
    const { index, config_hash, cycle } = run;
    for (const { attempt, run_id, folder, outcome, started_at, ended_at } of run.attempts) {
      const isLast = run_id === run.run_id;
      const standing = isLast ? run.standing : standingOf(outcome);
      const record = readRecord(join(study.dir, folder, "result.json"));
      yield {
        study,
        index,
        config_hash,
        cycle,
        attempt,
        run_id,
        standing,
        counts: isLast && standing === "completed",
        folder,
        started_at,
        ended_at,
        record: record?.run.run_id === run_id && record.outcome.kind === outcome ? record : null,
      };
    }
  }
}

function standingOf(outcome: TableAttempt["outcome"]): TableStanding {
  return outcome === "lost" || outcome === "running" ? "lost" : statusOf(outcome);
}

/** Null where there is no such file, which is told where there was one. */
function fileOf(
  { study, folder, record }: StudyAttempt,
  name: DetailFile,
  tell: (trouble: UnreadableFile) => void,
): string | null {
  const path = join(study.dir, folder, name);
  if (exists(path)) return path;
  if (record !== null && hasWritten(name, record)) tell({ path, lines: null, isMissing: true });
  return null;
}

function* requestsOf(
  attempt: StudyAttempt,
  tell: (trouble: UnreadableFile) => void,
): Generator<Readonly<Record<string, unknown>>> {
  const path = fileOf(attempt, "requests.jsonl", tell);
  if (path === null) return;
  let bad = 0;
  try {
    for (const line of linesOf(path)) {
      const value = parsed(line);
      if (value === null) bad += 1;
      else yield value;
    }
  } catch {
    return tell({ path, lines: null });
  }
  if (bad > 0) tell({ path, lines: bad });
}

function parsed(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

async function* powerOf(
  attempt: StudyAttempt,
  tell: (trouble: UnreadableFile) => void,
): AsyncGenerator<readonly Readonly<Record<string, unknown>>[]> {
  const path = fileOf(attempt, "power.parquet", tell);
  if (path === null) return;
  const { parquetMetadataAsync, parquetReadObjects } = await import("hyparquet");
  try {
    refuseOther(path);
    using opened = Deno.openSync(path);
    const byteLength = opened.statSync().size;
    const slice = (start: number, end: number = byteLength): ArrayBuffer =>
      bytesOf(opened, start, Math.min(end, byteLength));
    const file = { byteLength, slice };
    const metadata = await parquetMetadataAsync(file);
    await checkTracePages(metadata, slice);
    let rowStart = 0;
    for (const { num_rows } of metadata.row_groups) {
      const rowEnd = rowStart + Number(num_rows);
      yield await parquetReadObjects({ file, metadata, rowStart, rowEnd });
      rowStart = rowEnd;
    }
  } catch {
    tell({ path, lines: null });
  }
}

function bytesOf(file: Deno.FsFile, start: number, end: number): ArrayBuffer {
  const bytes = new Uint8Array(end - start);
  file.seekSync(start, Deno.SeekMode.Start);
  for (let at = 0; at < bytes.length;) {
    const read = file.readSync(bytes.subarray(at));
    if (read === null) break;
    at += read;
  }
  return bytes.buffer;
}
