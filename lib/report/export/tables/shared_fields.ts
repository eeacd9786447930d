/** Columns that several tables have, so that they can be joined. */
import type { StudyAttempt } from "../../../results/study_attempt.ts";
import type { StudyTable } from "../../../results/study_table.ts";
import { type Field, field } from "./field.ts";

/** Which study a row is of: several studies make one table. */
export const STUDY_FIELDS: readonly Field<StudyTable>[] = [
  field("study_id", "text", "Name of the study directory.", ({ id }) => id),
  field("study_name", "text", "`name` of the study file.", ({ name }) => name),
];

/** Which attempt a row is of. */
export const ATTEMPT_FIELDS: readonly Field<StudyAttempt>[] = [
  field("study_id", "text", "Name of the study directory.", ({ study }) => study.id),
  field("run_id", "text", "The attempt; its folder below `runs/` has this name.", ({ run_id }) => run_id),
  field("config_hash", "text", "The configuration, by its content.", ({ config_hash }) => config_hash),
  field("cycle", "integer", "Repetition, from 1.", ({ cycle }) => cycle),
  field("attempt", "integer", "Attempt of the run, from 1.", ({ attempt }) => attempt),
];
