import { z } from "zod";
import { count, open, openSection, usual } from "./_fields.ts";
import { note } from "./field_notes.ts";

const attentionSchema = openSection({
  backend: open(z.string()),
  flash_attn_version: open(z.int()),
  flash_attn_max_num_splits_for_cuda_graph: open(z.int()),
  use_prefill_decode_attention: open(z.boolean()),
  use_prefill_query_quantization: open(z.boolean()),
  use_cudnn_prefill: open(z.boolean()),
  disable_flashinfer_prefill: open(z.boolean()),
  disable_flashinfer_q_quantization: open(z.boolean()),
  use_trtllm_attention: open(z.boolean()),
  use_trtllm_ragged_deepseek_prefill: open(z.boolean()),
});

const engineSchema = openSection({
  gpu_memory_utilization: usual(0.9, open(z.number().min(0).lt(1))),
  swap_space: usual(4, open(z.number().min(0)).describe("GiB")),
  cpu_offload_gb: open(z.number().min(0)),
  block_size: usual(16, open(z.literal([8, 16, 32]))),
  kv_cache_dtype: open(z.enum(["auto", "fp8", "fp8_e5m2", "fp8_e4m3"])),
  enforce_eager: open(z.boolean()),
  enable_chunked_prefill: open(z.boolean()),
  max_num_seqs: usual(256, open(count())),
  max_num_batched_tokens: open(count()),
  max_model_len: open(count()),
  tensor_parallel_size: open(count()),
  pipeline_parallel_size: open(count()),
  enable_prefix_caching: open(z.boolean()),
  quantization: open(z.enum(["awq", "gptq", "fp8", "fp8_e5m2", "fp8_e4m3", "marlin", "bitsandbytes"])),
  disable_custom_all_reduce: open(z.boolean()),
  speculative_model: open(z.string()).describe("needs num_speculative_tokens"),
  num_speculative_tokens: open(count()),
  offload_group_size: open(count(0)),
  offload_num_in_group: open(count()),
  offload_prefetch_step: open(count(0)),
  offload_params: open(z.array(z.string())),
  kv_cache_memory_bytes: open(count()).describe("in place of gpu_memory_utilization"),
  compilation_config: open(z.record(z.string(), z.json())),
  attention: open(attentionSchema),
});

const samplingSchema = openSection({
  max_tokens: open(count()),
  min_tokens: open(count(0)),
  presence_penalty: open(z.number().min(-2).max(2)),
  frequency_penalty: open(z.number().min(-2).max(2)),
  ignore_eos: open(z.boolean()),
  n: open(count()),
});

const beamSearchSchema = openSection({
  beam_width: open(count()),
  length_penalty: open(z.number()),
  early_stopping: open(z.boolean()),
  max_tokens: open(count()),
});

/** Options of vLLM; null is its own default. Other keys are handed to it with a warning. */
export const vllmSchema = openSection({
  engine: open(engineSchema),
  sampling: open(samplingSchema),
  beam_search: note(open(beamSearchSchema).describe("in place of sampling"), { presenceMatters: true }),
});
