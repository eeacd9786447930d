import assert from "node:assert/strict";
import { join } from "node:path";
import type { JsonObject } from "../../../../lib/base/json.ts";
import type { PhaseFrame, ResultFrame } from "../../../../lib/protocol/frame.ts";
import { ASSETS, type Changes, runOnce, type Said } from "../../worker_process.ts";
import { plainKernels } from "./_plain_kernels.ts";

/** A run that must succeed. */
async function measured(changes: Changes = {}): Promise<Said & { result: NonNullable<Said["result"]> }> {
  const said = await runOnce(changes);
  assert.equal(said.error, undefined, said.error?.message);
  assert.equal(said.status.code, 0, said.stderr);
  if (said.result === undefined) throw new Error("no result frame");
  return { ...said, result: said.result };
}

async function outputHash(changes: Changes = {}): Promise<unknown> {
  return (await measured(changes)).result.metrics?.["output_hash"];
}

function synthetic(n: number, input_len: number, output_len: number, seed = 42): Changes["config"] {
  return { dataset: { n, input_len, output_len, seed } };
}

function texts(prompts: readonly string[], max_output_tokens = 12): Pick<Changes, "config" | "prompts"> {
  return { prompts, config: { dataset: "own.jsonl", n: prompts.length, max_output_tokens } };
}

function settingsOf(result: ResultFrame): JsonObject {
  return result["settings"] as JsonObject;
}

Deno.test("a synthetic run takes and gives exactly the tokens asked for", async () => {
  for (const [n, input, output, parallel] of [[5, 33, 7, 2], [1, 1, 1, 1], [3, 300, 2, 4]] as const) {
    const { requests, result } = await measured({
      config: synthetic(n, input, output),
      llamacpp: { n_parallel: parallel },
    });
    assert.deepEqual(requests.map(({ index }) => index), Array.from({ length: n }, (_, index) => index));
    for (const request of requests) {
      assert.equal(request.input_tokens, input);
      assert.equal(request.output_tokens, output);
      assert.equal(request.itl_ms.length, output - 1);
    }
    assert.equal(result.input_tokens, n * input);
    assert.equal(result.output_tokens, n * output);
    assert.equal(result.requests, n);
  }
});

Deno.test("a synthetic run gives its exact length also where the model would end the text", async () => {
  const decoder = { do_sample: true, temperature: 2, top_k: 0 };
  const { requests } = await measured({ config: synthetic(8, 8, 400), decoder, llamacpp: { n_parallel: 8 } });
  assert.ok(requests.every(({ output_tokens }) => output_tokens === 400), "a text ended early");
});

Deno.test("a request's times add up: e2e is the time to the first token and all times between tokens", async () => {
  const { requests } = await measured({ config: synthetic(4, 24, 16), llamacpp: { n_parallel: 2 } });
  for (const { ttft_ms, e2e_ms, itl_ms } of requests) {
    assert.ok(ttft_ms !== null && ttft_ms > 0 && itl_ms.every((ms) => ms > 0));
    const sum = itl_ms.reduce((total, ms) => total + ms, ttft_ms);
    assert.ok(e2e_ms !== null && Math.abs(sum - e2e_ms) < 1e-6, `${sum} is not ${e2e_ms}`);
  }
});

Deno.test("phases come in order and nest: prefill and decode lie in measure, requests in their batch", async () => {
  const { phases, requests } = await measured({
    config: synthetic(3, 24, 4),
    warmup: { enabled: true, n_warmup: 3 },
  });
  const spans = spansOf(phases);
  const outer = spans.filter(({ name }) => !["prefill", "decode"].includes(name));
  assert.deepEqual(outer.map(({ name }) => name), ["load", "warmup", "measure", "close"]);
  for (const [index, span] of outer.entries()) {
    assert.ok(span.begin <= span.end);
    if (index > 0) assert.ok((outer[index - 1]?.end ?? 0n) <= span.begin);
  }
  const window = outer[2];
  if (window === undefined) throw new Error("no measure phase");
  const inner = spans.filter(({ name }) => ["prefill", "decode"].includes(name));
  assert.deepEqual(
    inner.map(({ name }) => name),
    Array.from({ length: 3 }, () => ["prefill", "decode"]).flat(),
  );
  for (const { begin, end } of inner) assert.ok(window.begin <= begin && begin <= end && end <= window.end);
  requests.forEach((request, index) => assert.equal(request.t_start_ns, inner[2 * index]?.begin));
});

