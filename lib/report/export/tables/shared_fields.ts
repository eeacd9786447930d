/** Columns that several tables have, so that they can be joined. */
import type { StudyAttempt } from "../../../results/study_attempt.ts";
import { declaring, type Field } from "./field.ts";

const field = declaring<StudyAttempt>();

/** Which attempt a row is of. */
export const ATTEMPT_FIELDS: readonly Field<StudyAttempt>[] = [
  field("study_id", "text", ({ study }) => study.id).describe("Name of the study directory."),
  field("run_id", "text", ({ run_id }) => run_id).describe(
    "The attempt; its folder below `runs/` has this name.",
  ),
  field("config_hash", "text", ({ config_hash }) => config_hash).describe(
    "The configuration, by its content.",
  ),
  field("cycle", "integer", ({ cycle }) => cycle).describe("Repetition, from 1."),
  field("attempt", "integer", ({ attempt }) => attempt).describe("Attempt of the run, from 1."),
];
