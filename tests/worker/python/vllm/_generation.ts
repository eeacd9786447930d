/** What a run with a real vLLM gives: tokens, times, phases, counts; a few of the same runs in PyTorch, for comparison. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { JsonObject } from "../../../../lib/base/json.ts";
import type { RequestFrame, ResultFrame } from "../../../../lib/protocol/frame.ts";
import { pythonAssignment } from "../../../support/python_worker.ts";
import { writeTinyLora } from "../../../support/tiny_llama.ts";
import {
  testWithVllm,
  vllmAssignment,
  type VllmChanges,
  writeVllmModel,
} from "../../../support/vllm_worker.ts";
import type { Said } from "../../../support/worker_process.ts";
import { sharedRuns } from "./_shared_runs.ts";

const PROMPTS = [
  "the winner is on the other side",
  "a",
  "he said that he is in the world of words and of the thing",
  "one two three",
];
const MAX_NEW = 12;
/** A token that the greedy texts hold at their beginning, in their middle and nowhere. */
const END = 200;
/** Tokens of a block of the KV cache; only whole blocks are found again. */
const BLOCK = 32;
/** Blocks of the same tokens, then another word; the first two are equal. */
const BEGINNING = "a word of the winner ".repeat(12);
const REPEATING = [`${BEGINNING} one`, `${BEGINNING} one`, `${BEGINNING} two`];

/** Runs of PyTorch on the same models and prompts. */
const TRUTHS = ["exact", "written", "lora", "end"] as const;

interface Scene {
  readonly truth: Readonly<Record<typeof TRUTHS[number], Said>>;
  readonly runs: Readonly<Record<keyof ReturnType<typeof changesOf>, Said>>;
}

const all = sharedRuns((folder) => {
  const model = writeVllmModel(join(folder, "model"));
  const lora = writeTinyLora(join(folder, "lora"), { headWidth: 32 });
  const words = promptsOf(folder, "words", PROMPTS);
  const ending = withEnd(model, join(folder, "ending"), END);
  const changes = changesOf(words, promptsOf(folder, "repeating", REPEATING), lora);
  return [
    pythonAssignment(model),
    pythonAssignment(model, words),
    pythonAssignment(model, { ...words, config: { ...words.config, lora: { adapter_path: lora } } }),
    pythonAssignment(ending, words),
    ...Object.entries(changes).map(([name, change]) =>
      vllmAssignment(["end", "goesOn"].includes(name) ? ending : model, change)
    ),
  ];
});

/** What was said in each run, by its name. */
async function play(): Promise<Scene> {
  const said = await all();
  const named = (names: readonly string[], begin: number): Record<string, Said | undefined> =>
    Object.fromEntries(names.map((name, index) => [name, said[begin + index]]));
  return {
    truth: named(TRUTHS, 0) as Scene["truth"],
    runs: named(Object.keys(changesOf({}, {}, "")), TRUTHS.length) as Scene["runs"],
  };
}

/** Written prompts, in a file of that name. */
function promptsOf(folder: string, name: string, prompts: readonly string[]): VllmChanges {
  const path = join(folder, `${name}.jsonl`);
  const text = prompts.map((prompt) => JSON.stringify({ prompt }) + "\n").join("");
  Deno.writeTextFileSync(path, text);
  const sha256 = createHash("sha256").update(text).digest("hex");
  return {
    config: { dataset: `${name}.jsonl`, n: prompts.length, max_output_tokens: MAX_NEW },
    inputs: { prompts: { path, sha256, count: prompts.length, source: "test" } },
  };
}

/** The model in another folder, in which a token of its text is its end. */
function withEnd(model: string, folder: string, end: number): string {
  Deno.mkdirSync(folder);
  for (const { name } of Deno.readDirSync(model)) Deno.symlinkSync(join(model, name), join(folder, name));
  Deno.removeSync(join(folder, "generation_config.json"));
  Deno.writeTextFileSync(join(folder, "generation_config.json"), JSON.stringify({ eos_token_id: [end] }));
  return folder;
}

