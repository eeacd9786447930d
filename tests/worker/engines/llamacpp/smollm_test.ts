/** A real model, where it was fetched: what random weights cannot show. */
import assert from "node:assert/strict";
import { type Changes, REPOSITORY, runOnce } from "../../worker_process.ts";

const MODEL = "models/SmolLM2-135M-Instruct.Q4_1.gguf";
const isThere = exists(REPOSITORY + MODEL);
if (!isThere) {
  console.error(`tests with a real model are left out: ${MODEL} is not there (scripts/fetch-model)`);
}

const config: Changes["config"] = { model: MODEL, dataset: { n: 4, input_len: 32, output_len: 12, seed: 3 } };

Deno.test("SmolLM2: exact lengths and equal output alone and in a batch of four", {
  ignore: !isThere,
}, async () => {
  const hashes = [];
  for (const n_parallel of [1, 4]) {
    const { requests, result, error } = await runOnce({ config, llamacpp: { n_parallel } });
    assert.equal(error, undefined, error?.message);
    assert.ok(
      requests.every(({ input_tokens, output_tokens }) => input_tokens === 32 && output_tokens === 12),
    );
    assert.equal(result?.model?.["n_params"], 134_515_008);
    assert.equal(result.model["ftype"], "Q4_1");
    hashes.push(result.metrics?.["output_hash"]);
  }
  assert.equal(hashes[0], hashes[1]);
});

Deno.test("SmolLM2: a text ends where the model ends it, be it before the first token", {
  ignore: !isThere,
}, async () => {
  const prompts = ["Thank you and goodbye.", "user\nSay hello.\nassistant\nHello! How can I help you today?"];
  const { requests, error } = await runOnce({
    prompts,
    config: { ...config, dataset: "own.jsonl", n: 2, max_output_tokens: 100 },
    llamacpp: { n_parallel: 2 },
  });
  assert.equal(error, undefined, error?.message);
  const [some, none] = requests;
  assert.ok(some !== undefined && some.output_tokens > 0 && some.output_tokens < 100);
  assert.equal(some.itl_ms.length, some.output_tokens - 1);
  assert.deepEqual([none?.output_tokens, none?.ttft_ms, none?.itl_ms], [0, null, []]);
  assert.ok((none?.e2e_ms ?? 0) > 0);
});

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
