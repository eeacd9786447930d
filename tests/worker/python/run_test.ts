/** What a PyTorch run gives: tokens, times, counts. One process runs them all, another the same with plain transformers. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { JsonObject } from "../../../lib/base/json.ts";
import { LLEM_VERSION } from "../../../lib/base/version.ts";
import type { PhaseFrame, RequestFrame, ResultFrame } from "../../../lib/protocol/frame.ts";
import { NO_ITL } from "../../../lib/protocol/messages.ts";
import { makeSyntheticPrompt } from "../../../worker/engines/llamacpp/synthetic_prompt.ts";
import { randomFrom } from "../../../lib/base/random.ts";
import {
  PYTHON_FOLDER,
  pythonAssignment,
  type PythonChanges,
  runPythonMany,
  testPython,
} from "../../support/python_worker.ts";
import { writeTinyLlama } from "../../support/tiny_llama.ts";
import { BOS, EOS, vocabulary } from "../../support/tiny_tokenizer.ts";
import { REPOSITORY, type Said } from "../../support/worker_process.ts";

const PROMPTS = [
  "the winner is on the other side",
  "a",
  "he said that he is in the world of words and of the thing",
  "one two three",
];
const MAX_NEW = 12;

/** What plain transformers gave; see worker/python/plain/reference.py. */
interface Reference {
  readonly inputs: readonly (readonly number[])[];
  readonly outputs: readonly (readonly number[])[];
  readonly beams: readonly (readonly number[])[];
  readonly flops: readonly (readonly (readonly [number, number])[])[];
  readonly random: Readonly<Record<string, readonly number[]>>;
  readonly warm_up: Readonly<Record<"by_count" | "batches" | "settles" | "never", JsonObject>>;
  readonly cuda_clock: JsonObject;
}

interface Scene {
  readonly reference: Reference;
  /** A token that the greedy text of the last prompt holds in its middle: the end of texts in the run `end`. */
  readonly end: number;
  readonly runs: Readonly<Record<keyof ReturnType<typeof changesOf>, Said>>;
}

let scene: Promise<Scene> | undefined;

/** Everything is run once, when the first test asks. */
function play(): Promise<Scene> {
  return scene ??= playOnce();
}

