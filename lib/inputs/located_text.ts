/** A prompt's text, where it stands, and the `source` that its row names. */
export interface LocatedText {
  readonly text: string;
  /** For people: `file:line`, `file row 7`. */
  readonly location: string;
  /** Empty where the row names none. */
  readonly source: string;
}

/** Names under which a row may hold its prompt; the first that is there counts. */
export const PROMPT_FIELDS = ["prompt", "text", "instruction", "input", "question"] as const;

/** What to take from the rows of a file. */
export interface RowChoice {
  /** Null is the first of {@link PROMPT_FIELDS}. */
  readonly column: string | null;
  /** What the user can do about a row that does not fit. */
  readonly remedy: string;
}

/** The rows of a dataset, in its own order. */
export interface PromptRows {
  /** What is recorded: `file /srv/p.jsonl`, `owner/name@<commit> train text`. */
  readonly origin: string;
  /** What a sentence calls it. */
  readonly name: string;
  readonly prompts: readonly LocatedText[];
}
