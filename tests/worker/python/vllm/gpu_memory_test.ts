/** Memory of an engine on GPUs, told by a stand-in for torch's allocator and vLLM's worker: there is no GPU here. */
import assert from "node:assert/strict";
import type { JsonObject } from "../../../../lib/base/json.ts";
import { PYTHON_FOLDER, testPython } from "../../../support/python_worker.ts";

const PROGRAM = `
import json, sys, types
from types import SimpleNamespace

import torch

envs = types.ModuleType("vllm.envs")
envs.VLLM_MEMORY_PROFILER_ESTIMATE_CUDAGRAPHS = True
platforms = types.ModuleType("vllm.platforms")
platforms.current_platform = SimpleNamespace(is_cuda_alike=lambda: True, device_count=lambda: 2)
vllm = types.ModuleType("vllm")
vllm.LLM, vllm.envs, vllm.platforms = object, envs, platforms
sys.modules.update({"vllm": vllm, "vllm.envs": envs, "vllm.platforms": platforms})

from llem_worker.engines.vllm.memory import MemoryWatch
from llem_worker.engines.vllm.worker_extension import WorkerExtension

segments = [
    {"device": 0, "segment_pool_id": (0, 0), "total_size": 900},
    {"device": 0, "segment_pool_id": (0, 1), "total_size": 30},
    {"device": 0, "segment_pool_id": (0, 2), "total_size": 12},
    {"device": 1, "segment_pool_id": (0, 1), "total_size": 40},
]
torch.cuda.memory_snapshot = lambda: segments
torch.cuda.memory_allocated = lambda device: 700 + device.index
torch.cuda.max_memory_allocated = lambda device: 800 + device.index
torch.cuda.max_memory_reserved = lambda device: 850
torch.cuda.reset_peak_memory_stats = lambda device: None
torch.cuda.get_device_properties = lambda device: SimpleNamespace(total_memory=1000)

def worker(index, **fields):
    made = WorkerExtension()
    made.rank, made.device = index, torch.device("cuda", index)
    # Two layers in one storage, as newer releases have them.
    whole = torch.zeros(64, dtype=torch.int8)
    runner = {"model_memory_usage": 500.0, "kv_caches": [whole[:32], [whole[32:]]]}
    made.model_runner = SimpleNamespace(**{**runner, **fields.pop("runner", {})})
    made.cache_config = SimpleNamespace(kv_cache_memory_bytes=None)
    made.model_config = SimpleNamespace(enable_sleep_mode=False)
    made.__dict__.update(fields)
    return made

class Engine:
    def __init__(self, *workers, tokens=None):
        self.workers = workers
        cache = SimpleNamespace(num_gpu_blocks=4, block_size=16, kv_cache_size_tokens=tokens)
        self.llm_engine = SimpleNamespace(vllm_config=SimpleNamespace(cache_config=cache))

    def collective_rpc(self, method):
        return [getattr(worker, method)() for worker in self.workers]

def told(engine):
    watch = MemoryWatch(engine, 123)
    watch.reset_peak()
    return watch.read()

new = {"peak_activation_memory": 100, "cudagraph_memory_estimate": 60, "total_consumed": 600}
old = {"peak_activation_memory": 100, "non_torch_memory": 7}
fixed = worker(0, cache_config=SimpleNamespace(kv_cache_memory_bytes=64))
broken = worker(0, runner={"kv_caches": None, "model_memory_usage": "much"})
print(json.dumps({
    "new": told(Engine(worker(0, **new), worker(1, **new), tokens=60)),
    "old": told(Engine(worker(0, **old))),
    "fixed": told(Engine(fixed)),
    "broken": told(Engine(broken)),
    "sleeping": told(Engine(worker(0, model_config=SimpleNamespace(enable_sleep_mode=True)))),
    "silent": told(Engine(object())),
}))
`;

function told(): Readonly<Record<string, JsonObject>> {
  const { success, stdout } = new Deno.Command(testPython(), {
    args: ["-c", PROGRAM],
    env: { PYTHONPATH: PYTHON_FOLDER, OMP_NUM_THREADS: "1" },
    stderr: "inherit",
  }).outputSync();
  assert.ok(success);
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test("memory on GPUs is told by part and device, whatever a release keeps; one that tells nothing fails no run", () => {
  const { new: newer = {}, old = {}, fixed = {}, broken = {}, sleeping = {}, silent = {} } = told();
  assert.deepEqual(newer["parts"], {
    weights_bytes: 1000,
    kv_cache_bytes: 128,
    // Without the graphs that this release counts among them.
    activations_bytes: 80,
    graphs_bytes: 42 + 40,
    non_torch_bytes: null,
  });
  const { model_bytes, peak_bytes, inference_bytes, method, kv_cache, weights_from, peak_since } = newer;
  assert.deepEqual([model_bytes, peak_bytes, inference_bytes], [1000, 1601, 601]);
  assert.deepEqual([method, weights_from, peak_since], ["cuda_allocator", "engine", "measure"]);
  assert.deepEqual(kv_cache, { blocks: 4, block_size: 16, tokens: 60 });
  const [first] = newer["per_device"] as JsonObject[];
  assert.deepEqual(
    [first?.["device"], first?.["held_bytes"], first?.["peak_bytes"], first?.["total_bytes"]],
    ["cuda:0", 700, 800, 1000],
  );

  const partsOf = (memory: JsonObject): JsonObject => memory["parts"] as JsonObject;
  const reasonsOf = (memory: JsonObject): JsonObject => memory["parts_reasons"] as JsonObject;
  assert.deepEqual([partsOf(old)["activations_bytes"], partsOf(old)["non_torch_bytes"]], [100, 7]);
  assert.deepEqual(old["kv_cache"], { blocks: 4, block_size: 16, tokens: 64 });
  assert.equal(partsOf(fixed)["activations_bytes"], null);
  assert.match(String(reasonsOf(fixed)["activations_bytes"]), /^kv_cache_memory_bytes sets/);
  assert.equal(partsOf(sleeping)["graphs_bytes"], null);
  assert.match(String(reasonsOf(sleeping)["graphs_bytes"]), /^with enable_sleep_mode/);
  // The weights as counted; a part that cannot be read costs no other.
  assert.deepEqual([partsOf(broken)["weights_bytes"], broken["weights_from"]], [123, "files"]);
  assert.deepEqual([partsOf(broken)["kv_cache_bytes"], partsOf(broken)["graphs_bytes"]], [null, 42]);
  assert.deepEqual([silent["model_bytes"], silent["peak_bytes"]], [123, null]);
  assert.match(String(reasonsOf(silent)["all"]), /AttributeError/);
  assert.equal(silent["peak_since"], "start of the process");
});
