/** Settings of a real vLLM: what it is given, what it computes with, and what it replaces without a word. */
import assert from "node:assert/strict";
import type { JsonObject } from "../../../../lib/base/json.ts";
import {
  testWithVllm,
  vllmAssignment,
  type VllmChanges,
  writeVllmModel,
} from "../../../support/vllm_worker.ts";
import type { Said } from "../../../support/worker_process.ts";
import { sharedRuns } from "./_shared_runs.ts";

/** Studies that fail, by their error. Those below the line are refused before anything is loaded. */
const REFUSED: readonly (readonly [changes: VllmChanges, error: RegExp])[] = [
  [
    { engine: { attention: { backend: "FLASH_ATTN" } } },
    /^unsupported_setting: vllm\.engine\.attention\.backend is FLASH_ATTN, but vLLM computes with CPU_ATTN/,
  ],
  [
    { engine: { async_scheduling: true } },
    /^unsupported_setting: vllm\.engine\.async_scheduling is True, but vLLM computes with False/,
  ],
  [
    { engine: { compilation_config: { mode: 3 } } },
    /^unsupported_setting: vllm\.engine\.compilation_config\.mode is 3, but vLLM computes with NONE/,
  ],
  // ---
  [{ engine: { cpu_offload_gb: 1 } }, /^unsupported_setting: vllm\.engine\.cpu_offload_gb .* on the CPU/],
  [
    { engine: { pipeline_parallel_size: 2 } },
    /^unsupported_setting: vllm\.engine\.pipeline_parallel_size: .* Use vllm\.engine\.tensor_parallel_size/,
  ],
  [{ engine: { enable_dbx: true } }, /^bad_setting: vLLM [\d.]+ has no setting .*"enable_dbo"/],
  [{ engine: { quantization: "fp9" } }, /^unsupported_setting: vLLM [\d.]+ does not know .* It has .*fp8/],
  [{ engine: { kv_cache_dtype: "fp8_e5m3" } }, /^unsupported_setting: .*"fp8_e5m2"/],
  [{ engine: { attention: { bakkend: "x" } } }, /^bad_setting: .*"backend"/],
  [{ engine: { speculative_config: { metod: "ngram" } } }, /^bad_setting: .*"method"/],
  [{ engine: { compilation_config: { cudagraf_mode: 1 } } }, /^bad_setting: .*"cudagraph_mode"/],
];

/** One that is taken: much is asked, nothing of it replaced. */
const TAKEN: VllmChanges = {
  config: { passthrough_kwargs: { scheduling_policy: "priority" } },
  engine: {
    max_model_len: null,
    swap_space: 4,
    block_size: 64,
    max_num_seqs: 5,
    max_num_batched_tokens: 64,
    enable_prefix_caching: true,
    load_format: "dummy",
    kv_cache_dtype: "auto",
    disable_custom_all_reduce: false,
    compilation_config: { cudagraph_mode: "NONE" },
  },
  vllm: { sampling: { presence_penalty: 0.5, max_tokens: 6 } },
};

const runs = sharedRuns((folder) => {
  const model = writeVllmModel(`${folder}/model`);
  return [TAKEN, ...REFUSED.map(([one]) => one)].map((one) => vllmAssignment(model, one));
});

testWithVllm(
  "the live engine's settings are recorded, and a run is refused that would not be as asked",
  async () => {
    const [taken, ...refused] = await runs();
    assert.equal(refused.length, REFUSED.length);
    refused.forEach((said, index) => assert.match(errorOf(said), REFUSED[index]?.[1] ?? /^$/));

    const result = taken?.frames.find((frame) => frame.type === "result");
    assert.ok(taken !== undefined && result?.type === "result", taken?.stderr);
    const { resolved, ...settings } = result.settings as Readonly<Record<string, JsonObject>>;
    // Three prompts of 12 tokens with answers of 6: nothing longer is in the workload.
    assert.equal(settings.max_model_len, 18);
    assert.deepEqual(settings.attention, ["CPU_ATTN"]);
    const { model_config, cache_config, scheduler_config, attention_config } = resolved as Readonly<
      Record<string, JsonObject>
    >;
    assert.equal(model_config?.dtype, "float32");
    assert.equal(model_config?.enforce_eager, true);
    assert.equal(cache_config?.block_size, 64);
    assert.equal(scheduler_config?.policy, "priority");
    assert.equal(scheduler_config?.max_num_seqs, 5);
    assert.ok(attention_config !== undefined);
    const text = JSON.stringify(resolved);
    assert.ok(text.length < 10_000, `${text.length} characters`);
    assert.ok(!/hf_token|null|_port"/.test(text));
    const notes = taken.frames.filter((frame) => frame.type === "note").map((frame) => frame.code);
    assert.ok(notes.includes("setting_left_out"));
  },
);

function errorOf({ frames, stderr }: Said): string {
  const error = frames.find((frame) => frame.type === "error");
  return error?.type === "error" ? `${error.error_type}: ${error.message}` : `no error: ${stderr}`;
}
