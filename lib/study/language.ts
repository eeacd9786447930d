import type { MapShape } from "../experiment/shape.ts";
import { FORMER_NAMES, STUDY_ONLY_KEYS, studyShape } from "./study_schema.ts";

/** What a kind of file may say: where a misplaced or mistyped key is looked for. */
export interface Language {
  /** The shape of a whole file. */
  readonly shape: () => MapShape;
  /** Names that other tools use for a key. */
  readonly formerNames: ReadonlyMap<string, string>;
  /** Keys that stand at the top level of a file only. */
  readonly topKeys: ReadonlySet<string>;
}

/** The language of study files. */
export const STUDY_LANGUAGE: Language = {
  shape: studyShape,
  formerNames: FORMER_NAMES,
  topKeys: STUDY_ONLY_KEYS,
};
