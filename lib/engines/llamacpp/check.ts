import { isJsonObject } from "../../base/json.ts";
import { selfProgram } from "../../host/self_program.ts";
import { spawnHelper } from "../../process/spawn_helper.ts";
import type { EngineCheck } from "../engine.ts";

const LIMIT_MS = 60_000;

/** Whether the embedded engine runs here: it is loaded by a worker of its own, as a run would load it. */
export async function checkLlamacpp(): Promise<EngineCheck> {
  return judgeAnswer(await askWorker());
}

/** What the worker's check said; the text is what it wrote to stderr. */
export interface WorkerAnswer {
  readonly success: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** The check of the embedded engine from what its worker printed. */
export function judgeAnswer({ success, stdout, stderr }: WorkerAnswer): EngineCheck {
  const answer = parse(stdout.trim().split("\n").at(-1) ?? "");
  if (success && typeof answer?.release === "string") {
    const excuse = typeof answer.excuse === "string" ? `; unpacked for every run, as ${answer.excuse}` : "";
    const detail = `llama.cpp ${answer.release} loads${excuse}`;
    if (excuse === "") return { status: "ok", detail, remedy: null };
    return { status: "warning", detail, remedy: "set XDG_CACHE_HOME to a folder that only you can write to" };
  }
  const said = typeof answer?.error === "string" ? answer.error : stderr.trim().split("\n").at(-1) ?? "";
  return {
    status: "broken",
    detail: said === "" ? "its libraries cannot be loaded" : said,
    remedy: "set XDG_CACHE_HOME to a folder that only you can write to and that allows execution",
  };
}

async function askWorker(): Promise<WorkerAnswer> {
  const { program, args } = selfProgram();
  let child: Deno.ChildProcess;
  try {
    child = spawnHelper(program, {
      args: [...args, "__worker", "--check"],
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

function parse(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}
