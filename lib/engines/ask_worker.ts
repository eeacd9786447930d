import type { Backend } from "../experiment/engines.ts";
import { isJsonObject, type JsonObject } from "../base/json.ts";
import { selfProgram } from "../host/self_program.ts";
import { spawnHelper } from "../process/spawn_helper.ts";

const LIMIT_MS = 60_000;

/** What a worker's check of its engine said; the text is what it wrote to stderr. */
export interface WorkerAnswer {
  readonly success: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Lets this program, as a worker, say whether an engine works here; `words` and variables are the engine's own. Never throws. */
export async function askWorker(
  backend: Backend,
  words: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<WorkerAnswer> {
  const { program, args } = selfProgram();
  let child: Deno.ChildProcess;
  try {
    child = spawnHelper(program, {
      args: [...args, "__worker", "--check", backend, ...words],
      env: { ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
  } catch (error) {
    return { success: false, stdout: "", stderr: (error as Error).message };
  }
  const timer = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
  const { success, stdout, stderr } = await child.output().finally(() => clearTimeout(timer));
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return { success, stdout: text(stdout), stderr: text(stderr) };
}

/** What it said as JSON, on its last line; null where that is none. */
export function answerOf({ stdout }: WorkerAnswer): JsonObject | null {
  try {
    const value: unknown = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** Why it could not look, in its own words; empty where it said nothing. */
export function troubleOf(answer: WorkerAnswer): string {
  const { error } = answerOf(answer) ?? {};
  return typeof error === "string" ? error : answer.stderr.trim().split("\n").at(-1) ?? "";
}
