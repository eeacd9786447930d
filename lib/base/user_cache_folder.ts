import { isAbsolute, join } from "node:path";

/**
 * Where this user's caches live: `$XDG_CACHE_HOME/llem`, else `~/.cache/llem`; null where neither variable holds an absolute path,
 * for relative ones are to be ignored (XDG Base Directory Specification).
 */
export function userCacheFolder(
  { XDG_CACHE_HOME: cache = "", HOME: home = "" }: Readonly<Record<string, string | undefined>>,
): string | null {
  if (isAbsolute(cache)) return join(cache, "llem");
  return isAbsolute(home) ? join(home, ".cache", "llem") : null;
}
