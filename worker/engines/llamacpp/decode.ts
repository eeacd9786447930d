import { WorkerError } from "../../worker_error.ts";
import type { Engine } from "./engine.ts";
import { contextFull, decodeFailed } from "./messages.ts";

const CONTEXT_FULL = 1;

/** Computes the batch and waits for the result: on a GPU the decode call itself returns early. */
export function decode({ library: { llama }, context, batch }: Engine): void {
  const code = llama.llama_decode(context.pointer, batch.struct);
  if (code === 0) return llama.llama_synchronize(context.pointer);
  if (code === CONTEXT_FULL) {
    throw new WorkerError(
      "context_full",
      contextFull(batch.size, context.n_ctx),
    );
  }
  throw new WorkerError(
    "engine_error",
    decodeFailed(code, batch.size),
  );
}