Deno.test("the result says what went in, by a hash, and how the first text begins", async () => {
  const [four, five] = [
    await measured({ config: synthetic(4, 24, 8) }),
    await measured({ config: synthetic(5, 24, 40) }),
  ];
  assert.match(String(four.result.metrics?.["input_hash"]), /^[0-9a-f]{64}$/);
  assert.notEqual(four.result.metrics?.["input_hash"], five.result.metrics?.["input_hash"]);
  const sample = ({ result }: typeof four): JsonObject => result.metrics?.["sample_output"] as JsonObject;
  const ids = sample(five)["token_ids"] as number[];
  assert.equal(ids.length, 32);
  assert.deepEqual(sample(four)["token_ids"], ids.slice(0, 8));
  assert.ok(String(sample(five)["text"]).startsWith(String(sample(four)["text"])));
});

Deno.test("one output token needs no decode phase", async () => {
  const { phases } = await measured({ config: synthetic(2, 8, 1) });
  assert.deepEqual(phases.filter(({ name }) => name === "decode"), []);
});

Deno.test("the warm-up is left out where it is off, and never counted", async () => {
  const [off, on] = [
    await measured(),
    await measured({ warmup: { enabled: true, n_warmup: 9 } }),
  ];
  assert.ok(!off.phases.some(({ name }) => name === "warmup"));
  assert.ok(on.phases.some(({ name }) => name === "warmup"));
  assert.equal(on.result.requests, off.result.requests);
  assert.equal(on.result.metrics?.["output_hash"], off.result.metrics?.["output_hash"]);
});

Deno.test("the warm-up by latencies ends when they settle, or at max_prompts, and says which", async () => {
  const shape = { enabled: true, convergence_detection: true, window_size: 3, min_prompts: 4 };
  const settled = await measured({ warmup: { ...shape, cv_threshold: 0.5, max_prompts: 50 } });
  const { prompts, latencies_ms, converged, final_cv } = warmupOf(settled);
  assert.equal(converged, true);
  assert.ok(prompts >= 4 && prompts < 50 && latencies_ms.length === prompts && final_cv < 0.5);
  const restless = await measured({ warmup: { ...shape, cv_threshold: 1e-9, max_prompts: 7 } });
  assert.deepEqual([warmupOf(restless).converged, warmupOf(restless).prompts], [false, 7]);
  const counted = await measured({ warmup: { enabled: true, n_warmup: 5 }, llamacpp: { n_parallel: 2 } });
  assert.deepEqual([warmupOf(counted).converged, warmupOf(counted).prompts], [null, 5]);
  assert.equal(warmupOf(counted).latencies_ms.length, 3);
});

Deno.test("the workload is repeated whole until the window is long enough", async () => {
  const once = await measured();
  const { requests, result, phases } = await measured({ config: { measure: { min_seconds: 0.3 } } });
  const passes = Number(result.metrics?.["passes"]);
  assert.ok(passes > 1);
  assert.equal(result.requests, 4 * passes);
  assert.deepEqual(
    requests.map(({ index }) => index),
    Array.from({ length: 4 * passes }, (_, index) => index),
  );
  assert.equal(result.metrics?.["output_hash"], once.result.metrics?.["output_hash"]);
  assert.equal(once.result.metrics?.["passes"], 1);
  const [window] = spansOf(phases).filter(({ name }) => name === "measure");
  assert.ok(window !== undefined && window.end - window.begin >= 300_000_000n);
});

