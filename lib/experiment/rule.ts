import type { Json } from "../base/json.ts";

/** What a broken rule is reported with. */
export interface RuleText {
  /** Follows the path of a field. */
  readonly message: string;
  /** What to change; null if the message says it. */
  readonly hint: string | null;
}

/** A rule that ties several fields together, and which a configuration breaks. */
export interface RuleBreak extends RuleText {
  /** The dotted path of the field to report it at. */
  readonly at: string;
  /** The fields that together break the rule: changing one of them could fix it. */
  readonly fields: readonly string[];
}

/** Reads a field of a draft by its dotted path; undefined where it is not given. */
export type Read = (path: string) => Json | undefined;

/** One rule: the break, or null where the draft keeps it. A draft may be incomplete, so a rule looks at what is given. */
export type Rule = (read: Read) => RuleBreak | null;
