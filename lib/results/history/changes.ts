import type { Circumstances } from "../study_table.ts";
import type { HistoryChange } from "./history.ts";

/** A container has another name every time it starts. */
const NAMES_OF_CONTAINERS = "machine";

/** What is different from the study before; what only one of both tells of is no change. */
export function changesSince(before: Circumstances, after: Circumstances): HistoryChange[] {
  const inContainer = before["container"] !== undefined || after["container"] !== undefined;
  return Object.entries(after).flatMap(([what, now]) => {
    const then = before[what];
    if (then === undefined || then === now || (what === NAMES_OF_CONTAINERS && inContainer)) return [];
    return [{ what, before: then, after: now }];
  });
}
