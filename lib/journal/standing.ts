import type { RunFinished } from "./event.ts";
import type { Standing } from "../plan/resume.ts";
import type { Entry } from "./fold.ts";

/** Where a run stands for a resume, from its journal entry; undefined where the journal does not name it. */
export function standingOf(entry: Entry | undefined): Standing {
  if (entry === undefined) return "pending";
  if (entry.finished === null) return "running";
  const { kind, will_retry } = entry.finished;
  return will_retry ? "retry_due" : kind;
}

/** True for an attempt that ends its run for good: what was stopped, lost or is to be made again does not. */
export function isRunEnd({ kind, will_retry }: Pick<RunFinished, "kind" | "will_retry">): boolean {
  return !will_retry && kind !== "interrupted" && kind !== "lost";
}
