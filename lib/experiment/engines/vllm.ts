import { z } from "zod";
import type { EngineDeclaration } from "../engine_declaration.ts";
import { note } from "../field_notes.ts";
import { count, interpreterField, open, openSection, remoteCodeFlag, usual } from "../fields.ts";
import { excludes, isGiven } from "../rule_forms.ts";
import { cacheFormat, speculativeTokensNeeded } from "./messages.ts";

const attentionSchema = openSection({
  backend: open(z.string()).describe("attention implementation, by its vLLM name, such as FLASH_ATTN"),
  flash_attn_version: open(z.literal([2, 3, 4])).describe("flash attention version"),
  flash_attn_max_num_splits_for_cuda_graph: open(z.int()).describe(
    "maximum number of splits inside a CUDA graph",
  ),
  use_prefill_decode_attention: open(z.boolean()).describe("use separate kernels for prefill and decode"),
  use_prefill_query_quantization: open(z.boolean()).describe("quantise queries in prefill"),
  use_cudnn_prefill: open(z.boolean()).describe("use cuDNN for prefill"),
  disable_flashinfer_prefill: open(z.boolean()).describe("do not use FlashInfer for prefill"),
  disable_flashinfer_q_quantization: open(z.boolean()).describe("do not quantise queries in FlashInfer"),
  use_trtllm_attention: open(z.boolean()).describe("use TensorRT-LLM attention kernels"),
  use_trtllm_ragged_deepseek_prefill: open(z.boolean()).describe(
    "use TensorRT-LLM kernels for ragged DeepSeek prefill",
  ),
  mla_prefill_backend: open(z.string()).describe(
    "prefill kernels of latent attention (MLA): FLASH_ATTN, ...",
  ),
});

const engineSchema = openSection({
  gpu_memory_utilization: open(z.number().min(0).lt(1)).describe(
    "fraction of GPU memory to use; excludes kv_cache_memory_bytes",
  ),
  swap_space: usual(
    4,
    open(z.number().min(0)).describe("accepted at its default of 4: no release that llem runs swaps"),
  ),
  cpu_offload_gb: open(z.number().min(0)).describe("GiB of weights to keep in host memory"),
  block_size: open(count()).describe(
    "tokens per KV cache block: a multiple of what the attention kernel takes",
  ),
  kv_cache_dtype: open(z.string()).describe("number format of the KV cache: auto, fp8, fp8_e5m2, nvfp4, ..."),
  enforce_eager: open(z.boolean()).describe("do not use CUDA graphs"),
  enable_chunked_prefill: open(z.boolean()).describe("split the prefill of long prompts into chunks"),
  max_num_seqs: open(count()).describe("maximum number of concurrent sequences"),
  max_num_batched_tokens: open(count()).describe("maximum number of tokens per step"),
  max_model_len: open(count()).describe(
    "maximum sequence length, including the prompt; null is the longest request of the workload",
  ),
  tensor_parallel_size: open(count()).describe("number of GPUs that share each layer"),
  pipeline_parallel_size: open(count()).describe("number of pipeline stages"),
  enable_prefix_caching: usual(
    false,
    open(z.boolean()).describe("reuse the KV cache for prompts with a common prefix; null is false"),
  ),
  quantization: open(z.string()).describe(
    "quantisation of the weights: awq, gptq, fp8, compressed-tensors, ...",
  ),
  disable_custom_all_reduce: open(z.boolean()).describe("do not use vLLM's own all-reduce kernel"),
  speculative_model: open(z.string()).describe(
    "short for speculative_config.model; needs num_speculative_tokens",
  ),
  num_speculative_tokens: open(count()).describe("short for speculative_config.num_speculative_tokens"),
  speculative_config: open(z.record(z.string(), z.json())).describe(
    "speculative decoding, such as { method: ngram, num_speculative_tokens: 4, prompt_lookup_max: 3 }",
  ),
  async_scheduling: open(z.boolean()).describe("schedule the next step while one runs"),
  offload_group_size: open(count(0)).describe("number of layers per offload group"),
  offload_num_in_group: open(count()).describe("number of offloaded layers per group"),
  offload_prefetch_step: open(count(0)).describe("number of groups to prefetch"),
  offload_params: open(z.array(z.string())).describe("names of the parameters to offload"),
  kv_cache_memory_bytes: open(count()).describe("KV cache size in bytes; excludes gpu_memory_utilization"),
  kv_offloading_size: open(z.number().gt(0)).describe("GiB of host memory for KV cache that does not fit"),
  compilation_config: open(z.record(z.string(), z.json())).describe("compiler settings, passed unchanged"),
  max_lora_rank: open(count()).describe("lora: highest rank of an adapter; null is that of the adapter"),
  load_format: open(z.string()).describe("how weights are read; dummy gives them at random"),
  revision: open(z.string()).describe("branch, tag or commit of the model"),
  trust_remote_code: usual(false, open(remoteCodeFlag())),
  attention: open(attentionSchema).describe("attention settings"),
});

