/**
 * lib/study owns the language of study files: from bytes and overrides to a checked study, with every mistake told
 * at its place. It opens no file (contents come in), expands nothing and decides no order.
 */
import type { Override, StudyReading, StudySource } from "./study.ts";

/** Reads a study file and the overrides given over it. Never throws; all mistakes come at once. */
export function readStudy(source: StudySource, overrides: readonly Override[]): StudyReading {
  void source;
  void overrides;
  return { study: null, issues: [], warnings: [] };
}

/** A study without a file, from overrides alone (`model`, `backend`, ...). */
export function studyFromFlags(overrides: readonly Override[]): StudyReading {
  void overrides;
  return { study: null, issues: [], warnings: [] };
}
