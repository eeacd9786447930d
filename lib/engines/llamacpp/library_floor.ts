import type { SystemLibraries } from "../../host/system_libraries.ts";
import { isOlder } from "../../python/is_older.ts";
import { oldSystemLibraries } from "../messages.ts";

/** What the embedded libraries were linked against: the newest symbol versions that `objdump -T` shows in them. */
export const LIBRARY_FLOOR = { glibc: "2.34", glibcxx: "3.4.29" } as const;

/** Why the embedded libraries cannot be loaded on this system: a clause; null where nothing is known against it. */
export function libraryFloorProblem({ glibc, glibcxx }: SystemLibraries): string | null {
  const old = [
    ...glibc !== null && isOlder(glibc, LIBRARY_FLOOR.glibc) ? [`glibc ${glibc}`] : [],
    ...glibcxx !== null && patchOf(glibcxx) < patchOf(LIBRARY_FLOOR.glibcxx) ? [`GLIBCXX_${glibcxx}`] : [],
  ];
  return old.length === 0 ? null : oldSystemLibraries(old, LIBRARY_FLOOR);
}

function patchOf(version: string): number {
  return Number(version.split(".")[2] ?? "0");
}
