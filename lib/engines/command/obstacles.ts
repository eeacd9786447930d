import { resolve } from "node:path";
import type { ExperimentConfig } from "../../experiment/config.ts";
import type { WorkPlace } from "../engine.ts";
import { noScriptInterpreter, scriptTrouble, unusableProgram } from "../messages.ts";
import { programOf } from "./program_of.ts";
import { scriptOf } from "./script_of.ts";

type Place = Pick<WorkPlace, "env" | "base_dir">;

/** Hidden in configurations that are planned: such an argument is not looked at. */
const HIDDEN = "***";

/**
 * Why commands of a study cannot be started, a sentence each: their program, the interpreter in its first line, the script
 * that an interpreter is given. Only what is certain: an option of an interpreter that is not known here ends the look.
 */
export function commandObstacles(configs: readonly ExperimentConfig[], place: Place): string[] {
  // A study may have thousands of experiments with one and the same command.
  const commands = new Map(configs.map(({ command }) => [JSON.stringify(command), command]));
  const obstacles = [...commands.values()].map((command) => obstacleOf(command, place));
  return [...new Set(obstacles)].filter((text) => text !== null);
}

function obstacleOf(command: ExperimentConfig["command"], { env, base_dir }: Place): string | null {
  const { argv, env: own } = command ?? { argv: [], env: {} };
  const [name = ""] = argv;
  const whole = { ...env, ...own };
  if (name.includes(HIDDEN)) return null;
  const program = programOf(name, base_dir, whole);
  if (program.path === null) return unusableProgram(program.message);
  const missing = missingInterpreter(program.path, base_dir, whole);
  if (missing !== null) return missing;
  const script = scriptOf(argv);
  return script === null || script.includes(HIDDEN) ? null : scriptObstacle(script, base_dir);
}

function scriptObstacle(script: string, baseDir: string): string | null {
  const path = resolve(baseDir, script);
  const trouble = readTrouble(path);
  return trouble === null ? null : scriptTrouble(path, trouble);
}

function readTrouble(path: string): "missing" | "unreadable" | null {
  try {
    // A pipe or a device would keep us waiting, and a folder may be a program of Python.
    if (Deno.statSync(path).isFile) Deno.openSync(path).close();
    return null;
  } catch (error) {
    return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory
      ? "missing"
      : "unreadable";
  }
}

/** The longest first line that Linux reads (BINPRM_BUF_SIZE). */
const FIRST_LINE_BYTES = 256;

/** Why the first line of a script names no program: a sentence; null where the file is no script or names one. */
function missingInterpreter(
  path: string,
  baseDir: string,
  env: Readonly<Record<string, string>>,
): string | null {
  const line = firstLine(path);
  const [, interpreter = "", argument = ""] = /^#![ \t]*([^ \t]+)[ \t]*(.*)$/.exec(line) ?? [];
  if (interpreter === "") return null;
  if (line.endsWith("\r")) return noScriptInterpreter(path, interpreter.trimEnd(), "carriage_return");
  const found = programOf(resolve(baseDir, interpreter), baseDir, env);
  if (found.path === null) return noScriptInterpreter(path, interpreter, "not_usable");
  const byEnv = interpreter.endsWith("/env") && /^[\w.+-]+$/.test(argument) && !argument.startsWith("-");
  if (!byEnv || programOf(argument, baseDir, env).path !== null) return null;
  return noScriptInterpreter(path, argument, "not_in_path");
}

function firstLine(path: string): string {
  const head = new Uint8Array(FIRST_LINE_BYTES);
  try {
    using file = Deno.openSync(path);
    const count = file.readSync(head) ?? 0;
    return new TextDecoder().decode(head.subarray(0, count)).split("\n")[0] ?? "";
  } catch {
    return "";
  }
}
