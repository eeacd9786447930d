/**
 * Failures of a real vLLM, each in a fork of one process that has imported it: under which name a study hears of them,
 * and what it says to do. The usual run takes the first and cheapest of them, `scripts/test --slow` all.
 */
import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "../../../../lib/base/json.ts";
import { allProcesses } from "../../../../lib/process/proc_stat.ts";
import { sized } from "../../../support/sampled.ts";
import {
  runVllm,
  testWithVllm,
  vllmAssignment,
  type VllmChanges,
  writeVllmModel,
} from "../../../support/vllm_worker.ts";
import { TempFolder } from "../../../support/temp_folder.ts";
import { sharedRuns } from "./_shared_runs.ts";

interface Case {
  readonly name: string;
  readonly changes?: VllmChanges;
  /** Makes the run's copy of the model what it should not be. */
  readonly damage?: (model: string) => void;
  /** The model is this file of its folder. */
  readonly file?: string;
  readonly type: string;
  /** What the message says: what, where, remedy. */
  readonly says: RegExp;
}

const HAS_AVX512 = /\bavx512f\b/.test(Deno.readTextFileSync("/proc/cpuinfo"));

/** How many of them the usual run takes; each costs half a second or less. */
const USUAL = 14;

const CASES: readonly Case[] = [
  {
    name: "the usual decoder, which samples with top_k, beside speculation on a CPU",
    changes: {
      config: { decoder: { do_sample: true, temperature: 1, top_k: 50 } },
      engine: { speculative_config: { method: "ngram", num_speculative_tokens: 3, prompt_lookup_max: 3 } },
    },
    type: "unsupported_setting",
    says: /does not sample with top_k where top_p is 1: .*Set decoder\.top_k: 0, or decode greedily/,
  },
  {
    name: "a length beyond the model's",
    changes: { engine: { max_model_len: 100_000 } },
    type: "bad_setting",
    says: /^vllm\.engine\.max_model_len is 100000, but the model takes at most 2048 tokens\. Lower it\.$/,
  },
  {
    name: "no weights",
    damage: (model) => Deno.removeSync(join(model, "model.safetensors")),
    type: "model_failed",
    says: /^\/.* has no weights that vLLM reads .*Download the model again/,
  },
  {
    name: "weights that are cut off",
    damage: (model) => Deno.truncateSync(join(model, "model.safetensors"), 100_000),
    type: "model_failed",
    says: /damaged or not complete: .*incomplete metadata.* Download the model again/,
  },
  {
    name: "a pointer of git-lfs in place of weights",
    damage: (model) => Deno.writeTextFileSync(join(model, "model.safetensors"), LFS_POINTER),
    type: "model_failed",
    says: /damaged or not complete: .*git lfs pull/,
  },
  {
    name: "a GGUF file in place of the model's description",
    damage: (model) => Deno.writeTextFileSync(join(model, "config.json"), "GGUF\x03\0\0\0"),
    type: "model_failed",
    says:
      /config\.json' is not a valid JSON file\. vLLM loads a folder .* not a GGUF file: .*backend: llamacpp/,
  },
  {
    name: "a GGUF file as the model",
    damage: (model) => Deno.writeTextFileSync(join(model, "x.gguf"), "GGUF\x03\0\0\0"),
    file: "x.gguf",
    type: "unsupported_model",
    says: /x\.gguf is a GGUF file, .* loads folders with safetensors\. Name such a folder/,
  },
  {
    name: "no description of the model",
    damage: (model) => Deno.removeSync(join(model, "config.json")),
    type: "model_not_found",
    says: /^vLLM finds no model at \/.*: it is neither a folder with a config\.json nor .*Correct it/,
  },
  {
    name: "an architecture that this release does not have",
    damage: (model) => changeConfig(model, { architectures: ["QuuxForCausalLM"] }),
    type: "unsupported_model",
    says:
      /^vLLM \d\S+ does not know the architecture QuuxForCausalLM\. Install a newer vLLM, or use another model\.$/,
  },
  {
    name: "no tokenizer",
    damage: (model) => {
      for (const name of ["tokenizer.json", "tokenizer_config.json"]) Deno.removeSync(join(model, name));
    },
    type: "tokenizer_missing",
    says: /tokenizer\.json/,
  },
  {
    name: "a batch below a sequence without chunked prefill",
    changes: { engine: { enable_chunked_prefill: false, max_num_batched_tokens: 128 } },
    type: "bad_setting",
    says: /max_num_batched_tokens 128 is below max_model_len 256.* enable_chunked_prefill: true\.$/,
  },
  {
    name: "a quantisation that the model's files do not have",
    changes: { engine: { quantization: "awq" } },
    type: "bad_setting",
    says: /quantization is awq, but the model was not quantised with it/,
  },
  {
    name: "a quantisation that does not compute in fp32",
    changes: { engine: { quantization: "fp8" } },
    type: "bad_setting",
    says: /quantization: fp8 does not compute in fp32\. .*: bf16, fp16\.$/,
  },
  {
    name: "a KV cache for less than one request",
    changes: { engine: { kv_cache_memory_bytes: 300_000, max_model_len: 2048 } },
    type: "kv_cache_too_small",
    says: /one request of 2048 tokens .*; about 128 tokens fit\. Lower max_model_len to 128 or less/,
  },
  {
    name: "no room for a KV cache at all",
    changes: { engine: { kv_cache_memory_bytes: 1000 } },
    type: "kv_cache_too_small",
    says: /no memory is left for the KV cache\. Raise vllm\.engine\.gpu_memory_utilization/,
  },
  {
    name: "several settings below their least",
    changes: { engine: { stream_interval: 0, long_prefill_token_threshold: -1 } },
    type: "bad_setting",
    says:
      /long_prefill_token_threshold = -1: Input should be greater than or equal to 0; vllm\.engine\.stream_interval = 0: Input should be .* 1\. Correct it/,
  },
  {
    name: "a word in place of a number",
    changes: { engine: { max_logprobs: "many" } },
    type: "bad_setting",
    says: /vllm\.engine\.max_logprobs = 'many': Input should be a valid integer/,
  },
  {
    name: "heads that the GPUs do not divide",
    changes: { engine: { tensor_parallel_size: 3 } },
    type: "bad_setting",
    says:
      /4 attention heads, which vllm\.engine\.tensor_parallel_size 3 does not divide\. Choose a divisor of 4/,
  },
  {
    name: "blocks that no attention kernel here takes",
    changes: { engine: { block_size: 8 } },
    type: "bad_setting",
    says: /block_size 8 suits none of the attention kernels here \(CPU_ATTN: \[MultipleOf\(32\)\]\)/,
  },
  ...HAS_AVX512 ? [] : [{
    name: "a KV cache in 8 bits on a CPU without the instructions",
    changes: { engine: { kv_cache_dtype: "fp8" } },
    type: "unsupported_setting",
    says: /FP8 KV cache on CPU requires|^vLLM/,
  }],
  {
    name: "a way of loading that nobody has",
    changes: { engine: { load_format: "nope" } },
    type: "bad_setting",
    says: /Load format `nope` is not supported\. Correct it/,
  },
  {
    name: "a method of speculation that nobody has",
    changes: { engine: { speculative_config: { method: "nope", num_speculative_tokens: 3 } } },
    type: "bad_setting",
    says: /speculative_config\.method = 'nope': Input should be 'ngram'/,
  },
  {
    name: "a repository that is not in the cache, offline",
    changes: { config: { model: "nobody/nothing" } },
    type: "model_not_cached",
    says: /not in the cache of the hub.*hf download/,
  },
  {
    name: "a name that no repository can have",
    changes: { config: { model: "a b" } },
    type: "model_not_found",
    says: /^vLLM finds no model at a b/,
  },
  {
    name: "a folder that is not there",
    changes: { config: { model: "/nowhere/model" } },
    type: "model_not_found",
    says: /There is no model at \/nowhere\/model/,
  },
  {
    name: "a kind of model that transformers does not know",
    damage: (model) => changeConfig(model, { model_type: "quux" }),
    type: "unsupported_model",
    says: /does not know the architecture quux/,
  },
  {
    name: "a model with code of its own",
    damage: (model) => changeConfig(model, { model_type: "mine", auto_map: { AutoConfig: "code.Config" } }),
    type: "remote_code",
    says: /Read that code: .*trust_remote_code: true/,
  },
  {
    name: "heads of a width without a kernel",
    damage: (model) => changeConfig(model, { head_dim: 16 }),
    type: "unsupported_model",
    says: /no attention kernel for heads of width 16/,
  },
  {
    name: "another vocabulary than that of the weights",
    damage: (model) => changeConfig(model, { vocab_size: 100 }),
    type: "model_failed",
    says: /do not fit the model's config\.json: AssertionError/,
  },
  {
    name: "another width than that of the weights",
    damage: (model) => changeConfig(model, { hidden_size: 128 }),
    type: "model_failed",
    says: /do not fit the model's config\.json: RuntimeError: The size of tensor a/,
  },
  {
    name: "more layers than the weights have",
    damage: (model) => changeConfig(model, { num_hidden_layers: 4 }),
    type: "model_failed",
    says: /weights were not initialized from checkpoint: .*model\.layers\.2/,
  },
  {
    name: "a tokenizer that is none",
    damage: (model) => Deno.writeTextFileSync(join(model, "tokenizer.json"), "{}"),
    type: "model_failed",
    says: /tokenizer cannot be read: KeyError/,
  },
];

