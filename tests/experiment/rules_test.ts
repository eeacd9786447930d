import { deepStrictEqual } from "node:assert/strict";
import type { JsonObject } from "../../lib/base/json.ts";
import { brokenRules } from "../../lib/experiment/rules.ts";

const PROGRAM = { backend: "command", command: { argv: ["a"] } };

/** Drafts and where they break a rule; an empty list keeps all of them. */
const DRAFTS: readonly (readonly [draft: JsonObject, at: readonly string[]])[] = [
  [{}, []],
  [PROGRAM, []],
  [{ backend: "command" }, ["command"]],
  [{ backend: "command", command: null }, ["command"]],
  [{ backend: "openai" }, ["openai"]],
  [{ backend: "openai", openai: { base_url: "x" } }, []],
  [{ lora: null }, []],
  [{ lora: { adapter_id: "a" } }, []],
  [{ lora: { adapter_id: "a", adapter_path: null } }, []],
  [{ lora: {} }, ["lora"]],
  [{ lora: { adapter_id: "a", adapter_path: "b" } }, ["lora"]],
  [{ passthrough_kwargs: { revision: "x" } }, []],
  [{ passthrough_kwargs: { n: 1, model: "x" } }, ["passthrough_kwargs"]],
  [{ pytorch: { load_in_4bit: true, load_in_8bit: false } }, []],
  [{ pytorch: { load_in_4bit: true, load_in_8bit: true } }, ["pytorch.load_in_8bit"]],
  [{ pytorch: { torch_compile: true, torch_compile_mode: "x", torch_compile_backend: "y" } }, []],
  [{ pytorch: { torch_compile_mode: "x", torch_compile_backend: "y" } }, [
    "pytorch.torch_compile_mode",
    "pytorch.torch_compile_backend",
  ]],
  [{ pytorch: { torch_compile: false, torch_compile_mode: null } }, []],
  [{ pytorch: { load_in_4bit: true, bnb_4bit_quant_type: "nf4", bnb_4bit_use_double_quant: true } }, []],
  [{
    pytorch: {
      bnb_4bit_compute_dtype: "float16",
      bnb_4bit_quant_type: "nf4",
      bnb_4bit_use_double_quant: false,
    },
  }, [
    "pytorch.bnb_4bit_compute_dtype",
    "pytorch.bnb_4bit_quant_type",
    "pytorch.bnb_4bit_use_double_quant",
  ]],
  [{ pytorch: { cache_implementation: "static" } }, []],
  [{ pytorch: { cache_implementation: "static", use_cache: true } }, []],
  [{ pytorch: { cache_implementation: "static", use_cache: false } }, ["pytorch.cache_implementation"]],
  [{ vllm: { engine: { speculative_model: "s", num_speculative_tokens: 3 } } }, []],
  [{ vllm: { engine: { speculative_model: "s" } } }, ["vllm.engine.speculative_model"]],
  [{ vllm: { engine: { kv_cache_memory_bytes: 1, gpu_memory_utilization: null } } }, []],
  [{ vllm: { engine: { kv_cache_memory_bytes: 1, gpu_memory_utilization: 0.5 } } }, [
    "vllm.engine.kv_cache_memory_bytes",
  ]],
  [{ vllm: { sampling: {}, beam_search: null } }, []],
  [{ vllm: { sampling: {}, beam_search: {} } }, ["vllm.beam_search"]],
  [{ llamacpp: { flash_attn: "off", cache_type_v: "f16", cache_type_k: "q8_0" } }, []],
  [{ llamacpp: { flash_attn: "off", cache_type_v: "q4_0" } }, ["llamacpp.cache_type_v"]],
  [{ llamacpp: { flash_attn: "on", cache_type_v: "q4_0" } }, []],
  [{ llamacpp: { n_ubatch: 2048 } }, []],
  [{ llamacpp: { n_ubatch: 2049 } }, ["llamacpp.n_ubatch"]],
  [{ llamacpp: { n_ubatch: 65, n_batch: 64 } }, ["llamacpp.n_ubatch"]],
  // Values that did not check are left out of a draft, so a rule must do without them.
  [{ pytorch: "x", vllm: { engine: 3 }, llamacpp: [], lora: "y" }, []],
];

for (const [draft, at] of DRAFTS) {
  Deno.test(`brokenRules() of ${JSON.stringify(draft)}`, () =>
    deepStrictEqual(brokenRules(draft).map((broken) => broken.at), at));
}
