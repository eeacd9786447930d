/** Memory by what it was for, from what each engine calls it. */
import assert from "node:assert/strict";
import type { JsonObject } from "../../lib/base/json.ts";
import { memoryOfAll, type MemoryUse, memoryUse } from "../../lib/results/memory_use.ts";
import { measurementOf, recordOf } from "../support/records.ts";

const NOTHING: MemoryUse = {
  weights_bytes: null,
  kv_cache_bytes: null,
  kv_cache_tokens: null,
  activations_bytes: null,
  graphs_bytes: null,
  peak_bytes: null,
  peak_of: "processes",
};

function useOf(memory: JsonObject): MemoryUse | null {
  return memoryUse(recordOf({ measurement: measurementOf({ memory }) }));
}

Deno.test("memoryUse() reads the parts of each engine, and tells nothing where nothing is told", () => {
  const parts = {
    weights_bytes: 10,
    kv_cache_bytes: 20,
    activations_bytes: null,
    graphs_bytes: 5,
    non_torch_bytes: null,
  };
  const kv_cache = { blocks: 4, block_size: 16, tokens: 64 };
  const spread = { model_bytes: 10, peak_bytes: 40, method: "cuda_allocator", parts, kv_cache };
  assert.deepEqual(useOf(spread), {
    ...{ weights_bytes: 10, kv_cache_bytes: 20, kv_cache_tokens: 64, activations_bytes: null },
    ...{ graphs_bytes: 5, peak_bytes: 40, peak_of: "gpus" },
  });
  assert.equal(useOf({ model_bytes: 10, peak_bytes: 40, method: "device_used" })?.peak_of, "gpus");
  const transformers = { weights_bytes: 10, model_bytes: 12, peak_bytes: 40, method: "process_rss" };
  assert.deepEqual(useOf(transformers), { ...NOTHING, weights_bytes: 10, peak_bytes: 40 });
  const ggml = { model_buffer_bytes: 10, kv_bytes: 20, compute_buffer_bytes: 3, peak_rss_bytes: 50 };
  assert.deepEqual(useOf(ggml), {
    ...NOTHING,
    ...{ weights_bytes: 10, kv_cache_bytes: 20, activations_bytes: 3, peak_bytes: 50 },
  });
  assert.equal(useOf({}), null);
  assert.equal(useOf({ weights_bytes: "many", parts: [], kv_cache: null }), null);
  assert.equal(memoryUse(recordOf({ measurement: null })), null);
});

Deno.test("memoryOfAll() takes the parts of the first run and the highest peak", () => {
  const first = { ...NOTHING, weights_bytes: 10, peak_bytes: 40 };
  assert.deepEqual(memoryOfAll([first, { ...first, peak_bytes: 45 }, { ...first, peak_bytes: null }]), {
    ...first,
    peak_bytes: 45,
  });
  assert.deepEqual(memoryOfAll([NOTHING]), NOTHING);
  assert.equal(memoryOfAll([]), null);
});
