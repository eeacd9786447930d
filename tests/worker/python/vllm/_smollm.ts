/** A real model in vLLM: the work that PyTorch is given, and the same text as far as their numbers agree. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import type { JsonObject } from "../../../../lib/base/json.ts";
import { type Need, testWith } from "../../../support/needs.ts";
import { pythonAssignment } from "../../../support/python_worker.ts";
import { VLLM_PYTHON, vllmAssignment } from "../../../support/vllm_worker.ts";
import { REPOSITORY, type Said } from "../../../support/worker_process.ts";
import { writePromptsFile } from "../../worker_process.ts";
import { sharedRuns } from "./_shared_runs.ts";

const FOLDER = `${REPOSITORY}models/SmolLM2-135M-Instruct`;
const MODEL: Need = {
  what: "SmolLM2 (scripts/fetch-model smollm2-pytorch)",
  isMet: () => existsSync(`${FOLDER}/model.safetensors`),
};
/** The engines round differently, so their texts part some day. */
const EQUAL_TOKENS = 4;

const runs = sharedRuns(() => {
  if (!MODEL.isMet()) return [];
  const inputs = {
    prompts: writePromptsFile([
      "The capital of France is",
      "In 1969, 2 men walked on the moon. Their names were",
    ]),
  };
  const config = { dataset: { jsonl: "prompts.jsonl" }, n: 2, max_output_tokens: 12 };
  return [
    pythonAssignment(FOLDER, { config, inputs, pytorch: { batch_size: 2 } }),
    // The first request of an engine waits for what is made only then: not one of these two.
    vllmAssignment(FOLDER, { config: { ...config, warmup: { n_warmup: 1 } }, inputs }),
  ];
});

testWith(
  [MODEL, VLLM_PYTHON],
  "SmolLM2: vllm is given the tokens of pytorch and says the same, with times of its own clock",
  async () => {
    const [pytorch, vllm] = await runs();
    const [theirs, ours] = [metricsOf(pytorch), metricsOf(vllm)];
    assert.equal(ours["input_hash"], theirs["input_hash"]);
    assert.deepEqual(beginning(ours), beginning(theirs));
    assert.match(String((ours["sample_output"] as JsonObject)["text"]), /Paris/);
    const { median } = (ours["engine_clock"] as JsonObject)["ttft_difference_ms"] as JsonObject;
    // On a busy machine; scripts/bench holds it to 2 ms on a quiet one.
    assert.ok(Number(median) < 100, String(median));
    assert.ok(Number(ours["prefill_tokens_per_s"]) > 0 && Number(ours["decode_tokens_per_s"]) > 0);
  },
);

function metricsOf(said: Said | undefined): JsonObject {
  assert.equal(said?.error, undefined, said?.error?.message);
  return said?.result?.metrics ?? {};
}

function beginning(metrics: JsonObject): unknown {
  const ids = (metrics["sample_output"] as JsonObject)["token_ids"];
  return Array.isArray(ids) ? ids.slice(0, EQUAL_TOKENS) : ids;
}
