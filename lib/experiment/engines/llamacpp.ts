import { z } from "zod";
import type { EngineDeclaration } from "../engine_declaration.ts";
import { count, open } from "../fields.ts";

const BATCH_TOKENS = 2048;
const cacheType = z.enum(["f32", "f16", "bf16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl"]);

/** Options of the embedded engine, under llama.cpp's own names. */
export const llamacppSchema = z.strictObject({
  n_gpu_layers: z.int().min(-1).default(-1).describe(
    "layers on the GPU, -1 is all; the embedded library has no GPU support, so that all stay on the CPU",
  ),
  n_threads: count().nullable().default(null).describe(
    "threads of decoding; null is one less than the cores",
  ),
  n_threads_batch: count().nullable().default(null).describe("threads of prefill; null is n_threads"),
  n_ctx: count().nullable().default(null).describe(
    "context of all sequences together; null is what the workload needs",
  ),
  n_batch: count().default(BATCH_TOKENS).describe("tokens per decode call at most"),
  n_ubatch: count().default(512).describe("tokens per compute step at most"),
  n_parallel: count().max(256).default(1).describe("sequences decoded together"),
  flash_attn: z.enum(["auto", "on", "off"]).default("auto").describe(
    "flash attention; auto is where it works",
  ),
  cache_type_k: cacheType.default("f16").describe("number format of the keys in the cache"),
  cache_type_v: cacheType.default("f16").describe("number format of the values in the cache"),
  use_mmap: z.boolean().default(true).describe("map the model's file into memory instead of reading it"),
  split_mode: z.enum(["none", "layer", "row"]).default("layer").describe("how several GPUs share a model"),
  main_gpu: count(0).default(0).describe("the GPU that is used where the model is not split"),
  library_dir: z.string().min(1).nullable().default(null).describe(
    "folder with another build of llama.cpp v0.5.0, such as one for CUDA; null is the embedded one, for CPUs only",
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
        message: `is ${type}, which needs flash attention, but llamacpp.flash_attn is off`,
        hint: "set flash_attn: auto",
      };
    },
    (read) => {
      const [ubatch, batch = BATCH_TOKENS] = [read("llamacpp.n_ubatch"), read("llamacpp.n_batch")];
      if (typeof ubatch !== "number" || typeof batch !== "number" || ubatch <= batch) return null;
      return {
        at: "llamacpp.n_ubatch",
        fields: ["llamacpp.n_ubatch", "llamacpp.n_batch"],
        message: `must be at most llamacpp.n_batch (${batch}), found ${ubatch}`,
        hint: null,
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
  variables: ["LLEM_LLAMACPP_DIR"],
} satisfies EngineDeclaration;
