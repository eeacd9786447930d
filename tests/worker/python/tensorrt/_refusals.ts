/** What a run of the engine tensorrt cannot be, by cases: the settings, and what the worker says. */
import assert from "node:assert/strict";
import type { JsonObject } from "../../../../lib/base/json.ts";
import { writeEngineFiles } from "../../../support/tensorrt_standin.ts";
import type { TensorrtBench, TensorrtChanges } from "../../../support/tensorrt_worker.ts";
import type { Said } from "../../../support/worker_process.ts";

/** With warm-up and repeats, whose prompts are the same. */
export const WARM: JsonObject = { warmup: { enabled: true, n_warmup: 2 }, measure: { min_seconds: 0.05 } };

export type Refusals = Readonly<
  Record<string, readonly [folder: string, changes: TensorrtChanges, type: string, message: RegExp]>
>;

/** What the installed release does not take or do, and what goes wrong in it. */
export function refusalsOf(bench: TensorrtBench, model: string): Refusals {
  const engine = writeEngineFiles(bench.at("engine"));
  const half = writeEngineFiles(bench.at("half"), { dtype: "float16" });
  const awq = bench.model();
  Deno.writeTextFileSync(`${awq}/hf_quant_config.json`, '{"quantization": {"quant_algo": "W4A16_AWQ"}}');
  const full =
    "Executor creation failed due to insufficient GPU memory.\n\nThe following component could not be " +
    "created: KV cache\nTotal GPU memory (GiB): 23.50\nFree GPU memory before component creation attempt (GiB): 0.35";
  return {
    lora: [model, { config: { lora: { adapter_path: "a" } } }, "unsupported_setting", /runs no adapters/],
    misspelt: [model, section({ max_num_token: 1 }), "bad_setting", /1\.2\.1.*Did you mean max_num_tokens\?/],
    nested: [
      model,
      section({ kv_cache_config: { enable_block_resue: true } }),
      "bad_setting",
      /tensorrt\.kv_cache_config\.enable_block_resue: .* Did you mean enable_block_reuse\?/,
    ],
    nowhere: [
      model,
      passed({ zzz: 1 }),
      "bad_setting",
      /passthrough_kwargs\.zzz: .* Remove it from the study\./,
    ],
    own: [model, passed({ dtype: "float16" }), "bad_setting", /set precision instead/],
    workers: [model, passed({ tokenizer: "x" }), "bad_setting", /the worker sets it itself/],
    twice: [
      model,
      { ...section({ max_num_tokens: 9 }), ...passed({ max_num_tokens: 8 }) },
      "bad_setting",
      /set in the section tensorrt too/,
    ],
    engines: [
      model,
      section({ engine_path: engine, stream_interval: 2 }),
      "bad_setting",
      /with engine files knows/,
    ],
    backend: [model, section({ fast_build: true }), "bad_setting", /PyTorch backend knows no such setting/],
    greedy: [model, section({ sampling: { n: 2 } }), "bad_setting", /n is 2, but decoding is greedy/],
    fp8: [
      model,
      section({ quantization: "fp8" }),
      "unsupported_setting",
      /means FP8, but .* is not quantised/,
    ],
    sq: [awq, section({ quantization: "int8_sq" }), "unsupported_setting", /is quantised with W4A16_AWQ/],
    other: [
      model,
      section({ engine_path: engine, quantization: "fp8" }),
      "unsupported_setting",
      /fp8 means FP8, .* was built without quantisation/,
    ],
    precision: [model, section({ engine_path: half }), "unsupported_setting", /built with dtype float16/],
    width: [
      model,
      section({ engine_path: engine, beam_search: { beam_width: 5 } }),
      "unsupported_setting",
      /max_beam_width: 5 does not fit .* max_beam_width 4/,
    ],
    ranks: [
      model,
      section({ engine_path: engine, tp_size: 2 }),
      "unsupported_setting",
      /does not fit the engine/,
    ],
    none: [model, section({ engine_path: model }), "engine_not_found", /is none of an engine/],
    resolved: [
      bench.model({ resolved: { max_num_tokens: 64 } }),
      section({ max_num_tokens: 512 }),
      "unsupported_setting",
      /max_num_tokens is set to 512, but the engine made it 64/,
    ],
    cut: [bench.model({ cut_at: 4 }), {}, "wrong_length", /Request 0 gave 4 tokens where exactly 6/],
    reuse: [bench.model({ reuses: true }), { config: WARM }, "prefix_cached", /reused \d+ blocks/],
    long: [model, section({ max_num_tokens: 8 }), "prompt_too_long", /Raise tensorrt\.max_num_tokens/],
    memory: [bench.model({ load_error: full }), {}, "cuda_oom", /no room for KV cache; 0\.35 GiB were free/],
    runtime: [
      bench.model({
        load_error: "[TensorRT-LLM][ERROR] CUDA runtime error in ::cudaMallocAsync(ptr, n): out of memory",
      }),
      {},
      "cuda_oom",
      /too little memory: CUDA runtime error .*free_gpu_memory_fraction/,
    ],
    gpu: [
      bench.model({ load_error: "No CUDA GPUs are available" }),
      {},
      "cuda_error",
      /check nvidia-smi and CUDA_VISIBLE_DEVICES/,
    ],
    busy: [
      bench.model({ load_error: "CUDA error: all CUDA-capable devices are busy or unavailable" }),
      {},
      "cuda_error",
      /another program may hold the GPU/,
    ],
    bf16: [
      bench.model({ load_error: "Pre SM 80 GPUs do not support bfloat16" }),
      {},
      "unsupported_setting",
      /set precision: fp16/,
    ],
    few: [
      bench.model({ load_error: "Only 1 GPUs are available, but 2 are required." }),
      {},
      "too_few_gpus",
      /Lower tensorrt\.tp_size/,
    ],
    process: [
      bench.model({ process_error: "CUDA error: no kernel image is available for execution on the device" }),
      {},
      "cuda_error",
      /install a torch that was built for this GPU/,
    ],
    unknown: [
      bench.model({ process_error: "something new" }),
      {},
      "engine_process_failed",
      /A process of the engine failed: something new\. Its first error in worker\.log is the cause/,
    ],
    request: [
      bench.model({ request_error: "CUDA out of memory. Tried" }),
      {},
      "cuda_oom",
      /out of memory.*free_gpu_memory_fraction/,
    ],
  };
}

export function checkRefusals(cases: Refusals, said: Readonly<Record<string, Said>>): void {
  for (const [name, [_folder, _changes, type, message]] of Object.entries(cases)) {
    const { status, error, stderr } = said[name] ?? assert.fail(name);
    assert.deepEqual([status.code, error?.error_type], [1, type], `${name}: ${error?.message}\n${stderr}`);
    assert.match(error?.message ?? "", message, name);
    assert.equal(error?.retryable, name === "busy", name);
  }
}

function section(tensorrt: JsonObject): TensorrtChanges {
  return { tensorrt };
}

function passed(passthrough_kwargs: JsonObject): TensorrtChanges {
  return { config: { passthrough_kwargs } };
}
