import { isAbsolute, join } from "node:path";
import { readUserConfig, type UserConfigReading } from "../study/user_config.ts";
import { REAL_FILES, type StudyFiles } from "./study_files.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Opens the user's configuration file, where there is one. Mistakes come back as issues. */
export function loadUserConfig(env: Env, files: StudyFiles = REAL_FILES): UserConfigReading {
  const path = configPath(env);
  const file = path === null ? "config.yaml" : shortened(path, env);
  const content = files.readUserConfig(path);
  // In a home that may not be entered, as after su or with the uid of a container, there is none of this user.
  if (content !== null && "trouble" in content && content.kind === "unreadable") {
    const issue = { file, line: null, column: null, path: "", message: content.trouble, hint: null };
    return { config: null, issues: [issue], warnings: [] };
  }
  return readUserConfig({ file, text: content === null || "trouble" in content ? null : content }, env);
}

/** `$XDG_CONFIG_HOME/llem/config.yaml`, else `~/.config/llem/config.yaml`; null where there is no home either. */
function configPath({ XDG_CONFIG_HOME: config = "", HOME: home = "" }: Env): string | null {
  // The XDG specification has relative paths ignored.
  if (isAbsolute(config)) return join(config, "llem", "config.yaml");
  return isAbsolute(home) ? join(home, ".config", "llem", "config.yaml") : null;
}

function shortened(path: string, { HOME: home = "" }: Env): string {
  return isAbsolute(home) && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
