import { bytesText } from "../base/bytes.ts";
import { monotonicMs } from "../base/clock.ts";
import { isJsonObject } from "../base/json.ts";
import type { HubEnvironment } from "../hub/hub_environment.ts";
import { signalGroup } from "../process/process_group.ts";
import { readPipe } from "../process/read_pipe.ts";
import { type ProcessSpec, spawnDetached } from "../process/spawn.ts";
import type { WantedModel } from "./finding.ts";
import type { InputsContext } from "./inputs_context.ts";

/** People are told no more often: hours of it end up in a log. */
const TELL_MS = 10_000;
const MOST_STDERR = 4000;

/** Runs the program that brings a model into the hub's cache. Null where it did; else why not. Abort kills it. */
export async function downloadModel(
  spec: ProcessSpec,
  model: WantedModel,
  hub: HubEnvironment,
  { signal, say }: InputsContext,
): Promise<string | null> {
  if (signal.aborted) return "stopped";
  const started = spawnDetached(spec);
  if ("failure" in started) return `${spec.program} could not be started: ${started.failure.message}`;
  const { child } = started;
  const kill = (): void => signalGroup(child.pid, "SIGKILL");
  signal.addEventListener("abort", kill);
  const progress = new DownloadProgress(model, say);
  const stdin = child.stdin.getWriter();
  const decoder = new TextDecoder();
  let stderr = "";
  const pipes = [
    readPipe(child.stdout, (bytes) => progress.take(bytes)),
    readPipe(child.stderr, (bytes) => {
      stderr = (stderr + decoder.decode(bytes, { stream: true })).slice(-MOST_STDERR);
    }),
  ];
  // Where it ends before it reads, its end says more than the broken pipe.
  await stdin.write(requestLine(model, hub)).catch(() => {});
  const exit = await child.exited;
  await stdin.close().catch(() => {});
  signal.removeEventListener("abort", kill);
  // Whatever it started goes with it, and with that the last end of its pipes.
  kill();
  await Promise.all(pipes.map(({ done }) => done));
  if (progress.isDone) return null;
  return progress.error ?? `it ended with ${exit.signal ?? `code ${exit.code}`}: ${lastLine(stderr)}`;
}

function requestLine(
  { hub_id, commit, request, files }: WantedModel,
  hub: HubEnvironment,
): Uint8Array<ArrayBuffer> {
  const { endpoint, cache } = hub;
  const revision = request.revision ?? "main";
  const needed = files.map(({ path, size_bytes }) => ({ name: path, bytes: size_bytes }));
  const line = { hub_id, commit, revision, files: needed, endpoint, cache };
  return new TextEncoder().encode(`${JSON.stringify(line)}\n`);
}

function lastLine(text: string): string {
  return text.split("\n").findLast((line) => line.trim() !== "")?.trim() ?? "it says no more";
}

/** What the program says on stdout: `{"done", "total"}` in bytes as it goes, `{"path"}` or `{"error"}` at its end. */
class DownloadProgress {
  isDone = false;
  error: string | null = null;
  readonly #subject: string;
  readonly #say: (line: string) => void;
  readonly #decoder = new TextDecoder();
  #rest = "";
  #nextMs = 0;

  constructor({ hub_id, commit }: WantedModel, say: (line: string) => void) {
    this.#subject = `model ${hub_id}@${commit.slice(0, 8)}`;
    this.#say = say;
  }

  take(bytes: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#line(line);
  }

  #line(line: string): void {
    const { done, total, path, error } = parse(line);
    if (typeof error === "string") this.error = error;
    if (typeof path === "string") {
      this.isDone = true;
      this.#say(`${this.#subject} is in ${path}`);
    }
    if (typeof done !== "number" || typeof total !== "number" || monotonicMs() < this.#nextMs) return;
    this.#nextMs = monotonicMs() + TELL_MS;
    this.#say(`${this.#subject}: ${bytesText(done)} of ${bytesText(total)}`);
  }
}

function parse(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}
