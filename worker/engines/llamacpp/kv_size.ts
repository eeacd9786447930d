import type { LlamacppConfig } from "../../../lib/experiment/engines/llamacpp.ts";
import { WorkerError } from "../../worker_error.ts";
import { availableMemoryBytes } from "./available_memory.ts";
import type { ContextPlan } from "./context_plan.ts";
import type { Library } from "./library.ts";
import type { Model } from "./model.ts";
import { readMetadata } from "./model_facts.ts";
import { contextNeedsMemory } from "./messages.ts";

/** Bits per value, the scales of a block shared out. */
const BITS = {
  f32: 32,
  f16: 16,
  bf16: 16,
  q8_0: 8.5,
  q5_1: 6,
  q5_0: 5.5,
  q4_1: 5,
  q4_0: 4.5,
  iq4_nl: 4.5,
} as const;

/** Dimensions that the KV cache of a plain transformer follows from. */
export interface KvShape {
  readonly n_layer: number;
  readonly n_head_kv: number;
  readonly key_length: number;
  readonly value_length: number;
}

/** Bytes of the KV cache. */
export function kvBytes(
  shape: KvShape,
  n_ctx: number,
  types: Pick<LlamacppConfig, "cache_type_k" | "cache_type_v">,
): number {
  const bits = shape.key_length * BITS[types.cache_type_k] + shape.value_length * BITS[types.cache_type_v];
  return n_ctx * shape.n_layer * shape.n_head_kv * bits / 8;
}

/** The library logs its KV cache in hundredths of a MiB, for every device. */
const LOG_ERROR_BYTES = 64 * 1024;

/** The exact size, where what follows from the model's dimensions is what the library logged; else what it logged. */
export function exactKvBytes(
  library: Library,
  model: Model,
  n_ctx: number,
  config: LlamacppConfig,
  logged: number | null,
): number | null {
  const shape = kvShape(library, model);
  if (shape === null || logged === null) return logged;
  const computed = kvBytes(shape, n_ctx, config);
  return Math.abs(computed - logged) <= LOG_ERROR_BYTES ? computed : logged;
}

/**
 * Refuses a context whose KV cache cannot fit in memory. malloc() would grant it, and the kernel would kill the
 * process while the library fills it.
 */
export function requireMemory(
  library: Library,
  model: Model,
  plan: ContextPlan,
  config: LlamacppConfig,
): void {
  const shape = kvShape(library, model);
  if (shape === null) return;
  const needed = kvBytes(shape, plan.n_ctx, config);
  const available = availableMemoryBytes();
  if (available === null || needed <= available) return;
  throw new WorkerError(
    "context_too_large",
    contextNeedsMemory(plan.n_ctx, needed, available),
  );
}

/** Null for models whose cache does not follow from these numbers (recurrent, hybrid, latent attention). */
function kvShape(library: Library, model: Model): KvShape | null {
  const { llama } = library;
  if (llama.llama_model_is_recurrent(model.pointer) || llama.llama_model_is_hybrid(model.pointer)) {
    return null;
  }
  const architecture = readMetadata(library, model, "general.architecture");
  const number = (key: string): number | null => {
    const text = readMetadata(library, model, `${architecture}.attention.${key}`);
    return text === null ? null : Number(text);
  };
  if (number("kv_lora_rank") !== null) return null;
  const headSize = llama.llama_model_n_embd(model.pointer) / llama.llama_model_n_head(model.pointer);
  return {
    n_layer: llama.llama_model_n_layer(model.pointer),
    n_head_kv: llama.llama_model_n_head_kv(model.pointer),
    key_length: number("key_length") ?? headSize,
    value_length: number("value_length") ?? headSize,
  };
}
