/**
 * worker/engines/llamacpp/ is the embedded engine: llama.cpp's C library called through Deno's FFI. The calls
 * block, so they live in a thread of their own (a Web Worker: engine_thread.ts); this side keeps the event loop,
 * stdin and stdout. Nothing here reads a clock other than CLOCK_MONOTONIC, and nothing here measures energy.
 */
import type { Assignment } from "../../../lib/protocol/assignment.ts";
import { threadModule } from "../../../lib/base/project_files.ts";
import type { ErrorFrame } from "../../../lib/protocol/frame.ts";
import type { Report } from "../../report.ts";
import { WorkerError } from "../../worker_error.ts";
import { openAssets } from "./assets.ts";
import type { EngineMessage, EngineRequest } from "./thread_messages.ts";
import { engineThreadFailed } from "./messages.ts";

/** Runs one assignment. Rejects with the WorkerError that the engine named. */
export async function runLlamacpp(assignment: Assignment, report: Report): Promise<void> {
  prepareEnvironment();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const engine = new Worker(threadModule("worker/engines/llamacpp/engine_thread.ts"), { type: "module" });
  engine.onmessage = ({ data }: MessageEvent<EngineMessage>) => {
    switch (data.kind) {
      case "frames":
        return data.frames.forEach(report);
      case "failed":
        return reject(errorOf(data.error));
      case "finished":
        return resolve();
    }
  };
  engine.onerror = (event) => {
    event.preventDefault();
    reject(new WorkerError("engine_error", engineThreadFailed(event.message)));
  };
  // Hashing the libraries takes as long as the thread takes to start: here both happen at once.
  const request: EngineRequest = { assignment, assets: openAssets(assignment) };
  engine.postMessage(request);
  await promise;
}

/**
 * Before any library is loaded: an assert of the library would otherwise start a debugger on this process, and
 * GGML_BACKEND_PATH would load a library that nobody checked. Deno sets variables of the C library too.
 */
function prepareEnvironment(): void {
  Deno.env.set("GGML_NO_BACKTRACE", "1");
  Deno.env.delete("GGML_BACKEND_PATH");
}

function errorOf(frame: ErrorFrame): WorkerError {
  const error = new WorkerError(frame.error_type, frame.message, { retryable: frame.retryable ?? false });
  if (frame.traceback !== undefined) error.stack = frame.traceback;
  return error;
}
