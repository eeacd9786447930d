/**
 * Where this program's own files are: beside main.ts, or under the same names inside the compiled program. That holds
 * its modules bundled, two folders deep in build/js, as this file is in the source.
 */
const ROOT = new URL("../../", import.meta.url);
const IS_BUNDLED = import.meta.url.endsWith(".js");

/** A file that is read at run time; the path is from the folder of main.ts. */
export function projectFile(path: string): URL {
  return new URL(path, ROOT);
}

/** A module that a thread runs; scripts/compile names it as an entry of the bundle. The path is that of its source. */
export function threadModule(path: `${string}.ts`): URL {
  return projectFile(IS_BUNDLED ? `build/js/${path.slice(0, -".ts".length)}.js` : path);
}