/** Every run by its name. */
function changesOf(words: VllmChanges, repeating: VllmChanges, lora: string) {
  const sampled: JsonObject = { decoder: { do_sample: true, temperature: 1.5 } };
  const long: JsonObject = { dataset: { n: 3, input_len: 12, output_len: 60, seed: 42 } };
  const guesses = { method: "ngram", num_speculative_tokens: 3, prompt_lookup_max: 3, prompt_lookup_min: 1 };
  return {
    exact: { config: { warmup: { n_warmup: 2 }, measure: { min_seconds: 0.5 } } },
    written: words,
    end: words,
    goesOn: { ...words, vllm: { sampling: { ignore_eos: true } } },
    stopped: { ...words, vllm: { sampling: { stop_token_ids: [END], ignore_eos: true } } },
    single: { config: { dataset: { n: 3, input_len: 12, output_len: 1, seed: 42 } } },
    few: {
      engine: { max_num_seqs: 2 },
      config: { dataset: { n: 5, input_len: 12, output_len: 6, seed: 42 }, warmup: { n_warmup: 1 } },
    },
    cold: { ...repeating, engine: { block_size: BLOCK, max_num_seqs: 1 } },
    cached: {
      ...repeating,
      config: { ...repeating.config, measure: { min_seconds: 1.5 }, warmup: { n_warmup: 2 } },
      engine: { block_size: BLOCK, max_num_seqs: 1, enable_prefix_caching: true },
    },
    beams: { ...words, vllm: { beam_search: { beam_width: 3 } } },
    lora: { ...words, config: { ...words.config, lora: { adapter_path: lora } } },
    merged: { config: { lora: { adapter_path: lora, merge_weights: true } } },
    greedy: { config: long },
    guessed: { config: long, engine: { speculative_config: guesses } },
    unguessed: {
      config: { dataset: { n: 1, input_len: 4, output_len: 2, seed: 42 } },
      engine: { speculative_config: { ...guesses, prompt_lookup_max: 4, prompt_lookup_min: 4 } },
    },
    sampled: { config: { ...sampled, warmup: { n_warmup: 1 } } },
    sampledBeside: { config: { ...sampled, warmup: { enabled: false } }, engine: { max_num_seqs: 1 } },
    several: { config: sampled, vllm: { sampling: { n: 3 } } },
    tooLong: { config: { dataset: { n: 2, input_len: 200, output_len: 100, seed: 1 } } },
  } as const satisfies Record<string, VllmChanges>;
}

function resultOf(said: Said | undefined): ResultFrame & { readonly metrics: JsonObject } {
  assert.equal(said?.error, undefined, said?.error?.traceback ?? said?.error?.message);
  assert.ok(said?.result?.metrics !== undefined, said?.stderr);
  return { ...said.result, metrics: said.result.metrics };
}

function metricsOf(said: Said | undefined): JsonObject {
  return resultOf(said).metrics;
}

/** A metric that is an object. */
function partOf(said: Said, name: string): JsonObject {
  return metricsOf(said)[name] as JsonObject;
}

