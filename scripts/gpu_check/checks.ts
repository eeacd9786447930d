/**
 * scripts/gpu_check/ owns what only a GPU can prove of the engines in Python: one claim each, a small run, and what its record
 * must say. docs/proven/gpus.md tells which have been seen.
 */
import { isJsonObject, type Json, type JsonObject } from "../../lib/base/json.ts";

export interface GpuCheck {
  readonly name: string;
  /** The module without which it cannot be run. */
  readonly module: string;
  readonly claim: string;
  /** Fields of the experiment over those that all checks have. */
  readonly draft: JsonObject;
  /** GPUs that it needs; 1 unless it says more. */
  readonly gpus?: number;
  /** What is wrong with the record of the run; null where the claim holds. */
  readonly fault: (record: JsonObject) => string | null;
}

/** What all checks have in common: short, exact and greedy. */
export const COMMON: JsonObject = {
  precision: "fp16",
  dataset: { n: 8, input_len: 64, output_len: 32, seed: 1 },
  decoder: { do_sample: false },
  warmup: { n_warmup: 2, thermal_floor_seconds: 30 },
  baseline: { enabled: false },
};

const tensorrt = (name: string, claim: string, section: JsonObject, fault: GpuCheck["fault"]): GpuCheck => ({
  name: `tensorrt-${name}`,
  module: "tensorrt_llm",
  claim,
  draft: { backend: "tensorrt", tensorrt: section },
  fault,
});

const vllm = (name: string, claim: string, section: JsonObject, fault: GpuCheck["fault"]): GpuCheck => ({
  name: `vllm-${name}`,
  module: "vllm",
  claim,
  draft: { backend: "vllm", vllm: section },
  fault,
});

export const GPU_CHECKS: readonly GpuCheck[] = [
  vllm(
    "run",
    "A run on one GPU completes, with the engine inside the worker.",
    {},
    (record) =>
      faultOf(
        at(record, "measurement.settings.engine_processes") === false,
        "the engine has processes of its own",
      ),
  ),
  vllm(
    "clock",
    "First tokens are seen at most 2 ms (median) after the engine's own stamp.",
    {},
    (record) => clockFault(record, 2),
  ),
  vllm(
    "prefix",
    "No prompt is taken from the prefix cache unless the study wants it.",
    {},
    noReuse("cached_tokens"),
  ),
  vllm(
    "graphs",
    "CUDA graphs are captured when it loads, and their memory is told apart.",
    {},
    (record) =>
      faultOf(Number(at(record, "measurement.memory.parts.graphs_bytes")) > 0, "no memory of graphs"),
  ),
  {
    ...vllm(
      "tensor-parallel",
      "Over two GPUs the engine has processes of its own, and a run completes.",
      { engine: { tensor_parallel_size: 2 } },
      (record) => faultOf(at(record, "measurement.settings.engine_processes") === true, "no processes"),
    ),
    gpus: 2,
  },
  tensorrt(
    "run",
    "A run of the PyTorch backend on one GPU completes inside the worker.",
    {},
    (record) =>
      faultOf(
        at(record, "measurement.settings.engine_processes") === false,
        "the engine has processes of its own",
      ),
  ),
  tensorrt(
    "clock",
    "The engine's stamps are of the same kind of clock, and first tokens are seen at most one step (50 ms) later.",
    {},
    (record) => clockFault(record, 50),
  ),
  tensorrt(
    "prefix",
    "No block of the KV cache is reused unless the study wants it.",
    {},
    noReuse("reused_blocks"),
  ),
  tensorrt(
    "reuse",
    "With enable_block_reuse, repeated prompts do reuse blocks: what is turned off is what is measured.",
    { kv_cache_config: { enable_block_reuse: true } },
    (record) =>
      faultOf(Number(at(record, "measurement.metrics.prefix_cache.reused_blocks")) > 0, "no block reused"),
  ),
  tensorrt(
    "beams",
    "A beam search gives exactly as many tokens as asked.",
    { beam_search: { beam_width: 2 } },
    () => null,
  ),
  tensorrt(
    "speculation",
    "Speculative decoding by n-grams gives exactly as many tokens as asked.",
    { speculative_config: { decoding_type: "NGram", max_draft_len: 4 } },
    (record) => faultOf(typeof at(record, "measurement.settings.speculative") === "string", "no speculation"),
  ),
  {
    ...tensorrt(
      "tensor-parallel",
      "Over two GPUs Open MPI starts processes of the engine, and a run completes.",
      { tp_size: 2 },
      (record) => faultOf(at(record, "measurement.settings.engine_processes") === true, "no processes"),
    ),
    gpus: 2,
  },
];

function noReuse(field: string): GpuCheck["fault"] {
  return (record) => {
    const found = at(record, `measurement.metrics.prefix_cache.${field}`);
    return faultOf(found === 0, `${field} is ${JSON.stringify(found)}`);
  };
}

function clockFault(record: JsonObject, mostMs: number): string | null {
  const median = at(record, "measurement.metrics.engine_clock.ttft_difference_ms.median");
  return faultOf(
    typeof median === "number" && Math.abs(median) <= mostMs,
    `the median is ${JSON.stringify(median)} ms`,
  );
}

function faultOf(holds: boolean, fault: string): string | null {
  return holds ? null : fault;
}

function at(record: JsonObject, path: string): Json | undefined {
  return path.split(".").reduce<Json | undefined>(
    (value, key) => isJsonObject(value) ? value[key] : undefined,
    record,
  );
}
