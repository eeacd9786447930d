import { z } from "zod";
import type { EngineDeclaration } from "../engine_declaration.ts";
import { note } from "../field_notes.ts";
import { count, open, openSection, REMOTE_CODE, usual } from "../fields.ts";
import { excludes, isGiven } from "../rule_forms.ts";

const attentionSchema = openSection({
  backend: open(z.string()).describe("the implementation, by vLLM's name"),
  flash_attn_version: open(z.int()).describe("version of flash attention"),
  flash_attn_max_num_splits_for_cuda_graph: open(z.int()).describe("most splits inside a CUDA graph"),
  use_prefill_decode_attention: open(z.boolean()).describe("separate kernels for prefill and decoding"),
  use_prefill_query_quantization: open(z.boolean()).describe("quantise the queries of prefill"),
  use_cudnn_prefill: open(z.boolean()).describe("prefill by cuDNN"),
  disable_flashinfer_prefill: open(z.boolean()).describe("no FlashInfer in prefill"),
  disable_flashinfer_q_quantization: open(z.boolean()).describe("no quantised queries in FlashInfer"),
  use_trtllm_attention: open(z.boolean()).describe("attention by TensorRT-LLM's kernels"),
  use_trtllm_ragged_deepseek_prefill: open(z.boolean()).describe(
    "ragged DeepSeek prefill by TensorRT-LLM's kernels",
  ),
});

const engineSchema = openSection({
  gpu_memory_utilization: usual(
    0.9,
    open(z.number().min(0).lt(1)).describe("share of GPU memory to take; excludes kv_cache_memory_bytes"),
  ),
  swap_space: usual(
    4,
    open(z.number().min(0)).describe("GiB of the machine's memory for sequences that must wait"),
  ),
  cpu_offload_gb: open(z.number().min(0)).describe("GiB of weights kept in the memory of the machine"),
  block_size: usual(16, open(z.literal([8, 16, 32])).describe("tokens in a block of the cache")),
  kv_cache_dtype: open(z.enum(["auto", "fp8", "fp8_e5m2", "fp8_e4m3"])).describe(
    "number format of the cache",
  ),
  enforce_eager: open(z.boolean()).describe("no CUDA graphs"),
  enable_chunked_prefill: open(z.boolean()).describe("split long prompts over several steps"),
  max_num_seqs: usual(256, open(count()).describe("sequences under way at once, at most")),
  max_num_batched_tokens: open(count()).describe("tokens in one step, at most"),
  max_model_len: open(count()).describe("longest sequence, prompt included"),
  tensor_parallel_size: open(count()).describe("GPUs that share each layer"),
  pipeline_parallel_size: open(count()).describe("groups of GPUs that hold layers one after the other"),
  enable_prefix_caching: open(z.boolean()).describe("reuse the cache of prompts that begin alike"),
  quantization: open(z.enum(["awq", "gptq", "fp8", "fp8_e5m2", "fp8_e4m3", "marlin", "bitsandbytes"]))
    .describe("form of the weights"),
  disable_custom_all_reduce: open(z.boolean()).describe("no all-reduce kernel of its own between GPUs"),
  speculative_model: open(z.string()).describe(
    "smaller model that guesses ahead; needs num_speculative_tokens",
  ),
  num_speculative_tokens: open(count()).describe("tokens that the speculative model guesses at each step"),
  offload_group_size: open(count(0)).describe("layers in a group of which some are offloaded"),
  offload_num_in_group: open(count()).describe("offloaded layers of each group"),
  offload_prefetch_step: open(count(0)).describe("groups that are fetched ahead"),
  offload_params: open(z.array(z.string())).describe("names of the parameters to offload"),
  kv_cache_memory_bytes: open(count()).describe("size of the cache, in place of gpu_memory_utilization"),
  compilation_config: open(z.record(z.string(), z.json())).describe("handed to the compiler as it is"),
  trust_remote_code: usual(false, open(z.boolean()).describe(REMOTE_CODE)),
  attention: open(attentionSchema).describe("how attention is computed"),
});

const samplingSchema = openSection({
  max_tokens: open(count()).describe("tokens generated, at most"),
  min_tokens: open(count(0)).describe("end-of-text is not taken before so many"),
  presence_penalty: open(z.number().min(-2).max(2)).describe("above 0 tokens that were used are less likely"),
  frequency_penalty: open(z.number().min(-2).max(2)).describe(
    "above 0 tokens are less likely the more they were used",
  ),
  ignore_eos: open(z.boolean()).describe("go on after end-of-text"),
  n: open(count()).describe("texts generated for each prompt"),
});

const beamSearchSchema = openSection({
  beam_width: open(count()).describe("texts followed at once"),
  length_penalty: open(z.number()).describe("above 0 favours longer texts, below 0 shorter ones"),
  early_stopping: open(z.boolean()).describe("end once enough texts have ended"),
  max_tokens: open(count()).describe("tokens generated, at most"),
});

/** Options of vLLM; null is its own default. Other keys are handed to it with a warning. */
export const vllmSchema = openSection({
  engine: open(engineSchema).describe("what the engine is started with"),
  sampling: open(samplingSchema).describe("how tokens are chosen, over the decoder"),
  beam_search: note(open(beamSearchSchema).describe("in place of sampling"), { presenceMatters: true }),
});

/** vLLM. */
export const vllm = {
  section: open(vllmSchema).describe("backend vllm: options of the engine; null is its own default"),
  needs_section: null,
  fields: {},
  rules: [
    (read) => {
      const model = "vllm.engine.speculative_model";
      const tokens = "vllm.engine.num_speculative_tokens";
      if (!isGiven(read, model) || isGiven(read, tokens)) return null;
      return {
        at: model,
        fields: [model, tokens],
        message: `needs ${tokens}, which is not given`,
        hint: "add num_speculative_tokens",
      };
    },
    excludes("vllm.engine.kv_cache_memory_bytes", "vllm.engine.gpu_memory_utilization"),
    excludes("vllm.beam_search", "vllm.sampling"),
  ],
  upstream: { keys_of_ours: [] },
  former_names: {},
  precision: "asked",
  models: "hub",
  path_fields: { "vllm.engine.speculative_model": "hub" },
  model_names: [],
  revision: null,
  variable_fields: null,
  secret_fields: { arguments: null, address: null },
  remote_code: { path: "vllm.engine.trust_remote_code", formerly: null },
  concurrency: null,
  workload_known: true,
  variables: [],
} satisfies EngineDeclaration;
