import { deepStrictEqual } from "node:assert/strict";
import type { JsonObject } from "../../lib/base/json.ts";
import { brokenRules } from "../../lib/experiment/rules.ts";

const PROGRAM = { backend: "command", command: { argv: ["a"] } };
const openai = (more: JsonObject): JsonObject => ({ backend: "openai", openai: { base_url: "x", ...more } });
const load = (more: JsonObject): JsonObject => openai({ load: more });
const served = (server: JsonObject): JsonObject => ({ backend: "openai", openai: { server } });
const URL = openai({});

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
  [URL, []],
  [{ backend: "openai", openai: {} }, ["openai"]],
  [{ backend: "openai", openai: { concurrency: 2 } }, ["openai"]],
  [openai({ server: { argv: ["s", "{port}"] } }), ["openai.server"]],
  [served({ argv: ["s", "--port", "{port}"] }), []],
  [served({ argv: ["ollama", "serve"], env: { OLLAMA_HOST: "127.0.0.1:{port}" } }), []],
  [served({ image: "vllm/vllm-openai" }), []],
  [served({}), ["openai.server"]],
  [served({ argv: ["s", "--port", "8000"] }), ["openai.server.argv"]],
  [served({ argv: ["{port}"], env: { A: "1" }, env_from: ["A"] }), ["openai.server.env_from"]],
  [served({ argv: ["{port}"], ready_path: "health" }), ["openai.server.ready_path"]],
  [served({ argv: ["{port}"], ready_path: "/health" }), []],
  [openai({ body: { stream: false, temperature: 0 } }), ["openai.body"]],
  [openai({ body: { temperature: 0 }, headers: { "X-A": "b" } }), []],
  [openai({ headers: { "Content-Length": "3" } }), ["openai.headers"]],
  [openai({ headers: { authorization: "x" } }), []],
  [openai({ headers: { authorization: "x" }, api_key_env: "KEY" }), ["openai.headers"]],
  [openai({ concurrency: 4, load: { concurrency: 4 } }), []],
  [openai({ concurrency: 4, load: { concurrency: 8 } }), ["openai.load.concurrency"]],
  [load({ rate: 2 }), ["openai.load.rate"]],
  [load({ max_in_flight: 2, shape: 1, speed: 2, to: 1, seconds: 1, file: "f" }), [
    "openai.load.to",
    "openai.load.seconds",
    "openai.load.shape",
    "openai.load.max_in_flight",
    "openai.load.file",
    "openai.load.speed",
  ]],
  ...["constant", "poisson", "gamma"].map((arrivals): readonly [JsonObject, readonly string[]] => [
    load({ arrivals, rate: 2, max_in_flight: 8 }),
    [],
  ]),
  [load({ arrivals: "poisson" }), ["openai.load"]],
  [load({ arrivals: "poisson", rate: 2, shape: 1 }), ["openai.load.shape"]],
  [load({ arrivals: "poisson", rate: 2, concurrency: 4 }), ["openai.load.concurrency"]],
  [openai({ concurrency: 4, load: { arrivals: "poisson", rate: 2 } }), ["openai.concurrency"]],
  [load({ arrivals: "gamma", rate: 2, shape: 0.5 }), []],
  [load({ arrivals: "ramp", rate: 1 }), ["openai.load", "openai.load"]],
  [load({ arrivals: "ramp", rate: 1, to: 8, seconds: 60 }), []],
  [load({ arrivals: "trace" }), ["openai.load"]],
  [load({ arrivals: "trace", file: "t.csv", speed: 2 }), []],
  [load({ arrivals: "trace", file: "t.csv", rate: 2 }), ["openai.load.rate"]],
  // What only an engine under load does; a worker of the user's own may do it.
  [{ dataset: { n: 1, turns: 2, prefix_len: 3, think_time_s: 1 }, measure: { steady: true } }, [
    "dataset.prefix_len",
    "dataset.turns",
    "dataset.think_time_s",
    "measure.steady",
  ]],
  [{ backend: "vllm", measure: { steady: false } }, []],
  [{ ...PROGRAM, dataset: { n: 1, turns: 2 }, measure: { steady: true } }, []],
  [{ ...URL, dataset: { n: 1, turns: 2, think_time_s: 1 }, measure: { steady: true } }, []],
  [{ ...URL, dataset: { n: 1, think_time_s: 1 } }, ["dataset.think_time_s"]],
  [{ ...URL, dataset: { n: 1, prefix_len: 511 } }, []],
  [{ ...URL, dataset: { n: 1, prefix_len: 512 } }, ["dataset.prefix_len"]],
  [{ openai: { server: 1, load: [], body: "x", headers: 3, base_url: "x" } }, []],
  // Values that did not check are left out of a draft, so a rule must do without them.
  [{ pytorch: "x", vllm: { engine: 3 }, llamacpp: [], lora: "y" }, []],
];

for (const [draft, at] of DRAFTS) {
  Deno.test(`brokenRules() of ${JSON.stringify(draft)}`, () =>
    deepStrictEqual(brokenRules(draft).map((broken) => broken.at), at));
}