const usual = CASES.slice(0, sized(CASES.length, USUAL));
const runs = sharedRuns((folder) => {
  const whole = writeVllmModel(join(folder, "whole"));
  return usual.map(({ changes, damage, file }, index) => {
    const model = join(folder, `model-${index}`);
    cpSync(whole, model, { recursive: true });
    damage?.(model);
    return vllmAssignment(join(model, file ?? ""), { runDir: folder, ...changes });
  });
});

testWithVllm("every failure of vLLM has a name of ours and says what to do", async () => {
  const said = await runs();
  for (const [index, { name, type, says }] of usual.entries()) {
    const error = said[index]?.error;
    assert.ok(error, `${name}: no error`);
    assert.deepEqual([error.error_type, error.retryable], [type, false], `${name}: ${error.message}`);
    assert.match(error.message, says, name);
    // Of vLLM's pages nothing is left but the line that matters.
    assert.doesNotMatch(error.message, /validation error|For further information|input_type=/, name);
  }
});

if (sized(1, 0) === 1) {
  testWithVllm("what a process of the engine failed of is read back from its log", async () => {
    using temp = new TempFolder();
    const model = writeVllmModel(temp.at("model"));
    const { error, result } = await runVllm(vllmAssignment(model, {
      engine: { tensor_parallel_size: 2, kv_cache_memory_bytes: 300_000, max_model_len: 2048 },
      runDir: temp.path,
    }));
    assert.equal(result, undefined);
    assert.equal(error?.error_type, "kv_cache_too_small");
    assert.match(error?.message ?? "", /about \d+ tokens fit\. Lower max_model_len to \d+ or less/);
    // Of the process that failed, not of the worker that heard of it.
    assert.match(error?.traceback ?? "", /run_engine_core[^]*_check_enough_kv_cache_memory/);
  });

  testWithVllm("a run whose engine is killed ends, says so, and may be tried again", async () => {
    using temp = new TempFolder();
    const model = writeVllmModel(temp.at("model"));
    const assignment = vllmAssignment(model, {
      config: { dataset: { n: 2, input_len: 12, output_len: 1500, seed: 42 } },
      engine: { tensor_parallel_size: 2, max_model_len: 2048 },
      runDir: temp.path,
    });
    const { error, result, phases } = await runVllm(assignment, (frame, worker) => {
      if (frame.type !== "phase" || frame.name !== "measure" || frame.edge !== "begin") return;
      Deno.kill(spawnedBy(worker.pid), "SIGKILL");
    });
    assert.ok(phases.some(({ name }) => name === "measure"));
    assert.deepEqual([result, error?.error_type, error?.retryable], [undefined, "engine_died", true]);
    assert.match(error?.message ?? "", /^(A process of vLLM|vLLM's process \S+) ended during the run/);
  });
}

/** A process that this one, of the engine, has spawned. */
function spawnedBy(parent: number): number {
  const found = [...allProcesses()].find(({ ppid, pid }) => {
    try {
      return ppid === parent && Deno.readTextFileSync(`/proc/${pid}/cmdline`).includes("spawn_main");
    } catch {
      return false; // it has ended
    }
  });
  assert.ok(found !== undefined, `${parent} has spawned nothing`);
  return found.pid;
}

const LFS_POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 12\n`;

function changeConfig(model: string, fields: JsonObject): void {
  const path = join(model, "config.json");
  Deno.writeTextFileSync(path, JSON.stringify({ ...JSON.parse(Deno.readTextFileSync(path)), ...fields }));
}
