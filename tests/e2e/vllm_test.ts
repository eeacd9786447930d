/** Backend vllm from outside: the compiled program, a real vLLM, a tiny model with random weights and a real one. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "../../lib/base/json.ts";
import type { DoctorCheck } from "../../lib/report/doctor_text.ts";
import type { ResultRecord } from "../../lib/results/record.ts";
import { type Need, testWith } from "../support/needs.ts";
import { SLOW } from "../support/sampled.ts";
import {
  testVllmPython,
  testWithVllm,
  VLLM_CACHE,
  VLLM_PYTHON,
  writeVllmModel,
} from "../support/vllm_worker.ts";
import { ended, llem, ran, readResult, ROOT, runFolder, Sandbox, start } from "./llem.ts";

/** The import alone takes ten seconds of a core, and where others use the cores as well a minute. */
const LIMIT_MS = 300_000;
const options = { env: { LLEM_PYTHON: testVllmPython(), ...VLLM_CACHE } };
const SMOLLM2 = join(ROOT, "models", "SmolLM2-135M-Instruct");
const HAS_SMOLLM2: Need = {
  what: "SmolLM2 (scripts/fetch-model smollm2-pytorch)",
  isMet: () => existsSync(join(SMOLLM2, "model.safetensors")),
};

/** Runs a study whose one run is to end well, from a folder of its own; its record. */
async function resultOf(study: string): Promise<ResultRecord> {
  using box = new Sandbox();
  writeVllmModel(join(box.dir, "model"));
  box.write("prompts.jsonl", `${JSON.stringify({ prompt: "The capital of France is" })}\n`);
  const file = box.write("study.yaml", study);
  const child = start(["run", file, "-o", join(box.dir, "out"), "--json"], options);
  const answer = ran(await ended(child, LIMIT_MS));
  assert.equal(answer.code, 0, answer.stderr);
  return readResult(runFolder(answer.dir, 1));
}

function settingsOf({ measurement }: ResultRecord): JsonObject {
  return measurement?.settings as JsonObject;
}

testWithVllm("a study of backend vllm runs, and says what it computed with", async () => {
  const result = await resultOf(`
backend: vllm
model: ./model
precision: fp32
dataset: { n: 3, input_len: 12, output_len: 6 }
decoder: { preset: deterministic }
warmup: { n_warmup: 1 }
vllm: { engine: { enforce_eager: true, kv_cache_memory_bytes: 100000000, max_model_len: 128 } }
`);
  const { outcome, worker, measurement, latency, throughput } = result;
  assert.deepEqual([outcome.kind, worker?.backend], ["completed", "vllm"]);
  assert.match(worker?.versions["vllm"] ?? "", /^\d+\.\d+/);
  assert.deepEqual([measurement?.input_tokens, measurement?.output_tokens], [36, 18]);
  assert.ok((throughput?.output_tokens_per_s ?? 0) > 0);
  assert.deepEqual([latency?.ttft_ms, latency?.itl_ms, latency?.e2e_ms].includes(null), false);
  // What nobody asked for and decides about speed: no thread spins while it waits for another one.
  const { threads, thread_waiting } = settingsOf(result);
  assert.ok(typeof threads === "number" && threads >= 1 && threads <= navigator.hardwareConcurrency);
  assert.equal(thread_waiting, "OMP_WAIT_POLICY=passive");
});

testWith(
  [SLOW, VLLM_PYTHON, HAS_SMOLLM2],
  "SmolLM2: vLLM measures a real model and says what it says",
  async () => {
    const { outcome, measurement, throughput } = await resultOf(`
backend: vllm
model: ${SMOLLM2}
precision: fp32
dataset: { jsonl: prompts.jsonl }
n: 1
max_output_tokens: 8
decoder: { preset: deterministic }
warmup: { n_warmup: 1 }
vllm: { engine: { enforce_eager: true, kv_cache_memory_bytes: 100000000, max_model_len: 128 } }
`);
    assert.equal(outcome.kind, "completed");
    assert.match(String((measurement?.metrics?.["sample_output"] as JsonObject)["text"]), /Paris/);
    assert.ok((throughput?.output_tokens_per_s ?? 0) > 1);
  },
);

testWithVllm("llem doctor tells the interpreter of backend vllm and its versions", async () => {
  using box = new Sandbox();
  const { stdout } = await llem(["doctor", "--json"], { cwd: box.dir, ...options });
  const { checks }: { readonly checks: readonly DoctorCheck[] } = JSON.parse(stdout);
  const check = checks.find(({ name }) => name === "vllm");
  assert.equal(check?.status, "ok");
  assert.match(check.detail, /: vllm \d+\.\d+\.\d+\S*, torch \S+, transformers \S+/);
});
