import type { Draft } from "../study/study.ts";

/** A short name of a grid point for people: its backend, and its precision where that means something. */
export function labelOf(draft: Draft): string {
  const parts = [draft.backend, draft.precision];
  return parts.filter((part) => typeof part === "string").join(", ");
}