Deno.test("greedy output is the same for the same seed", async () => {
  const config = synthetic(4, 24, 12);
  const expected = await outputHash({ config });
  assert.match(String(expected), /^[0-9a-f]{64}$/);
  assert.equal(await outputHash({ config }), expected);
  assert.equal(await outputHash({ config, llamacpp: { use_mmap: false } }), expected);
  assert.notEqual(await outputHash({ config: synthetic(4, 24, 12, 43) }), expected);
});

Deno.test("greedy output is the same whatever the threads and the batch, where kernels round alike", async () => {
  using plain = plainKernels();
  const library_dir = plain.path;
  const config = synthetic(4, 24, 12);
  const expected = await outputHash({ config, llamacpp: { library_dir } });
  assert.equal(await outputHash({ config, llamacpp: { library_dir, n_threads: 2 } }), expected);
  assert.equal(await outputHash({ config, llamacpp: { library_dir, n_parallel: 4 } }), expected);
});

Deno.test("sampled output follows random_seed, and each request has its own", async () => {
  const decoder = { do_sample: true, temperature: 0.8, top_k: 40, top_p: 0.95, min_p: 0.01 };
  const config = synthetic(2, 24, 16);
  const expected = await outputHash({ config, decoder });
  assert.equal(await outputHash({ config, decoder }), expected);
  assert.notEqual(await outputHash({ config: { ...config, random_seed: 43 }, decoder }), expected);
  assert.notEqual(await outputHash({ config }), expected);
  const greedy = await outputHash({ config, decoder: { ...decoder, temperature: 0 } });
  assert.equal(greedy, await outputHash({ config }));
});

Deno.test("sampled output does not depend on the batch, where kernels round alike", async () => {
  using plain = plainKernels();
  const library_dir = plain.path;
  const decoder = { do_sample: true, temperature: 0.8, top_k: 40, top_p: 0.95, min_p: 0.01 };
  const config = synthetic(4, 24, 16);
  const expected = await outputHash({ config, decoder, llamacpp: { library_dir } });
  for (const n_parallel of [2, 3, 4]) {
    assert.equal(await outputHash({ config, decoder, llamacpp: { library_dir, n_parallel } }), expected);
  }
});

Deno.test("the result states the sampler chain without links that change nothing", async () => {
  const chains: readonly (readonly [Changes["decoder"], string])[] = [
    [{}, "greedy"],
    [{ do_sample: true }, "top_k(50) > dist(seed 42 + index)"],
    [{ do_sample: true, top_k: 0 }, "dist(seed 42 + index)"],
    [
      { do_sample: true, top_p: 0.9, min_p: 0.05, temperature: 0.7, repetition_penalty: 1.1 },
      "penalties(repeat 1.1, whole request) > top_k(50) > top_p(0.9) > min_p(0.05) > temp(0.7) > " +
      "dist(seed 42 + index)",
    ],
  ];
  for (const [decoder, chain] of chains) {
    const { result } = await measured({ config: synthetic(1, 8, 4), decoder });
    assert.equal(settingsOf(result)["sampler"], chain);
  }
});

Deno.test("a repetition penalty changes greedy output", async () => {
  const config = synthetic(2, 24, 24);
  assert.notEqual(
    await outputHash({ config, decoder: { repetition_penalty: 5 } }),
    await outputHash({ config }),
  );
});

Deno.test("prompts end at max_output_tokens or at the model's end of text", async () => {
  const prompts = [
    "one",
    "two words",
    "a third \u00e9\u4e16",
    ...Array.from({ length: 9 }, (_, i) => `${i}`),
  ];
  const { requests, result } = await measured({ ...texts(prompts, 12), llamacpp: { n_parallel: 4 } });
  assert.equal(requests.length, 12);
  assert.deepEqual(requests.map(({ index }) => index), prompts.map((_, index) => index));
  for (const { output_tokens, itl_ms } of requests) {
    assert.ok(output_tokens <= 12);
    assert.equal(itl_ms.length, Math.max(0, output_tokens - 1));
  }
  assert.ok(requests.some(({ output_tokens }) => output_tokens === 12));
  // One byte is one token here, after the token that begins a text.
  const bytes = prompts.map((prompt) => new TextEncoder().encode(prompt).length);
  assert.deepEqual(requests.map(({ input_tokens }) => input_tokens), bytes.map((count) => count + 1));
  assert.equal(result.output_tokens, requests.reduce((sum, { output_tokens }) => sum + output_tokens, 0));
});

