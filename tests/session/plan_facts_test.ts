import assert from "node:assert/strict";
import { gapFacts, type PlanningPlace } from "../../lib/session/plan_facts.ts";
import { configOf } from "../support/plans.ts";

const GPU_GAPS = { experiment_s: 60, cycle_s: 300 };

function facts(place: Partial<PlanningPlace> = {}): ReturnType<typeof gapFacts> {
  return gapFacts({ env: {}, base_dir: "/", devices: [], has_gpu: true, ...place });
}

Deno.test("gapFacts() asks the engines which runs hold a GPU on a machine that has one", () => {
  const { gaps, holdsGpu = () => true } = facts();
  assert.deepEqual(gaps, GPU_GAPS);
  const holds = (draft: Parameters<typeof configOf>[0]): boolean => holdsGpu(configOf(draft));
  // The library inside the program computes on the CPU.
  assert.equal(holds({ backend: "llamacpp", model: "tiny-random" }), false);
  assert.equal(holds({ backend: "llamacpp", model: "m", llamacpp: { library_dir: "/opt/gpu" } }), true);
  assert.equal(holds({ backend: "pytorch", model: "m" }), true);
  assert.equal(holds({ backend: "pytorch", model: "m", pytorch: { device_map: "cpu" } }), false);
  assert.equal(holds({}), false, "a worker of the user's own, and no device named");
  assert.equal(facts({ devices: ["0"] }).holdsGpu?.(configOf()), true);
});

Deno.test("gapFacts() leaves no gaps where there is no GPU or where all are hidden from the runs", () => {
  const none = { experiment_s: 0, cycle_s: 0 };
  assert.deepEqual(facts({ has_gpu: false }).gaps, none);
  assert.deepEqual(facts({ env: { CUDA_VISIBLE_DEVICES: "-1" } }).gaps, none);
  assert.deepEqual(facts({ env: { CUDA_VISIBLE_DEVICES: "" } }).gaps, none);
  assert.deepEqual(facts({ env: { CUDA_VISIBLE_DEVICES: "" }, devices: ["0"] }).gaps, GPU_GAPS);
  assert.deepEqual(facts({ env: { CUDA_VISIBLE_DEVICES: "0" } }).gaps, GPU_GAPS);
  // In a job the list may be hidden.
  assert.deepEqual(facts({ env: { CUDA_VISIBLE_DEVICES: "", SLURM_JOB_ID: "7" } }).gaps, GPU_GAPS);
});