const samplingSchema = openSection({
  max_tokens: open(count()).describe("maximum number of generated tokens; overrides max_output_tokens"),
  min_tokens: open(count(0)).describe(
    "minimum number of generated tokens: end-of-text is suppressed until then; overrides decoder.min_new_tokens",
  ),
  presence_penalty: open(z.number().min(-2).max(2)).describe(
    "values above 0 make tokens that have occurred less likely",
  ),
  frequency_penalty: open(z.number().min(-2).max(2)).describe(
    "values above 0 make tokens less likely the more often they have occurred",
  ),
  ignore_eos: open(z.boolean()).describe("continue after end-of-text; always so for synthetic prompts"),
  n: open(count()).describe("number of texts generated per prompt; more than 1 needs sampling"),
});

const beamSearchSchema = openSection({
  beam_width: open(count()).describe("beam width"),
  length_penalty: open(z.number()).describe("values above 0 favour longer texts, below 0 shorter ones"),
  early_stopping: open(z.boolean()).describe("accepted as false: vLLM searches until every beam has ended"),
  max_tokens: open(count()).describe("maximum number of generated tokens; overrides max_output_tokens"),
});

/** Options of vLLM; null is its own default. Other keys are handed to it with a warning. */
export const vllmSchema = openSection({
  python: interpreterField(),
  engine: open(engineSchema).describe("engine settings"),
  sampling: open(samplingSchema).describe("sampling settings, which override decoder"),
  beam_search: note(open(beamSearchSchema).describe("beam search settings; excludes sampling"), {
    presenceMatters: true,
  }),
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
        ...speculativeTokensNeeded(tokens),
      };
    },
    excludes("vllm.engine.kv_cache_memory_bytes", "vllm.engine.gpu_memory_utilization"),
    excludes("vllm.beam_search", "vllm.sampling"),
    excludes("vllm.engine.speculative_config", "vllm.engine.speculative_model"),
    excludes("vllm.engine.speculative_config", "vllm.engine.num_speculative_tokens"),
    (read) => {
      const at = "vllm.engine.quantization";
      const format = read(at);
      if (format !== "fp8_e5m2" && format !== "fp8_e4m3") return null;
      return { at, fields: [at], ...cacheFormat(format) };
    },
  ],
  upstream: { keys_of_ours: ["python"] },
  former_names: {},
  precision: "asked",
  models: "hub",
  path_fields: {
    "vllm.python": "program",
    "vllm.engine.speculative_model": "hub",
  },
  model_names: [],
  revision: "vllm.engine.revision",
  variable_fields: null,
  secret_fields: { arguments: null, address: null },
  remote_code: { path: "vllm.engine.trust_remote_code", formerly: null },
  concurrency: null,
  workload_known: true,
  serves: null,
  meaning: null,
  // That of attention and the V1 engine were read by releases before 0.20.
  variables: [
    "VLLM_ATTENTION_BACKEND",
    "VLLM_BATCH_INVARIANT",
    "VLLM_CPU_KVCACHE_SPACE",
    "VLLM_CPU_NUM_OF_RESERVED_CPU",
    "VLLM_CPU_OMP_THREADS_BIND",
    "VLLM_USE_FLASHINFER_SAMPLER",
    "VLLM_USE_V1",
    "VLLM_USE_V2_MODEL_RUNNER",
  ],
} satisfies EngineDeclaration;
