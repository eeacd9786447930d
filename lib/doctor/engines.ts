import { ownChild } from "../base/own_children.ts";
import { isJsonObject } from "../base/json.ts";
import { selfProgram } from "../host/self_program.ts";
import type { DoctorCheck } from "../report/doctor_text.ts";
import { pythonCheck } from "./python.ts";

const LIMIT_MS = 60_000;
const WITHOUT_WORKER = ["vllm", "tensorrt", "openai"];

/** Which backends run here. The embedded engine is loaded by a worker of its own, as a run would load it. */
export async function engineChecks(env: Readonly<Record<string, string>>): Promise<DoctorCheck[]> {
  return [
    llamacppCheck(await askWorker()),
    await pythonCheck(env),
    engine("command", "ok", "your own program as the worker", null),
    ...WITHOUT_WORKER.map((name) =>
      engine(
        name,
        "missing",
        "this version of llem has no worker for it",
        "llamacpp, pytorch, or command with a worker of your own",
      )
    ),
  ];
}

/** What the worker's check said; the text is what it wrote to stderr. */
export interface WorkerAnswer {
  readonly success: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** The check of the embedded engine from what its worker printed. */
export function llamacppCheck({ success, stdout, stderr }: WorkerAnswer): DoctorCheck {
  const answer = parse(stdout.trim().split("\n").at(-1) ?? "");
  if (success && typeof answer?.release === "string") {
    const excuse = typeof answer.excuse === "string" ? `; unpacked for every run, as ${answer.excuse}` : "";
    const detail = `llama.cpp ${answer.release} loads${excuse}`;
    return excuse === ""
      ? engine("llamacpp", "ok", detail, null)
      : engine("llamacpp", "warning", detail, "set XDG_CACHE_HOME to a folder that only you can write to");
  }
  const said = typeof answer?.error === "string" ? answer.error : stderr.trim().split("\n").at(-1) ?? "";
  const remedy = "set XDG_CACHE_HOME to a folder that only you can write to and that allows execution";
  return engine("llamacpp", "broken", said === "" ? "its libraries cannot be loaded" : said, remedy);
}

async function askWorker(): Promise<WorkerAnswer> {
  const { program, args } = selfProgram();
  const child = ownChild(new Deno.Command(program, {
    args: [...args, "__worker", "--check"],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn());
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

function engine(
  name: string,
  status: DoctorCheck["status"],
  detail: string,
  remedy: string | null,
): DoctorCheck {
  return { group: "Engines", name, status, detail, remedy };
}
