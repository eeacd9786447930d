import { z } from "zod";
import type { EngineDeclaration } from "../engine_declaration.ts";
import { count, interpreterField, open, openSection, remoteCodeFlag, usual } from "../fields.ts";
import { isGiven, needs } from "../rule_forms.ts";
import { bothQuantised, cacheNeeded } from "./messages.ts";

/** Options of the PyTorch engine; null is the library's own default. Other keys are handed to it with a warning. */
export const pytorchSchema = openSection({
  python: interpreterField(),
  batch_size: usual(1, open(count()).describe("number of prompts per batch")),
  attn_implementation: usual(
    "sdpa",
    open(z.enum(["sdpa", "flash_attention_2", "flash_attention_3", "eager"])).describe(
      "attention implementation",
    ),
  ),
  torch_compile: usual(false, open(z.boolean()).describe("compile the model with torch.compile")),
  torch_compile_mode: usual(
    "default",
    open(z.string()).describe("mode of torch.compile; needs torch_compile: true"),
  ),
  torch_compile_backend: usual(
    "inductor",
    open(z.string()).describe("backend of torch.compile; needs torch_compile: true"),
  ),
  load_in_4bit: usual(
    false,
    open(z.boolean()).describe("quantise the weights to 4 bits; excludes load_in_8bit"),
  ),
  load_in_8bit: usual(
    false,
    open(z.boolean()).describe("quantise the weights to 8 bits; excludes load_in_4bit"),
  ),
  bnb_4bit_compute_dtype: open(z.enum(["float16", "bfloat16", "float32"])).describe(
    "number format for computation; needs load_in_4bit: true",
  ),
  bnb_4bit_quant_type: open(z.enum(["nf4", "fp4"])).describe("the 4-bit format; needs load_in_4bit: true"),
  bnb_4bit_use_double_quant: open(z.boolean()).describe(
    "also quantise the scales; needs load_in_4bit: true",
  ),
  use_cache: usual(true, open(z.boolean()).describe("keep the keys and values of earlier tokens (KV cache)")),
  cache_implementation: open(z.enum(["static", "offloaded_static", "sliding_window"])).describe(
    "type of KV cache; excludes use_cache: false",
  ),
  num_beams: open(count()).describe("beam width; 1 disables beam search"),
  early_stopping: open(z.boolean()).describe("stop beam search once enough beams are complete"),
  length_penalty: open(z.number()).describe(
    "beam search: values above 0 favour longer texts, below 0 shorter ones",
  ),
  no_repeat_ngram_size: open(count(0)).describe(
    "n-grams of this size are not repeated; 0 disables the limit",
  ),
  prompt_lookup_num_tokens: open(count()).describe("number of tokens per step predicted by prompt lookup"),
  device_map: usual("auto", open(z.string()).describe("placement of layers on devices")),
  max_memory: open(z.record(z.string(), z.json())).describe(
    "memory limit per device, such as { 0: 20GiB, cpu: 60GiB }",
  ),
  revision: open(z.string()).describe("branch, tag or commit of the model"),
  trust_remote_code: usual(false, z.nullable(remoteCodeFlag()).default(false)),
  num_processes: open(count()).describe("accepted and ignored"),
});

/** PyTorch with transformers. */
export const pytorch = {
  section: open(pytorchSchema).describe(
    "backend pytorch: options of the engine; null is the library's own default",
  ),
  needs_section: null,
  fields: {},
  rules: [
    (read) => {
      if (read("pytorch.load_in_4bit") !== true || read("pytorch.load_in_8bit") !== true) return null;
      return {
        at: "pytorch.load_in_8bit",
        fields: ["pytorch.load_in_4bit", "pytorch.load_in_8bit"],
        ...bothQuantised(),
      };
    },
    needs("pytorch.torch_compile_mode", "pytorch.torch_compile", true),
    needs("pytorch.torch_compile_backend", "pytorch.torch_compile", true),
    needs("pytorch.bnb_4bit_compute_dtype", "pytorch.load_in_4bit", true),
    needs("pytorch.bnb_4bit_quant_type", "pytorch.load_in_4bit", true),
    needs("pytorch.bnb_4bit_use_double_quant", "pytorch.load_in_4bit", true),
    (read) => {
      if (!isGiven(read, "pytorch.cache_implementation") || read("pytorch.use_cache") !== false) return null;
      return {
        at: "pytorch.cache_implementation",
        fields: ["pytorch.cache_implementation", "pytorch.use_cache"],
        ...cacheNeeded(),
      };
    },
  ],
  upstream: { keys_of_ours: ["python"] },
  former_names: { batch: "pytorch.batch_size" },
  precision: "asked",
  models: "hub",
  path_fields: { "pytorch.python": "program" },
  model_names: [],
  revision: "pytorch.revision",
  variable_fields: null,
  secret_fields: { arguments: null, address: null },
  remote_code: { path: "pytorch.trust_remote_code", formerly: true },
  concurrency: { path: "pytorch.batch_size", batches: "static" },
  workload_known: true,
  serves: null,
  meaning: null,
  variables: [],
} satisfies EngineDeclaration;
