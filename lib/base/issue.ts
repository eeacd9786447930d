/**
 * A user's mistake (or a matter worth a warning), with its place and what to do about it.
 * Issues are collected and reported all at once; they are never thrown.
 */
export interface Issue {
  /** File as the user named it, `--set` or `--cycles` for the command line, null where there is none. */
  readonly file: string | null;
  /** 1-based; null where the place has no line. */
  readonly line: number | null;
  /** 1-based, in characters; null where the place has no column. */
  readonly column: number | null;
  /** Dotted configuration path such as `decoder.temperature`; empty for the whole file. */
  readonly path: string;
  /** What was found and what would be right. */
  readonly message: string;
  /** What to do about it, such as `did you mean "n_threads"?`; null where the message says it all. */
  readonly hint: string | null;
}

/** One line for people: `file:line:column path: message (hint)`. */
export function formatIssue(issue: Issue): string {
  const location = [issue.file, issue.line, issue.column].filter((part) => part !== null).join(":");
  const subject = [location, issue.path].filter((part) => part !== "").join(" ");
  const hint = issue.hint === null ? "" : ` (${issue.hint})`;
  return subject === "" ? `${issue.message}${hint}` : `${subject}: ${issue.message}${hint}`;
}
