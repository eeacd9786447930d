import { ownPrecision } from "../experiment/sections.ts";
import type { Draft } from "../study/study.ts";

/** A short name of a grid point for people: its backend, and its precision where the backend takes one. */
export function labelOf(draft: Draft): string {
  return [draft.backend, ownPrecision(draft)].filter((part) => typeof part === "string").join(", ");
}
