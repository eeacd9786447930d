/**
 * The C structs of llama.cpp v0.5.0 that we pass by value, and the byte offsets of the fields we touch. Fields have
 * natural C alignment, so the lists need no padding; a C bool is `u8`. Parameters are never built from nothing:
 * the library gives its defaults and we patch bytes.
 */

/** `llama_model_params`, 80 bytes. */
export const MODEL_PARAMS = {
  struct: [
    "pointer", // devices
    "pointer", // tensor_buft_overrides
    ...repeat("i32", 5), // n_gpu_layers ... main_gpu
    ...repeat("pointer", 4), // tensor_split, progress_callback, its data, kv_overrides
    ...repeat("u8", 6), // vocab_only ... load_mtp
  ],
} as const;

export const MODEL_PARAMS_AT = {
  devices: 0,
  n_gpu_layers: 16,
  split_mode: 20,
  load_mode: 24,
  main_gpu: 32,
} as const;

/** `llama_context_params`, 160 bytes. */
export const CONTEXT_PARAMS = {
  struct: [
    ...repeat("u32", 7), // n_ctx ... n_outputs_max_per_seq
    ...repeat("i32", 7), // n_threads ... flash_attn
    ...repeat("f32", 6), // rope_freq_base ... yarn_beta_slow
    "u32", // yarn_orig_ctx
    "f32", // defrag_thold
    ...repeat("pointer", 2), // cb_eval and its data
    ...repeat("i32", 2), // type_k, type_v
    ...repeat("pointer", 2), // abort_callback and its data
    ...repeat("u8", 6), // embeddings ... kv_unified
    "pointer", // samplers
    "usize", // n_samplers
    "pointer", // ctx_other
  ],
} as const;

export const CONTEXT_PARAMS_AT = {
  n_ctx: 0,
  n_batch: 4,
  n_ubatch: 8,
  n_seq_max: 12,
  n_threads: 28,
  n_threads_batch: 32,
  flash_attn: 52,
  type_k: 104,
  type_v: 108,
} as const;

/** `llama_batch`, 56 bytes. */
export const BATCH = { struct: ["i32", ...repeat("pointer", 6)] } as const;
export const BATCH_BYTES = 56;
export const BATCH_AT = { n_tokens: 0, token: 8, pos: 24, n_seq_id: 32, seq_id: 40, logits: 48 } as const;

/** `llama_sampler_chain_params`, 1 byte: no_perf. */
export const CHAIN_PARAMS = { struct: ["u8"] } as const;

/** `llama_perf_context_data`, 48 bytes. */
export const PERF_CONTEXT = { struct: [...repeat("f64", 4), ...repeat("i32", 3)] } as const;
export const PERF_CONTEXT_AT = { n_reused: 40 } as const;

/** `llama_logit_bias`: a token id (i32) and its bias (f32). */
export const LOGIT_BIAS_BYTES = 8;

/** What `llama_context_default_params()` must hold at our offsets. */
export const CONTEXT_DEFAULTS = { n_ctx: 512, n_batch: 2048, n_ubatch: 512, type_k: 1, type_v: 1 } as const;

/** `ggml_type` by the name used in the configuration. */
export const GGML_TYPE = {
  f32: 0,
  f16: 1,
  q4_0: 2,
  q4_1: 3,
  q5_0: 6,
  q5_1: 7,
  q8_0: 8,
  iq4_nl: 20,
  bf16: 30,
} as const;

export const SPLIT_MODE = { none: 0, layer: 1, row: 2 } as const;
export const FLASH_ATTENTION = { auto: -1, off: 0, on: 1 } as const;
export const LOAD_MODE = { auto: -1, read: 0 } as const;

/** Limits compiled into the library. */
export const LIMITS = { sequences: 256, threads: 512 } as const;

function repeat<T extends string>(type: T, count: number): T[] {
  return Array.from({ length: count }, () => type);
}
