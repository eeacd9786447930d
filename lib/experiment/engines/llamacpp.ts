import { z } from "zod";
import type { EngineDeclaration } from "../engine_declaration.ts";
import { count, open } from "../fields.ts";
import { flashAttentionNeeded, ubatchTooLarge } from "./messages.ts";

const BATCH_TOKENS = 2048;
const cacheType = z.enum(["f32", "f16", "bf16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl"]);

/** Options of the embedded engine, under llama.cpp's own names. */
export const llamacppSchema = z.strictObject({
  n_gpu_layers: z.int().min(-1).default(-1).describe(
    "number of layers on the GPU; -1 is all; the embedded library has no GPU support, so all layers stay on the CPU",
  ),
  n_threads: count().nullable().default(null).describe(
    "threads for decoding; null is the number of cores minus one, or with parallel that of the run's own cores",
  ),
  n_threads_batch: count().nullable().default(null).describe("threads for prefill; null is n_threads"),
  n_ctx: count().nullable().default(null).describe(
    "context size of all sequences together; null is the size that the workload needs",
  ),
  n_batch: count().default(BATCH_TOKENS).describe("maximum number of tokens per decode call"),
  n_ubatch: count().default(512).describe("maximum number of tokens per compute step"),
  n_parallel: count().max(256).default(1).describe("number of sequences decoded together"),
  flash_attn: z.enum(["auto", "on", "off"]).default("auto").describe(
    "flash attention; auto enables it if supported",
  ),
  cache_type_k: cacheType.default("f16").describe("number format of keys in the KV cache"),
  cache_type_v: cacheType.default("f16").describe("number format of values in the KV cache"),
  use_mmap: z.boolean().default(true).describe("memory-map the model file instead of reading it"),
  split_mode: z.enum(["none", "layer", "row"]).default("layer").describe(
    "how a model is split over several GPUs",
  ),
  main_gpu: count(0).default(0).describe("the GPU to use for a model that is not split"),
  library_dir: z.string().min(1).nullable().default(null).describe(
    "folder with another build of llama.cpp v0.5.0, such as one for CUDA; null is the embedded CPU-only build",
  ),
});

export type LlamacppConfig = z.output<typeof llamacppSchema>;

const QUANTISED_CACHE: readonly unknown[] = ["q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl"];

/** The embedded llama.cpp. */
export const llamacpp = {
  section: open(llamacppSchema).describe(
    "backend llamacpp: options of the embedded engine, under llama.cpp's own names",
  ),
  needs_section: null,
  fields: {},
  rules: [
    (read) => {
      const type = read("llamacpp.cache_type_v");
      if (read("llamacpp.flash_attn") !== "off" || !QUANTISED_CACHE.includes(type)) return null;
      return {
        at: "llamacpp.cache_type_v",
        fields: ["llamacpp.cache_type_v", "llamacpp.flash_attn"],
        ...flashAttentionNeeded(String(type)),
      };
    },
    (read) => {
      const [ubatch, batch = BATCH_TOKENS] = [read("llamacpp.n_ubatch"), read("llamacpp.n_batch")];
      if (typeof ubatch !== "number" || typeof batch !== "number" || ubatch <= batch) return null;
      return {
        at: "llamacpp.n_ubatch",
        fields: ["llamacpp.n_ubatch", "llamacpp.n_batch"],
        ...ubatchTooLarge(batch, ubatch),
      };
    },
  ],
  upstream: null,
  former_names: {},
  precision: "of_model",
  models: "gguf_file",
  path_fields: { "llamacpp.library_dir": "file" },
  model_names: [/\.gguf$/i, /^tiny-random$/],
  revision: null,
  variable_fields: null,
  secret_fields: { arguments: null, address: null },
  remote_code: null,
  concurrency: { path: "llamacpp.n_parallel", batches: "static" },
  workload_known: true,
  serves: null,
  meaning: null,
  variables: ["LLEM_LLAMACPP_DIR"],
} satisfies EngineDeclaration;
