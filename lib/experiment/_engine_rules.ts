import type { Read, Rule, RuleBreak } from "./_rule.ts";

const QUANTISED_CACHE: readonly unknown[] = ["q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl"];
const LLAMACPP_BATCH = 2048;

/** Rules between the fields of one engine's section. */
export const ENGINE_RULES: readonly Rule[] = [
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
    const [ubatch, batch = LLAMACPP_BATCH] = [read("llamacpp.n_ubatch"), read("llamacpp.n_batch")];
    if (typeof ubatch !== "number" || typeof batch !== "number" || ubatch <= batch) return null;
    return {
      at: "llamacpp.n_ubatch",
      fields: ["llamacpp.n_ubatch", "llamacpp.n_batch"],
      message: `must be at most llamacpp.n_batch (${batch}), found ${ubatch}`,
      hint: null,
    };
  },
  (read) => {
    if (read("pytorch.load_in_4bit") !== true || read("pytorch.load_in_8bit") !== true) return null;
    return {
      at: "pytorch.load_in_8bit",
      fields: ["pytorch.load_in_4bit", "pytorch.load_in_8bit"],
      message: "cannot be true together with pytorch.load_in_4bit",
      hint: "keep one",
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
      message: "needs the cache, but pytorch.use_cache is false",
      hint: "remove one of them",
    };
  },
  (read) => {
    if (
      !isGiven(read, "vllm.engine.speculative_model") || isGiven(read, "vllm.engine.num_speculative_tokens")
    ) return null;
    return {
      at: "vllm.engine.speculative_model",
      fields: ["vllm.engine.speculative_model", "vllm.engine.num_speculative_tokens"],
      message: "needs vllm.engine.num_speculative_tokens, which is not given",
      hint: "add num_speculative_tokens",
    };
  },
  excludes("vllm.engine.kv_cache_memory_bytes", "vllm.engine.gpu_memory_utilization"),
  excludes("vllm.beam_search", "vllm.sampling"),
];

function isGiven(read: Read, path: string): boolean {
  return (read(path) ?? null) !== null;
}

/** A field that means something only where another one has a value. */
function needs(path: string, other: string, value: boolean): Rule {
  return (read): RuleBreak | null => {
    if (!isGiven(read, path) || read(other) === value) return null;
    const [section = "", key = ""] = other.split(".");
    return {
      at: path,
      fields: [path, other],
      message: `needs ${other}: ${value}`,
      hint: `add ${key}: ${value} to ${section}`,
    };
  };
}

/** Two fields that cannot stand together. */
function excludes(path: string, other: string): Rule {
  return (read): RuleBreak | null => {
    if (!isGiven(read, path) || !isGiven(read, other)) return null;
    return {
      at: path,
      fields: [path, other],
      message: `cannot stand together with ${other}`,
      hint: "keep one",
    };
  };
}
