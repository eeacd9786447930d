import { userInfo } from "node:os";
import { isAbsolute, join, resolve } from "node:path";

type Env = Readonly<Record<string, string | undefined>>;

/** A path with the user's home written out where it begins with `~`. */
export function expandHome(path: string, env: Env): string {
  return path === "~" || path.startsWith("~/") ? join(homeFolder(env), path.slice(1)) : path;
}

/** A path of a person as an absolute one: `~` is the home folder, what is relative starts in `folder`. */
export function pathFrom(folder: string, path: string, env: Env): string {
  return resolve(folder, expandHome(path, env));
}

/** HOME, else what the user database says: cron jobs and containers may lack the variable. */
function homeFolder({ HOME: home = "" }: Env): string {
  if (isAbsolute(home)) return home;
  try {
    return userInfo().homedir;
  } catch {
    throw new Error("Cannot expand ~: HOME is not set and the user has no home folder");
  }
}
