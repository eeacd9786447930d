/** A real model, where it was fetched: what random weights cannot show. */
import assert from "node:assert/strict";
import { type Changes, REPOSITORY, runOnce } from "../../worker_process.ts";
import { plainKernels } from "./_plain_kernels.ts";

const MODEL = "models/SmolLM2-135M-Instruct.Q4_1.gguf";
const isThere = exists(REPOSITORY + MODEL);
if (!isThere) {
  console.error(`tests with a real model are left out: ${MODEL} is not there (scripts/fetch-model)`);
}

const config: Changes["config"] = { model: MODEL, dataset: { n: 4, input_len: 32, output_len: 12, seed: 3 } };

Deno.test("SmolLM2: exact lengths and equal output alone and in a batch of four, where kernels round alike", {
  ignore: !isThere,
}, async () => {
  using plain = plainKernels();
  const hashes = [];
  for (const n_parallel of [1, 4]) {
    const llamacpp = { n_parallel, library_dir: plain.path };
    const { requests, result, error } = await runOnce({ config, llamacpp });
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
  const said = turn("The capital of France is Paris.") + "<|im_end|>\n";
  const prompts = [said + turn("The capital of"), said + turn("The capital of France is Paris.")];
  const { requests, error } = await runOnce({
    prompts,
    config: { ...config, dataset: "own.jsonl", n: 2, max_output_tokens: 100 },
    llamacpp: { n_parallel: 2 },
  });
  assert.equal(error, undefined, error?.message);
  const [some, none] = requests;
  assert.deepEqual([some?.output_tokens, some?.itl_ms.length], [4, 3]); // " France is Paris."
  // The step that ended the text is in no time per token of it.
  const betweenMs = (some?.itl_ms ?? []).reduce((sum, ms) => sum + ms, 0);
  assert.ok(Math.abs(Number(some?.tpot_ms) - betweenMs / 3) < 1e-6);
  assert.deepEqual([none?.output_tokens, none?.ttft_ms, none?.itl_ms], [0, null, []]);
  assert.ok((none?.e2e_ms ?? 0) > 0);
});

/**
 * A question and how its answer begins. With the same turn before it there is no doubt about any next token: computed
 * in F32, the best one leads the second by 2.4 logits or more, and the end of the text by 3.8. The kernels of different
 * processors differ by less than 1.
 */
function turn(answer: string): string {
  const question = "What is the capital of France?";
  return `<|im_start|>user\n${question}<|im_end|>\n<|im_start|>assistant\n${answer}`;
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