function phaseNames({ phases }: Said): string[] {
  return phases.filter(({ edge }) => edge === "begin").map(({ name }) => name);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** The times of a request fit each other, and what the engine says of it. */
function checkTimes(request: RequestFrame): void {
  const { ttft_ms, e2e_ms, itl_ms, output_tokens } = request;
  assert.equal(itl_ms.length, output_tokens - 1);
  assert.ok(ttft_ms !== null && e2e_ms !== null && itl_ms.every((ms) => ms > 0));
  assert.ok(Math.abs(ttft_ms + sumOf(itl_ms) - e2e_ms) < 1e-3);
  const [queue, prefill, decode] = ["queue_ms", "prefill_ms", "decode_ms"].map((name) =>
    Number(fieldOf(request, name))
  );
  assert.ok(queue !== undefined && queue >= 0 && prefill !== undefined && prefill > 0);
  assert.ok(decode !== undefined && queue + prefill + decode < e2e_ms);
}

function fieldOf(request: RequestFrame, name: string): unknown {
  return (request as unknown as JsonObject)[name];
}

testWithVllm(
  "vllm: exact lengths, a time for each token, phases that are real, whole passes of equal work",
  async () => {
    const { runs: { exact } } = await play();
    const { metrics, ...result } = resultOf(exact);
    const passes = Number(metrics["passes"]);
    assert.ok(passes > 1);
    assert.deepEqual(
      [result.requests, result.input_tokens, result.output_tokens],
      [3 * passes, 36 * passes, 18 * passes],
    );
    exact.requests.forEach(checkTimes);
    assert.ok(exact.requests.every((request) => fieldOf(request, "cached_tokens") === 0));
    assert.ok(exact.requests.every((request) => fieldOf(request, "finish_reason") === "length"));
    assert.deepEqual(phaseNames(exact), [
      "load",
      "warmup",
      "measure",
      ...Array.from({ length: passes }, () => ["prefill", "decode"]).flat(),
      "close",
    ]);
    assert.equal(metrics["phases_reason"], null);
    assert.ok(Number(partOf(exact, "flops")["per_s"]) > 0);
    assert.equal((result["settings"] as JsonObject)["engine_processes"], false);
    assert.ok(Number(metrics["prefill_tokens_per_s"]) > Number(metrics["decode_tokens_per_s"]));
    assert.deepEqual(metrics["finish_reasons"], { length: 3 * passes });
    // The third prompt made a batch of another size.
    const { prompts, prompts_for_sizes } = metrics["warmup"] as JsonObject;
    assert.deepEqual([prompts, prompts_for_sizes], [2, 3]);
  },
);

testWithVllm("vllm: requests that end with their first step have run at once all the same", async () => {
  const { runs: { single } } = await play();
  const { running_max, iterations } = partOf(single, "counters");
  assert.deepEqual([running_max, iterations], [3, 1]);
});

testWithVllm("vllm: our times agree with the engine's own stamps", async () => {
  const { runs: { exact } } = await play();
  const { requests, ttft_difference_ms, e2e_difference_ms } = partOf(exact, "engine_clock");
  assert.equal(requests, resultOf(exact).requests);
  for (const difference of [ttft_difference_ms, e2e_difference_ms]) {
    const median = Number((difference as JsonObject)["median"]);
    assert.ok(median > 0 && median < 100, String(median)); // a busy machine; scripts/bench holds it to 2 ms
  }
  assert.deepEqual(exact.notes, []);
});

testWithVllm("vllm: prompts, texts and their ends are those of pytorch", async () => {
  const { truth, runs } = await play();
  for (const name of ["exact", "written", "end", "lora"] as const) {
    for (const metric of ["input_hash", "output_hash", "sample_output"]) {
      assert.deepEqual(metricsOf(runs[name])[metric], metricsOf(truth[name])[metric], `${name}: ${metric}`);
    }
    const lengths = truth[name].requests.map(({ output_tokens }) => output_tokens);
    assert.deepEqual(
      runs[name].requests.slice(0, lengths.length).map(({ output_tokens }) => output_tokens),
      lengths,
    );
  }
  assert.ok(runs.end.requests.some(({ output_tokens }) => output_tokens < MAX_NEW));
  assert.ok(Number(partOf(runs.end, "finish_reasons")["stop"]) > 0);
  assert.notEqual(metricsOf(runs.end)["output_hash"], metricsOf(runs.written)["output_hash"]);
  assert.equal(metricsOf(runs.goesOn)["output_hash"], metricsOf(runs.written)["output_hash"]);
  // A token that the study names ends a text as one of the model does, also where those are ignored.
  assert.equal(metricsOf(runs.stopped)["output_hash"], metricsOf(runs.end)["output_hash"]);
});

testWithVllm(
  "vllm: where requests wait for each other prefill and decode are no phases, with the reason",
  async () => {
    const { runs: { few } } = await play();
    const { metrics } = resultOf(few);
    assert.deepEqual([metrics["prefill_tokens_per_s"], metrics["decode_tokens_per_s"]], [null, null]);
    assert.match(String(metrics["phases_reason"]), /max_num_seqs 2/);
    assert.ok(!phaseNames(few).includes("prefill"));
    few.requests.forEach(checkTimes);
    // No warm-up needs more requests than are worked on at once: not the whole workload.
    const { prompts, prompts_for_sizes } = metrics["warmup"] as JsonObject;
    assert.deepEqual([prompts, prompts_for_sizes], [1, 2]);
  },
);

testWithVllm(
  "vllm: no prompt comes from the prefix cache unless the study wants it; then hits are told",
  async () => {
    const { runs: { cold, cached } } = await play();
    const cachedTokens = ({ requests }: Said): unknown =>
      requests.map((request) => fieldOf(request, "cached_tokens"));
    assert.deepEqual(cachedTokens(cold), [0, 0, 0]);
    assert.deepEqual(partOf(cold, "prefix_cache"), {
      enabled: false,
      cached_tokens: 0,
      cached_share: 0,
      requests_hit: 0,
    });
    assert.equal(metricsOf(cached)["output_hash"], metricsOf(cold)["output_hash"]);
    // Every pass begins with an empty cache: its first prompt is computed, however often it came before.
    const passes = Number(metricsOf(cached)["passes"]);
    const hit = BLOCK * Math.floor(((cached.requests[0]?.input_tokens ?? 0) - 4) / BLOCK);
    assert.ok(passes > 1 && hit > 0);
    assert.deepEqual(cachedTokens(cached), Array.from({ length: passes }, () => [0, hit, hit]).flat());
    const { enabled, cached_tokens, requests_hit } = partOf(cached, "prefix_cache");
    assert.deepEqual([enabled, cached_tokens, requests_hit], [true, 2 * hit * passes, 2 * passes]);
  },
);

testWithVllm("vllm: beams give a whole text at their end, whose prompt is cut away", async () => {
  const { truth, runs: { beams } } = await play();
  assert.equal(metricsOf(beams)["input_hash"], metricsOf(truth.written)["input_hash"]);
  assert.notEqual(metricsOf(beams)["output_hash"], metricsOf(truth.written)["output_hash"]);
  for (const request of beams.requests) {
    assert.deepEqual([request.ttft_ms, request.itl_ms], [null, []]);
    assert.match(request.itl_reason ?? "", /beam search/);
    assert.ok((request.e2e_ms ?? 0) > 0 && request.output_tokens === MAX_NEW);
  }
  assert.match(String(metricsOf(beams)["phases_reason"]), /beam search/);
  assert.deepEqual(beams.notes.map(({ code }) => code), ["beams_without_cache"]);
});

testWithVllm("vllm: an adapter is told as by pytorch, and never folded into the weights", async () => {
  const { truth, runs: { lora, merged } } = await play();
  assert.deepEqual(resultOf(lora).model?.["adapter"], resultOf(truth.lora).model?.["adapter"]);
  assert.deepEqual([merged.error?.error_type, merged.status.code], ["unsupported_setting", 1]);
  assert.match(merged.error?.message ?? "", /lora\.merge_weights: false/);
});

testWithVllm(
  "vllm: guesses change no token; chunks of several are told, not spread, and how many were right",
  async () => {
    const { runs: { greedy, guessed, unguessed } } = await play();
    assert.deepEqual([guessed, unguessed].map(({ notes }) => notes.map(({ code }) => code)), [[], [
      "nothing_drafted",
    ]]);
    assert.match(
      String(unguessed.notes[0]?.text),
      /^Speculative decoding drafted no token in the measured window/,
    );
    assert.equal(metricsOf(guessed)["output_hash"], metricsOf(greedy)["output_hash"]);
    const { draft_tokens, accepted_tokens } = partOf(guessed, "counters")["speculation"] as Record<
      string,
      number
    >;
    assert.ok(accepted_tokens !== undefined && draft_tokens !== undefined);
    assert.ok(accepted_tokens > 0 && accepted_tokens <= draft_tokens);
    const chunked = guessed.requests.filter(({ chunk_gap_ms }) => chunk_gap_ms !== undefined);
    assert.ok(chunked.length > 0);
    for (const { itl_ms, itl_reason, chunk_gap_ms, tpot_ms, output_tokens } of chunked) {
      assert.deepEqual(itl_ms, []);
      assert.match(itl_reason ?? "", /several tokens/);
      assert.ok((chunk_gap_ms ?? []).length < output_tokens - 1);
      assert.ok(Math.abs(sumOf([...chunk_gap_ms ?? []]) / (output_tokens - 1) - (tpot_ms ?? 0)) < 1e-6);
    }
  },
);

testWithVllm("vllm: a seed gives each request the same text, whatever ran before and beside it", async () => {
  const { runs: { exact, sampled, sampledBeside } } = await play();
  assert.equal(metricsOf(sampled)["output_hash"], metricsOf(sampledBeside)["output_hash"]);
  assert.notEqual(metricsOf(sampled)["output_hash"], metricsOf(exact)["output_hash"]);
});

testWithVllm("vllm: every text of a request counts", async () => {
  const { runs: { several, sampled } } = await play();
  assert.equal(resultOf(several).output_tokens, 3 * 3 * 6);
  for (const request of several.requests) {
    assert.deepEqual([request.output_tokens, request.n_choices, request.itl_ms], [18, 3, []]);
  }
  // The first text of each has the seed of the request itself.
  const first = ({ metrics }: ReturnType<typeof resultOf>): unknown =>
    (metrics["sample_output"] as JsonObject)["token_ids"];
  assert.deepEqual(first(resultOf(several)), first(resultOf(sampled)));
});

testWithVllm("vllm: a request that the longest sequence cuts fails the run, with the lengths", async () => {
  const { runs: { tooLong } } = await play();
  assert.deepEqual([tooLong.error?.error_type, tooLong.status.code], ["wrong_length", 1]);
  assert.match(
    tooLong.error?.message ?? "",
    /^Request 0 gave 56 tokens where exactly 100 .* 200 prompt tokens .*max_model_len \(256\).* 300 or more/,
  );
});
