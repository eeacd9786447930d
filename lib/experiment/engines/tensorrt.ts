import { z } from "zod";
import type { EngineDeclaration } from "../engine_declaration.ts";
import { note } from "../field_notes.ts";
import { count, interpreterField, open, openSection, remoteCodeFlag, usual } from "../fields.ts";
import { excludes, isGiven } from "../rule_forms.ts";
import { beamsAboveLimit, graphsOff } from "./messages.ts";

const samplingSchema = openSection({
  n: open(count()).describe("number of texts generated per prompt; more than 1 needs sampling"),
  presence_penalty: open(z.number().min(-2).max(2)).describe(
    "values above 0 make tokens that have occurred less likely",
  ),
  frequency_penalty: open(z.number().min(-2).max(2)).describe(
    "values above 0 make tokens less likely the more often they have occurred",
  ),
  ignore_eos: open(z.boolean()).describe("continue after end-of-text"),
});

const beamSearchSchema = openSection({
  beam_width: open(count()).describe("beam width; must be given"),
  length_penalty: open(z.number()).describe("values above 0 favour longer texts, below 0 shorter ones"),
  early_stopping: open(z.boolean()).describe("stop once enough beams are complete"),
});

const kvCacheSchema = openSection({
  enable_block_reuse: open(z.boolean()).describe(
    "reuse the KV cache for prompts with a common prefix; llem turns it off unless this is true",
  ),
  enable_partial_reuse: open(z.boolean()).describe("also reuse blocks that match in part"),
  free_gpu_memory_fraction: usual(
    0.9,
    open(z.number().min(0).max(1)).describe(
      "fraction of the GPU memory that is free once the weights are loaded",
    ),
  ),
  max_tokens: open(count()).describe("KV cache size in tokens"),
  tokens_per_block: usual(32, open(count()).describe("tokens per KV cache block")),
  dtype: usual("auto", open(z.string()).describe("number format of the KV cache, such as fp8")),
  host_cache_size: open(count(0)).describe("bytes of host memory for blocks that are kept for reuse"),
});

/** Options of TensorRT-LLM; null is its own default. Other keys are handed to it with a warning. */
export const tensorrtSchema = openSection({
  python: interpreterField(),
  max_batch_size: usual(8, open(count()).describe("maximum number of prompts per batch")),
  tp_size: open(count()).describe("tensor-parallel size: number of GPUs that share each layer"),
  quantization: open(z.enum(["int8_sq", "int4_awq", "fp8"])).describe(
    "quantisation of the weights, which the checkpoint or the engine must have",
  ),
  trust_remote_code: usual(false, open(remoteCodeFlag())),
  engine_path: open(z.string()).describe("prebuilt engine: a folder of trtllm-build, for releases up to 1.2"),
  pipeline_parallel_size: usual(1, open(count()).describe("number of pipeline stages")),
  max_num_tokens: usual(8192, open(count()).describe("maximum number of tokens per step")),
  max_seq_len: open(count()).describe("maximum sequence length, including the prompt"),
  max_input_len: open(count()).describe("maximum length of a prompt"),
  max_beam_width: open(count()).describe("maximum beam width; beam_search.beam_width unless set"),
  load_format: usual(
    "auto",
    open(z.string()).describe("how weights are loaded: auto, or dummy for random ones"),
  ),
  kv_cache_config: open(kvCacheSchema).describe("KV cache settings"),
  cuda_graphs: open(z.boolean()).describe("false computes every step without CUDA graphs"),
  cuda_graph_config: open(z.record(z.string(), z.json())).describe(
    "settings of CUDA graphs, passed unchanged",
  ),
  disable_overlap_scheduler: usual(
    false,
    open(z.boolean()).describe("do not prepare a step while the one before is computed"),
  ),
  enable_chunked_prefill: usual(
    false,
    open(z.boolean()).describe("split the prefill of prompts that are longer than max_num_tokens"),
  ),
  stream_interval: usual(1, open(count()).describe("steps between two answers of a request")),
  attn_backend: open(z.string()).describe("attention implementation, such as TRTLLM or FLASHINFER"),
  speculative_config: open(z.record(z.string(), z.json())).describe(
    "speculative decoding: decoding_type and its settings, passed unchanged",
  ),
  orchestrator_type: open(z.string()).describe(
    "what starts the processes of several GPUs: rpc or ray; null is MPI",
  ),
  sampling: open(samplingSchema).describe("sampling settings beside decoder"),
  beam_search: note(open(beamSearchSchema).describe("beam search settings; excludes sampling"), {
    presenceMatters: true,
  }),
});

/** TensorRT-LLM. */
export const tensorrt = {
  section: open(tensorrtSchema).describe(
    "backend tensorrt: options of the engine; null is its own default",
  ),
  needs_section: null,
  fields: {},
  rules: [
    (read) => {
      if (read("tensorrt.cuda_graphs") !== false || !isGiven(read, "tensorrt.cuda_graph_config")) return null;
      return {
        at: "tensorrt.cuda_graph_config",
        fields: ["tensorrt.cuda_graph_config", "tensorrt.cuda_graphs"],
        ...graphsOff(),
      };
    },
    excludes("tensorrt.beam_search", "tensorrt.sampling"),
    (read) => {
      const [limit, width] = ["tensorrt.max_beam_width", "tensorrt.beam_search.beam_width"] as const;
      if (!isGiven(read, limit) || !isGiven(read, width) || Number(read(limit)) >= Number(read(width))) {
        return null;
      }
      return { at: width, fields: [limit, width], ...beamsAboveLimit(limit) };
    },
  ],
  upstream: {
    keys_of_ours: [
      "python",
      "pipeline_parallel_size",
      "max_num_tokens",
      "max_seq_len",
      "max_input_len",
      "max_beam_width",
      "load_format",
      "kv_cache_config",
      "cuda_graphs",
      "cuda_graph_config",
      "disable_overlap_scheduler",
      "enable_chunked_prefill",
      "stream_interval",
      "attn_backend",
      "speculative_config",
      "orchestrator_type",
      "sampling",
      "beam_search",
    ],
  },
  former_names: { "tensorrt.tensor_parallel_size": "tensorrt.tp_size" },
  precision: "asked",
  models: "hub",
  path_fields: { "tensorrt.python": "program", "tensorrt.engine_path": "file" },
  model_names: [],
  revision: null,
  variable_fields: null,
  secret_fields: { arguments: null, address: null },
  remote_code: { path: "tensorrt.trust_remote_code", formerly: null },
  concurrency: null,
  workload_known: true,
  serves: null,
  meaning: null,
  variables: [],
} satisfies EngineDeclaration;
