import type { Json } from "../base/json.ts";

/** A rule that ties several fields together, and which a configuration breaks. */
export interface RuleBreak {
  /** The dotted path to tell it at. */
  readonly at: string;
  /** The fields that together break the rule: changing one of them could mend it. */
  readonly fields: readonly string[];
  readonly message: string;
  readonly hint: string | null;
}

/** Reads a field of a draft by its dotted path; undefined where it is not given. */
export type Read = (path: string) => Json | undefined;

/** One rule: the break, or null where the draft keeps it. A draft may be incomplete, so a rule looks at what is given. */
export type Rule = (read: Read) => RuleBreak | null;
