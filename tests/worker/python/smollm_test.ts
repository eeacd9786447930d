/** The same real model in both engines: equal work in, and the same text out as far as their numbers agree. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import type { JsonObject } from "../../../lib/base/json.ts";
import { type Need, testWith } from "../../support/needs.ts";
import { pythonAssignment, runPythonMany } from "../../support/python_worker.ts";
import { REPOSITORY, type Said } from "../../support/worker_process.ts";
import { runOnce, writePromptsFile } from "../worker_process.ts";

const GGUF = "models/SmolLM2-135M-Instruct.Q4_1.gguf";
const FOLDER = `${REPOSITORY}models/SmolLM2-135M-Instruct`;
const MODEL: Need = {
  what: "SmolLM2 (scripts/fetch-model smollm2-pytorch)",
  isMet: () => existsSync(REPOSITORY + GGUF) && existsSync(`${FOLDER}/model.safetensors`),
};
const PROMPTS = ["The capital of France is", "In 1969, 2 men walked on the moon. Their names were"];
/** The engines round differently, so their texts part some day. */
const EQUAL_TOKENS = 4;

testWith(
  [MODEL],
  "SmolLM2: pytorch and llamacpp are given the same tokens and begin the same text",
  async () => {
    const prompts = writePromptsFile(PROMPTS);
    const written = { dataset: { jsonl: "prompts.jsonl" }, n: 2, max_output_tokens: 12 };
    const synthetic = { dataset: { n: 3, input_len: 40, output_len: 4, seed: 11 } };
    const pytorch = await runPythonMany([
      pythonAssignment(FOLDER, { config: written, inputs: { prompts }, pytorch: { batch_size: 2 } }),
      pythonAssignment(FOLDER, { config: synthetic }),
    ]);
    for (const [index, config] of [written, synthetic].entries()) {
      const theirs = metricsOf(pytorch[index]);
      const given = config === written ? { prompts: PROMPTS } : {};
      const ours = metricsOf(
        await runOnce({ config: { model: GGUF, ...config }, llamacpp: { n_parallel: 2 }, ...given }),
      );
      assert.equal(theirs["input_hash"], ours["input_hash"]);
      if (index === 0) assert.deepEqual(beginning(theirs), beginning(ours));
    }
    assert.match(String((metricsOf(pytorch[0])["sample_output"] as JsonObject)["text"]), /Paris/);
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
