import type { ResultRecord } from "./record.ts";
import type { StudyTable, TableStanding } from "./study_table.ts";

/** One attempt of a run, as an export gives it a row. */
export interface StudyAttempt {
  readonly study: StudyTable;
  /** 1-based position of its run in the order of the study. */
  readonly index: number;
  readonly config_hash: string;
  /** 1-based, as is the next. */
  readonly cycle: number;
  readonly attempt: number;
  readonly run_id: string;
  /** Of an earlier attempt than the last: how it ended. */
  readonly standing: TableStanding;
  /** Whether the statistics of its study count it: the last attempt of a run that completed. */
  readonly counts: boolean;
  /** Its run folder, relative to the study directory. */
  readonly folder: string;
  /** UTC, ISO 8601. */
  readonly started_at: string | null;
  /** Null where it has not ended. */
  readonly ended_at: string | null;
  /** Its result.json; null where there is none, or it is damaged. */
  readonly record: ResultRecord | null;
}

/** Where an export takes what it writes from; every call reads anew, so that nothing large is held. */
export interface AttemptSource {
  readonly studies: readonly StudyTable[];
  /** In the order of studies and runs. */
  attempts(): Iterable<StudyAttempt>;
  /** The lines of its requests.jsonl; none where it has no such file. */
  requests(attempt: StudyAttempt): Iterable<Readonly<Record<string, unknown>>>;
  /** The rows of its power.parquet, a group at a time; none where it has no such file. */
  power(attempt: StudyAttempt): AsyncIterable<readonly Readonly<Record<string, unknown>>[]>;
}
