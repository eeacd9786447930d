import { expandHome } from "../../base/expand_home.ts";
import { type Program, resolveProgram } from "../../process/resolve_program.ts";

/** The program of a command: a name with a slash starts at the study file's folder, any other is looked up in PATH. */
export function programOf(name: string, baseDir: string, env: Readonly<Record<string, string>>): Program {
  return resolveProgram(expandHome(name, env), { baseDir, searchPath: env["PATH"] ?? "/usr/bin:/bin" });
}