async function playOnce(): Promise<Scene> {
  const folder = Deno.makeTempDirSync({ prefix: "llem-python-run-" });
  try {
    const model = writeTinyLlama(join(folder, "model"));
    const reference = await readReference(model);
    const end = reference.outputs[3]?.[5] ?? -1;
    const path = join(folder, "prompts.jsonl");
    const text = PROMPTS.map((prompt) => JSON.stringify({ prompt }) + "\n").join("");
    Deno.writeTextFileSync(path, text);
    const changes = changesOf(path, createHash("sha256").update(text).digest("hex"), end);
    const said = await runPythonMany(
      Object.values(changes).map((change: PythonChanges) => pythonAssignment(model, change)),
    );
    const runs = Object.fromEntries(Object.keys(changes).map((name, index) => [name, said[index]]));
    return { reference, end, runs: runs as Scene["runs"] };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Every run by its name. */
function changesOf(path: string, sha256: string, end: number) {
  const written = (config: JsonObject = {}): PythonChanges => ({
    config: { dataset: "words.jsonl", n: PROMPTS.length, max_output_tokens: MAX_NEW, ...config },
    inputs: { prompts: { path, sha256, count: PROMPTS.length, source: "test" } },
  });
  const sampled = (n_warmup: number): PythonChanges => ({
    ...written({ decoder: { temperature: 1.5 }, warmup: { n_warmup } }),
    pytorch: { batch_size: 4 },
  });
  return {
    exact: { config: { warmup: { n_warmup: 4 } }, pytorch: { batch_size: 2 } },
    alone: written(),
    together: { ...written(), pytorch: { batch_size: 3 } },
    cut: { ...written({ max_input_tokens: 4 }), pytorch: { batch_size: 2 } },
    end: { ...written({ passthrough_kwargs: { eos_token_id: [end] } }), pytorch: { batch_size: 4 } },
    goesOn: {
      ...written({
        passthrough_kwargs: { eos_token_id: [end] },
        decoder: { do_sample: false, min_new_tokens: MAX_NEW - 2 },
      }),
      pytorch: { batch_size: 4 },
    },
    beams: { ...written(), pytorch: { batch_size: 2, num_beams: 3 } },
    lookup: { ...written(), pytorch: { prompt_lookup_num_tokens: 3 } },
    uncached: { ...written(), pytorch: { batch_size: 3, use_cache: false } },
    sampled: sampled(1),
    sampledAgain: sampled(3),
    repeated: { config: { measure: { min_seconds: 0.4 } } },
    settled: {
      config: {
        warmup: { convergence_detection: true, max_prompts: 6, min_prompts: 4, window_size: 3 },
      },
      pytorch: { batch_size: 2 },
    },
    missing: { config: { dataset: "words.jsonl", n: 4 } },
    changed: {
      ...written(),
      inputs: { prompts: { path, sha256: "0".repeat(64), count: PROMPTS.length, source: "test" } },
    },
  } as const satisfies Record<string, PythonChanges>;
}

async function readReference(model: string): Promise<Reference> {
  const child = new Deno.Command(testPython(), {
    args: [`${REPOSITORY}worker/python/plain/reference.py`],
    env: { PYTHONPATH: PYTHON_FOLDER, OMP_NUM_THREADS: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const stdin = child.stdin.getWriter();
  await stdin.write(new TextEncoder().encode(JSON.stringify({ model, prompts: PROMPTS, max_new: MAX_NEW })));
  await stdin.close();
  const { success, stdout } = await child.output();
  assert.ok(success, "reference.py failed; its stderr is above");
  return JSON.parse(new TextDecoder().decode(stdout));
}

function resultOf(said: Said): ResultFrame & { readonly metrics: JsonObject } {
  assert.equal(said.error, undefined, said.error?.traceback ?? said.error?.message);
  assert.ok(said.result?.metrics !== undefined, said.stderr);
  return { ...said.result, metrics: said.result.metrics };
}

function hashOf(outputs: readonly (readonly number[])[]): string {
  const hash = createHash("sha256");
  for (const ids of outputs) hash.update(new Uint8Array(Int32Array.from([ids.length, ...ids]).buffer));
  return hash.digest("hex");
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** The times of a request fit each other; those of a request that came in chunks are none between its tokens. */
function checkTimes(request: RequestFrame): void {
  const { ttft_ms, e2e_ms, itl_ms, output_tokens, chunk_gap_ms, itl_reason, tpot_ms } = request;
  const gaps = chunk_gap_ms ?? itl_ms;
  if (chunk_gap_ms === undefined) assert.equal(itl_ms.length, Math.max(0, output_tokens - 1));
  else {
    assert.deepEqual([itl_ms, itl_reason], [[], NO_ITL.several_tokens]);
    assert.ok(chunk_gap_ms.length < output_tokens - 1 && Number(tpot_ms) > 0);
  }
  assert.ok(ttft_ms !== null && ttft_ms > 0 && gaps.every((ms) => ms > 0));
  assert.ok(e2e_ms !== null && ttft_ms + sumOf(gaps) < e2e_ms + 1e-6);
}

interface Span {
  readonly name: string;
  readonly begin: bigint;
  readonly end: bigint;
}

function spansOf(phases: readonly PhaseFrame[]): Span[] {
  return phases.filter(({ edge }) => edge === "begin").map(({ name, t_ns }, index) => {
    const ends = phases.filter((phase) => phase.edge === "end" && phase.name === name);
    const nth = phases.filter((phase) => phase.edge === "begin" && phase.name === name)
      .findIndex((phase) => phase.t_ns === t_ns);
    return { name, begin: t_ns, end: ends[nth]?.t_ns ?? BigInt(-index) };
  });
}

Deno.test("a synthetic run: exact lengths, real batches, a hello with versions, phases that nest", async () => {
  const { runs: { exact } } = await play();
  const { metrics, ...result } = resultOf(exact);
  assert.deepEqual([result.input_tokens, result.output_tokens, result.requests], [36, 18, 3]);
  assert.ok(
    exact.requests.every(({ input_tokens, output_tokens }) => input_tokens === 12 && output_tokens === 6),
  );
  exact.requests.forEach(checkTimes);
  assert.deepEqual(exact.requests.map(({ index }) => index), [0, 1, 2]);
  assert.deepEqual(new Set(exact.requests.map(({ t_start_ns }) => t_start_ns)).size, 2);
  assert.equal(exact.hello?.versions["llem"], LLEM_VERSION);
  for (const name of ["python", "torch", "transformers", "accelerate", "tokenizers"]) {
    assert.match(exact.hello?.versions[name] ?? "", /^\d+\.\d+/, name);
  }
  assert.match(exact.hello?.devices[0] ?? "", /^(cpu|cuda:0): /);

  const spans = spansOf(exact.phases);
  const outer = spans.filter(({ name }) => !["prefill", "decode"].includes(name));
  assert.deepEqual(outer.map(({ name }) => name), ["load", "warmup", "measure", "close"]);
  outer.forEach(({ begin, end }, index) => assert.ok(begin <= end && (outer[index - 1]?.end ?? 0n) <= begin));
  const [, , window] = outer;
  const inner = spans.filter(({ name }) => ["prefill", "decode"].includes(name));
  assert.deepEqual(inner.map(({ name }) => name), ["prefill", "decode", "prefill", "decode"]);
  for (const { begin, end } of inner) {
    assert.ok(window !== undefined && window.begin <= begin && begin < end && end <= window.end);
  }
  const at = (type: string): number => exact.frames.findIndex((frame) => frame.type === type);
  const last = exact.frames.at(-1);
  assert.ok(at("hello") === 0 && at("result") > at("request"));
  assert.ok(last?.type === "phase" && last.name === "close" && last.edge === "end");

  const { warmup, padding, passes, sample_output, import_s, load_s } = metrics;
  const { batch_size } = result["settings"] as JsonObject;
  assert.deepEqual([passes, batch_size, padding], [1, 2, { input_tokens: 0, output_tokens: 0 }]);
  const { prompts, latencies_ms, converged, final_cv } = warmup as JsonObject;
  assert.deepEqual([prompts, converged, final_cv, (latencies_ms as number[]).length], [4, null, null, 2]);
  // The third prompt is a batch of its own size, which must not come for the first time in the window.
  assert.equal((warmup as JsonObject)["prompts_for_sizes"], 1);
  assert.equal(((sample_output as JsonObject)["token_ids"] as number[]).length, 6);
  assert.ok(Number(import_s) > 0 && Number(load_s) > 0);
  assert.ok(Number(metrics["prefill_tokens_per_s"]) > 0 && Number(metrics["decode_tokens_per_s"]) > 0);
  for (const name of ["total", "per_output_token", "per_input_token", "per_s", "parameters_counted"]) {
    assert.ok(Number((metrics["flops"] as JsonObject)[name]) > 0, name);
  }
  // As weights_files_test.ts has them of the same model's files.
  assert.equal((metrics["flops"] as JsonObject)["parameters_counted"], 93_312);
  assert.equal(result.model?.["parameters"], 113_216);
});

Deno.test("memory: the process holds the model, and not less at its peak", async () => {
  const { runs: { exact } } = await play();
  const { model_bytes, loaded_rss_bytes, peak_bytes, inference_bytes, method, peak_since } =
    resultOf(exact).memory ?? {};
  assert.ok(method === "process_rss" || method === "cuda_allocator");
  assert.equal(peak_since, "measure");
  // All in fp32, and the table of 8 rotary frequencies, of which transformers 5 keeps a second one.
  assert.ok([32, 64].includes(Number(model_bytes) - 113_216 * 4), String(model_bytes));
  assert.ok(Number(loaded_rss_bytes) > Number(model_bytes) && Number(peak_bytes) >= Number(loaded_rss_bytes));
  assert.equal(inference_bytes, Number(peak_bytes) - Number(loaded_rss_bytes));
});

Deno.test("written prompts give the tokens of plain transformers, alone and padded; padding is counted apart", async () => {
  const { reference: { inputs, outputs }, runs: { alone, together } } = await play();
  const lengths = inputs.map(({ length }) => length);
  for (const said of [alone, together]) {
    const { metrics, ...result } = resultOf(said);
    assert.equal(metrics["output_hash"], hashOf(outputs));
    assert.deepEqual(metrics["sample_output"], {
      token_ids: outputs[0],
      text: (metrics["sample_output"] as JsonObject)["text"],
    });
    assert.deepEqual(said.requests.map(({ input_tokens }) => input_tokens), lengths);
    assert.deepEqual(
      said.requests.map(({ output_tokens }) => output_tokens),
      outputs.map(({ length }) => length),
    );
    assert.deepEqual([result.input_tokens, result.output_tokens], [sumOf(lengths), 4 * MAX_NEW]);
    said.requests.forEach(checkTimes);
  }
  const batch = lengths.slice(0, 3); // the last prompt is a batch of its own
  const padding = 3 * Math.max(...batch) - sumOf(batch);
  assert.ok(padding > 0);
  assert.deepEqual(resultOf(together).metrics["padding"], { input_tokens: padding, output_tokens: 0 });
  assert.deepEqual(resultOf(alone).metrics["padding"], { input_tokens: 0, output_tokens: 0 });
});

Deno.test("prompts longer than max_input_tokens are cut, and told", async () => {
  const { reference: { inputs }, runs: { cut } } = await play();
  assert.deepEqual(
    cut.requests.map(({ input_tokens }) => input_tokens),
    inputs.map((ids) => Math.min(4, ids.length)),
  );
  assert.equal(resultOf(cut).metrics["input_hash"], hashOf(inputs.map((ids) => ids.slice(0, 4))));
  assert.equal(resultOf(cut).metrics["prompts_cut"], inputs.filter((ids) => ids.length > 4).length);
});

Deno.test("a text that ends in the middle of a batch: neither its end nor padding counts, its time is its own", async () => {
  const { reference: { outputs }, end, runs } = await play();
  const said = runs.end;
  const texts = outputs.map((ids) => ids.includes(end) ? ids.slice(0, ids.indexOf(end)) : ids);
  assert.ok(texts.some(({ length }) => length < MAX_NEW) && texts.some(({ length }) => length === MAX_NEW));
  const { metrics } = resultOf(said);
  assert.equal(metrics["output_hash"], hashOf(texts));
  assert.deepEqual(
    said.requests.map(({ output_tokens }) => output_tokens),
    texts.map(({ length }) => length),
  );
  const computed = texts.map(({ length }) => Math.min(MAX_NEW, length + 1));
  assert.equal((metrics["padding"] as JsonObject)["output_tokens"], 4 * MAX_NEW - sumOf(computed));
  const last = Math.max(...said.requests.map(({ e2e_ms }) => e2e_ms ?? 0));
  for (const request of said.requests) {
    if (request.output_tokens === 0) assert.deepEqual([request.ttft_ms, request.itl_ms], [null, []]);
    else checkTimes(request);
    if (request.output_tokens < MAX_NEW - 1) assert.ok((request.e2e_ms ?? last) < last);
  }
});

Deno.test("no text ends before decoder.min_new_tokens, in a batch of prompts of different lengths", async () => {
  const { runs: { goesOn } } = await play();
  const { metrics } = resultOf(goesOn);
  assert.ok(goesOn.requests.every(({ output_tokens }) => output_tokens >= MAX_NEW - 2));
  assert.equal((metrics["flops"] as JsonObject)["reason"], undefined);
});

Deno.test("beams, guesses from the prompt and no cache: right tokens, times of steps, operations told", async () => {
  const { reference: { outputs, beams }, runs } = await play();
  assert.equal(resultOf(runs.beams).metrics["output_hash"], hashOf(beams));
  assert.equal(resultOf(runs.lookup).metrics["output_hash"], hashOf(outputs));
  assert.equal(resultOf(runs.uncached).metrics["output_hash"], hashOf(outputs));
  for (const said of [runs.beams, runs.lookup, runs.uncached]) said.requests.forEach(checkTimes);
  const inChunks = (said: Said): number => said.requests.filter(({ chunk_gap_ms }) => chunk_gap_ms).length;
  assert.deepEqual([inChunks(runs.beams), inChunks(runs.uncached)], [0, 0]);
  assert.ok(inChunks(runs.lookup) > 0); // guesses that were right
  const flops = (said: Said): JsonObject => resultOf(said).metrics["flops"] as JsonObject;
  assert.equal(flops(runs.alone)["total"], flops(runs.together)["total"]); // padding does not count
  assert.ok(Number(flops(runs.uncached)["total"]) > 2 * Number(flops(runs.alone)["total"]));
  assert.equal(Number(flops(runs.beams)["total"]), 3 * Number(flops(runs.alone)["total"]));
  assert.match(String(flops(runs.beams)["method"]), /times 3 beams/);
});

Deno.test("the seed is set right before the measurement: however long the warm-up, the same texts", async () => {
  const { reference: { outputs }, runs: { sampled, sampledAgain } } = await play();
  const hash = resultOf(sampled).metrics["output_hash"];
  assert.equal(hash, resultOf(sampledAgain).metrics["output_hash"]);
  assert.notEqual(hash, hashOf(outputs));
});

Deno.test("measure.min_seconds repeats the workload whole; requests are numbered on", async () => {
  const { runs: { exact, repeated } } = await play();
  const { metrics, requests } = resultOf(repeated);
  const passes = Number(metrics["passes"]);
  assert.ok(passes > 1);
  assert.equal(requests, 3 * passes);
  assert.deepEqual(
    repeated.requests.map(({ index }) => index),
    Array.from({ length: 3 * passes }, (_, at) => at),
  );
  assert.equal(metrics["output_hash"], resultOf(exact).metrics["output_hash"]);
  const window = spansOf(repeated.phases).find(({ name }) => name === "measure");
  assert.ok(window !== undefined && window.end - window.begin >= 400_000_000n);
});

Deno.test("a warm-up until latencies settle says how it went", async () => {
  const { runs: { settled } } = await play();
  const { prompts, latencies_ms, converged, final_cv } = resultOf(settled).metrics["warmup"] as JsonObject;
  const batches = (latencies_ms as number[]).length;
  assert.ok(batches >= 4 && batches <= 6);
  assert.equal(prompts, 2 * batches);
  assert.equal(converged, Number(final_cv) < 0.05);
});

Deno.test("warming up by count and by convergence, on given latencies", async () => {
  const { reference: { warm_up } } = await play();
  assert.deepEqual(warm_up.batches, [["a", "b"], ["c", "a"], ["b"]]);
  assert.deepEqual(warm_up.by_count, {
    prompts: 5,
    latencies_ms: [1, 1, 1],
    converged: null,
    final_cv: null,
  });
  const { prompts, latencies_ms, converged, final_cv } = warm_up.settles;
  assert.deepEqual([prompts, latencies_ms, converged, final_cv], [10, [90, 50, 10, 10, 10], true, 0]);
  assert.deepEqual([warm_up.never["prompts"], warm_up.never["converged"]], [16, false]);
});

Deno.test("without a file of prompts a run fails and says what wanted one", async () => {
  const { runs: { missing } } = await play();
  assert.equal(missing.error?.error_type, "no_prompts");
  assert.match(missing.error?.message ?? "", /"words.jsonl"/);
  assert.equal(missing.status.code, 1);
});

Deno.test("prompts that were changed after the study began are not run", async () => {
  const { runs: { changed } } = await play();
  assert.equal(changed.error?.error_type, "no_prompts");
  assert.match(changed.error?.message ?? "", /prompts\.jsonl was changed after the study began/);
});

Deno.test("operations are those that torch counts", async () => {
  const { reference: { flops } } = await play();
  assert.equal(flops.flat().length, 8);
  for (const [counted, ours] of flops.flat()) assert.ok(counted > 0 && Math.abs(ours / counted - 1) < 0.01);
});

Deno.test("random numbers and synthetic prompts are those of the embedded engine", async () => {
  const { reference: { random }, runs: { exact } } = await play();
  const draw = (...seeds: readonly number[]): number[] => Array.from({ length: 50 }, randomFrom(...seeds));
  assert.deepEqual(random["7"], draw(7));
  assert.deepEqual(random["-3,1"], draw(-3, 1));
  assert.deepEqual(random["big"], draw(2 ** 40 + 5, 2 ** 8, 3));
  const special: readonly number[] = [BOS.id, EOS.id];
  const text = Int32Array.from(vocabulary().keys().filter((id) => !special.includes(id)));
  const words = { size: vocabulary().length, endOfGeneration: new Set([EOS.id]), text, beginning: BOS.id };
  const prompts = [0, 1, 2].map((
    index,
  ) => [...makeSyntheticPrompt(words, { input_len: 12, seed: 42 }, index)]);
  assert.deepEqual(resultOf(exact).metrics["input_hash"], hashOf(prompts));
});

Deno.test("on a GPU times are those of events, on the host's clock", async () => {
  const { reference: { cuda_clock } } = await play();
  assert.deepEqual(cuda_clock, {
    begin_is_kept: true,
    after_begin_ns: [1_500_000, 3_000_000],
    lengths: [5, 6],
    never: [[false, false], [false, false]],
    progress: [9, 9],
  });
});
