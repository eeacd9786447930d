import { basename, join } from "node:path";
import { gnuLibcVersion } from "../base/libc.ts";

/** The C and C++ libraries of this system, as far as they are found; null is unknown. */
export interface SystemLibraries {
  /** Such as `2.36`. */
  readonly glibc: string | null;
  /** The newest version of GLIBCXX that libstdc++ has, such as `3.4.30`. */
  readonly glibcxx: string | null;
}

/** Where the loader looks besides LD_LIBRARY_PATH and its own cache (ld.so(8)), on the usual distributions. */
const FOLDERS = [
  "/lib/x86_64-linux-gnu",
  "/usr/lib/x86_64-linux-gnu",
  "/lib64",
  "/usr/lib64",
  "/lib",
  "/usr/lib",
];

/** Looks at names of files alone, in the order of the loader. */
export function readSystemLibraries(
  { LD_LIBRARY_PATH: path = "" }: Readonly<Record<string, string | undefined>>,
): SystemLibraries {
  const folders = [...path.split(":").filter((folder) => folder.startsWith("/")), ...FOLDERS];
  return { glibc: gnuLibcVersion(), glibcxx: glibcxxIn(folders) };
}

/** libstdc++.so.6.0.N holds the versions up to GLIBCXX_3.4.N (the ABI page of libstdc++'s manual). */
function glibcxxIn(folders: readonly string[]): string | null {
  for (const folder of folders) {
    try {
      const name = basename(Deno.realPathSync(join(folder, "libstdc++.so.6")));
      const [, number] = /^libstdc\+\+\.so\.6\.0\.(\d+)$/.exec(name) ?? [];
      return number === undefined ? null : `3.4.${number}`;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}