Deno.test("prompts are cut to max_input_tokens", async () => {
  const { prompts, config } = texts(["x".repeat(100), "short"]);
  const { requests } = await measured({ prompts, config: { ...config, max_input_tokens: 20 } });
  assert.deepEqual(requests.map(({ input_tokens }) => input_tokens), [20, 6]);
});

Deno.test("min_new_tokens keeps a text from ending early", async () => {
  // Hot sampling over 260 tokens: an end of text is certain to come up among these requests.
  const { prompts, config: plain } = texts(Array.from({ length: 64 }, (_, i) => `prompt ${i}`), 64);
  const config = { ...plain, random_seed: 7 };
  const decoder = { do_sample: true, temperature: 2, top_k: 0 };
  const llamacpp = { n_parallel: 16 };
  const lengths = async (min_new_tokens: number | null): Promise<number[]> =>
    (await measured({ prompts, config, llamacpp, decoder: { ...decoder, min_new_tokens } }))
      .requests.map(({ output_tokens }) => output_tokens);
  const free = await lengths(null);
  assert.ok(free.some((length) => length < 40), `no text ended before 40 tokens: ${free}`);
  const held = await lengths(40);
  assert.ok(held.every((length) => length >= 40), String(held));
  assert.ok(held.some((length) => length < 64), `no text ended after the ban was lifted: ${held}`);
  assert.ok((await lengths(500)).every((length) => length === 64));
});

Deno.test("prompts longer than n_batch are fed in pieces", async () => {
  const { requests, result } = await measured({
    config: synthetic(5, 100, 3),
    llamacpp: { n_batch: 32, n_ubatch: 16, n_parallel: 3 },
  });
  assert.ok(requests.every(({ output_tokens }) => output_tokens === 3));
  assert.equal(settingsOf(result)["n_batch"], 32);
  assert.equal(settingsOf(result)["n_ubatch"], 16);
});

Deno.test("every flash attention mode and KV cache type runs", async () => {
  const config = synthetic(2, 40, 4);
  for (const flash_attn of ["on", "off"] as const) {
    const { result } = await measured({ config, llamacpp: { flash_attn } });
    assert.equal(settingsOf(result)["flash_attn"], flash_attn);
  }
  const sizes = new Map<string, number>();
  for (const type of ["f32", "f16", "bf16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl"] as const) {
    const { result } = await measured({ config, llamacpp: { cache_type_k: type, cache_type_v: type } });
    sizes.set(type, Number(result.memory?.["kv_bytes"]));
  }
  assert.equal(sizes.get("f32"), 2 * (sizes.get("f16") ?? 0));
  assert.ok((sizes.get("q8_0") ?? 0) < (sizes.get("f16") ?? 0));
});

