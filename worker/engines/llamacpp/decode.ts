import { WorkerError } from "../../worker_error.ts";
import type { Engine } from "./engine.ts";

const CONTEXT_FULL = 1;

/** Computes the batch and waits for the result: on a GPU the decode call itself returns early. */
export function decode({ library: { llama }, context, batch }: Engine): void {
  const code = llama.llama_decode(context.pointer, batch.struct);
  if (code === 0) return llama.llama_synchronize(context.pointer);
  if (code === CONTEXT_FULL) {
    throw new WorkerError(
      "context_full",
      `No room for ${batch.size} more tokens in a context of ${context.n_ctx}. Raise llamacpp.n_ctx.`,
    );
  }
  throw new WorkerError(
    "engine_error",
    `llama_decode failed with code ${code} on ${batch.size} tokens. The worker's log holds its reason.`,
  );
}
