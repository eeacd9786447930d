import type { Issue } from "../base/issue.ts";

/** Issues in file order: the study file first, then the files it stands on, then options; each one once. */
export function orderIssues(issues: readonly Issue[], file: string): Issue[] {
  const files = [...new Set([file, ...issues.map((issue) => issue.file)])];
  const rank = new Map(files.map((name, index) => [name, index]));
  const once = new Map(issues.map((issue) => [keyOf(issue), issue]));
  return [...once.values()].sort((one, other) =>
    (rank.get(one.file) ?? 0) - (rank.get(other.file) ?? 0) ||
    (one.line ?? Infinity) - (other.line ?? Infinity) ||
    (one.column ?? Infinity) - (other.column ?? Infinity)
  );
}

function keyOf({ file, line, column, path, message }: Issue): string {
  return JSON.stringify([file, line, column, path, message]);
}