Deno.test("the result states what ran: model, memory, settings, versions", async () => {
  const { hello, result } = await measured({ llamacpp: { n_threads: 2, n_threads_batch: 1, n_parallel: 2 } });
  assert.equal(hello?.backend, "llamacpp");
  assert.equal(hello?.versions["llama_cpp"], "v0.5.0");
  assert.equal(hello?.versions["ggml_commit"], "0ad4a86");
  assert.match(hello?.devices[0] ?? "", /^CPU: ./);
  const { model = {}, memory = {}, metrics = {} } = result;
  const settings = settingsOf(result);
  assert.equal(model["name"], "tiny-random");
  assert.equal(model["architecture"], "llama");
  assert.equal(model["ftype"], "F16");
  assert.equal(model["n_params"], 140_096);
  assert.equal(model["n_layer"], 2);
  assert.match(String(model["sha256"]), /^[0-9a-f]{64}$/);
  for (
    const field of ["model_buffer_bytes", "kv_bytes", "compute_buffer_bytes", "rss_bytes", "peak_rss_bytes"]
  ) {
    assert.ok(Number(memory[field]) > 0, `${field} is ${memory[field]}`);
  }
  assert.equal(settings["n_threads"], 2);
  assert.equal(settings["n_threads_batch"], 1);
  assert.equal(settings["n_ctx"], 512);
  assert.equal(settings["n_gpu_layers"], 0);
  assert.equal(settings["threadpool"], "none");
  assert.match(String(settings["cpu_variant"]), /^[a-z0-9_]+$/);
  assert.ok(Number(metrics["prefill_tokens_per_s"]) > 0 && Number(metrics["decode_tokens_per_s"]) > 0);
});

Deno.test("n_threads left out is one less than the cores, and at least one", async () => {
  const { result } = await measured({ llamacpp: { n_threads: null } });
  assert.equal(settingsOf(result)["n_threads"], Math.max(1, navigator.hardwareConcurrency - 1));
});

Deno.test("notes tell of a batch that is never full and of a context beyond the training", async () => {
  const { notes } = await measured({ config: synthetic(2, 8, 2), llamacpp: { n_parallel: 3 } });
  assert.deepEqual(notes.map(({ code }) => code), ["batch_not_full"]);
  const long = await measured({ config: synthetic(1, 4096, 1) });
  assert.ok(long.notes.some(({ code }) => code === "beyond_training_context"));
});

Deno.test("a model file that disappears while it is measured costs its hash, not the result", async () => {
  const model = Deno.makeTempFileSync({ suffix: ".gguf" });
  Deno.copyFileSync(join(ASSETS, "tiny-random.gguf"), model);
  const there = await measured({ config: { model } });
  assert.match(String(there.result.model?.["sha256"]), /^[0-9a-f]{64}$/);
  const gone = await runOnce({ config: { model, measure: { min_seconds: 0.5 } } }, {
    onFrame: (frame) => frame.type === "phase" && frame.name === "measure" && remove(model),
  });
  assert.equal(gone.result?.model?.["sha256"], null);
  assert.equal(gone.status.code, 0);
});

Deno.test("a result comes before anything is freed, and nothing but close after it", async () => {
  const { frames } = await measured();
  const names = frames.map((frame) => frame.type === "phase" ? `${frame.name} ${frame.edge}` : frame.type);
  assert.deepEqual(names.slice(-3), ["close begin", "result", "close end"]);
});

function remove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // The phase has two edges.
  }
}

interface Warmup {
  readonly prompts: number;
  readonly latencies_ms: readonly number[];
  readonly converged: boolean | null;
  readonly final_cv: number;
}

function warmupOf({ result }: { readonly result: NonNullable<Said["result"]> }): Warmup {
  return result.metrics?.["warmup"] as unknown as Warmup;
}

interface Span {
  readonly name: string;
  readonly begin: bigint;
  readonly end: bigint;
}

function spansOf(phases: readonly PhaseFrame[]): readonly Span[] {
  const open = new Map<string, bigint>();
  const spans: Span[] = [];
  for (const { name, edge, t_ns } of phases) {
    if (edge === "begin") {
      assert.ok(!open.has(name), `${name} begins twice`);
      open.set(name, t_ns);
      continue;
    }
    const begin = open.get(name);
    if (begin === undefined) throw new Error(`${name} ends before it begins`);
    open.delete(name);
    spans.push({ name, begin, end: t_ns });
  }
  assert.equal(open.size, 0, `still open: ${[...open.keys()]}`);
  return spans.toSorted((a, b) => Number(a.begin - b.begin));
}
