import type { LlamacppConfig } from "../../../lib/experiment/engines/llamacpp.ts";
import { WorkerError } from "../../worker_error.ts";
import type { ContextPlan } from "./context_plan.ts";
import type { Library } from "./library.ts";
import type { LoadLog } from "./load_log.ts";
import type { Model } from "./model.ts";
import { CONTEXT_PARAMS_AT as AT, FLASH_ATTENTION, GGML_TYPE, PERF_CONTEXT_AT } from "./structs.ts";
import { contextKeepsNothing, contextRefused, contextTooLarge } from "./messages.ts";

/** A context; never NULL. The numbers are what the library made of the plan. */
export interface Context {
  readonly pointer: Deno.PointerObject;
  readonly memory: Deno.PointerObject;
  readonly n_ctx: number;
  readonly n_ctx_seq: number;
  readonly n_batch: number;
  readonly n_ubatch: number;
  readonly n_threads: number;
  readonly n_threads_batch: number;
}

/** Creates the context with its KV cache, which is resident from the start. */
export function createContext(
  library: Library,
  log: LoadLog,
  model: Model,
  plan: ContextPlan,
  config: LlamacppConfig,
): Context {
  const { llama } = library;
  const params = llama.llama_context_default_params() as Uint8Array<ArrayBuffer>;
  const view = new DataView(params.buffer);
  for (const field of ["n_ctx", "n_batch", "n_ubatch", "n_seq_max"] as const) {
    view.setUint32(AT[field], plan[field], true);
  }
  view.setInt32(AT.n_threads, plan.n_threads, true);
  view.setInt32(AT.n_threads_batch, plan.n_threads_batch, true);
  view.setInt32(AT.flash_attn, FLASH_ATTENTION[config.flash_attn], true);
  view.setInt32(AT.type_k, GGML_TYPE[config.cache_type_k], true);
  view.setInt32(AT.type_v, GGML_TYPE[config.cache_type_v], true);
  const pointer = llama.llama_init_from_model(model.pointer, params);
  if (pointer === null) throw contextError(plan, log.reason);
  const memory = llama.llama_get_memory(pointer);
  if (memory === null) throw contextError(plan, contextKeepsNothing());
  return {
    pointer,
    memory,
    n_ctx: llama.llama_n_ctx(pointer),
    n_ctx_seq: llama.llama_n_ctx_seq(pointer),
    n_batch: llama.llama_n_batch(pointer),
    n_ubatch: llama.llama_n_ubatch(pointer),
    n_threads: llama.llama_n_threads(pointer),
    n_threads_batch: llama.llama_n_threads_batch(pointer),
  };
}

/** How many decode calls could use the compute graph of the call before. */
export function reusedGraphs({ llama }: Library, context: Context): number {
  const data = llama.llama_perf_context(context.pointer) as Uint8Array<ArrayBuffer>;
  return new DataView(data.buffer).getInt32(PERF_CONTEXT_AT.n_reused, true);
}

function contextError(plan: ContextPlan, reason: string): WorkerError {
  if (/insufficient memory|out of memory|failed to allocate|alloc/.test(reason)) {
    return new WorkerError(
      "context_too_large",
      contextTooLarge(plan.n_ctx, plan.n_seq_max, reason),
    );
  }
  return new WorkerError("bad_setting", contextRefused(reason));
}
