/** What a run with a real vLLM says of its memory, its counters and its model, in a KV cache that is too small for it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { JsonObject } from "../../../../lib/base/json.ts";
import type { ResultFrame } from "../../../../lib/protocol/frame.ts";
import {
  testWithVllm,
  vllmAssignment,
  type VllmChanges,
  writeVllmModel,
} from "../../../support/vllm_worker.ts";
import type { Said } from "../../../support/worker_process.ts";
import { sharedRuns } from "./_shared_runs.ts";

/** Of each layer, keys and values: 2 heads of 32 numbers of 4 bytes. */
const TOKEN_BYTES = 2 * 2 * 2 * 32 * 4;
const BLOCK = 32;
/** 12 requests of 3 blocks each do not fit at once. */
const BLOCKS = 19;

const FULL: VllmChanges = {
  config: { dataset: { n: 12, input_len: 20, output_len: 60, seed: 1 } },
  engine: { kv_cache_memory_bytes: BLOCKS * BLOCK * TOKEN_BYTES, block_size: BLOCK, max_model_len: 128 },
};

function resultOf({ error, result, stderr }: Said): ResultFrame & { readonly metrics: JsonObject } {
  assert.equal(error, undefined, error?.traceback ?? error?.message);
  assert.ok(result?.metrics !== undefined, stderr);
  return { ...result, metrics: result.metrics };
}

const runs = sharedRuns((folder) => [vllmAssignment(writeVllmModel(join(folder, "model")), FULL)]);

async function full(): Promise<Said> {
  const [run] = await runs();
  assert.ok(run !== undefined);
  return run;
}

testWithVllm("memory is told by part; what a CPU does not tell is null, with a reason", async () => {
  const { memory = {}, model = {} } = resultOf(await full());
  const weights_bytes = 137_792 * 4;
  assert.deepEqual([model["parameters"], model["bytes"], memory["model_bytes"]], [
    137_792,
    weights_bytes,
    weights_bytes,
  ]);
  assert.deepEqual(memory["parts"], {
    weights_bytes,
    kv_cache_bytes: BLOCKS * BLOCK * TOKEN_BYTES,
    activations_bytes: null,
    graphs_bytes: null,
    non_torch_bytes: null,
  });
  assert.deepEqual(
    Object.keys(memory["parts_reasons"] as JsonObject).sort(),
    ["activations_bytes", "graphs_bytes", "non_torch_bytes"],
  );
  assert.deepEqual(memory["kv_cache"], { blocks: BLOCKS, block_size: BLOCK, tokens: BLOCKS * BLOCK });
  const { peak_bytes, loaded_rss_bytes, inference_bytes, peak_since, processes } = memory;
  assert.equal(inference_bytes, Number(peak_bytes) - Number(loaded_rss_bytes));
  assert.deepEqual([peak_since, processes], ["measure", 1]);
});

testWithVllm(
  "the engine's counters are those of the measured window; requests that were put back are warned of",
  async () => {
    const run = await full();
    const { metrics } = resultOf(run);
    const counters = metrics["counters"] as JsonObject;
    const { prompt_tokens, generation_tokens, running_max, kv_cache_usage_max, speculation, reason } =
      counters;
    assert.deepEqual([prompt_tokens, generation_tokens], [240, 720]);
    assert.deepEqual([running_max, kv_cache_usage_max, speculation, reason], [12, 1, null, undefined]);
    for (const name of ["preemptions", "iterations", "waiting_max"]) {
      assert.ok(Number(counters[name]) > 0, name);
    }
    // Steps that gave further tokens computed prompts again.
    assert.match(String(metrics["phases_reason"]), /put back/);
    assert.deepEqual([metrics["prefill_tokens_per_s"], metrics["decode_tokens_per_s"]], [null, null]);
    const [note] = run.notes.filter(({ code }) => code === "preemptions");
    assert.match(String(note?.text), /^The KV cache was full: .* Raise gpu_memory_utilization/);
  },
);

testWithVllm(
  "operations are counted by the shapes in the model's files, as another engine counts them",
  async () => {
    const { flops } = resultOf(await full()).metrics;
    const { parameters_counted, total, per_s } = flops as JsonObject;
    // Two layers of q, k, v, o of 4 + 2 + 2 + 4 heads and three matrices of the MLP; and the head.
    assert.equal(parameters_counted, 2 * (12 * 32 * 64 + 3 * 128 * 64) + 306 * 64);
    assert.ok(Number(total) > 0);
    // Prompts were computed again, which is in the time and not in the count.
    assert.equal(per_s, null);
  },
);
