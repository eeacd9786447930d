/** Runs of the engine tensorrt over the stand-in package: what the worker makes of what TensorRT-LLM tells and refuses. */
import assert from "node:assert/strict";
import type { JsonObject } from "../../../../lib/base/json.ts";
import { sha256Hex } from "../../../../lib/base/canonical_json.ts";
import { testWithPython } from "../../../support/pythons.ts";
import { writeEngineFiles } from "../../../support/tensorrt_standin.ts";
import { tensorrtAssignment, TensorrtBench, type TensorrtChanges } from "../../../support/tensorrt_worker.ts";
import type { Said } from "../../../support/worker_process.ts";
import { checkRefusals, refusalsOf, WARM } from "./_refusals.ts";

const SAMPLED: JsonObject = { do_sample: true, temperature: 0.7, top_k: 0, top_p: 0.9, min_p: 0.1 };

// One test, since every process that imports torch and transformers costs seconds.
testWithPython("tensorrt: what the engine streams, tells and refuses", async () => {
  using bench = new TensorrtBench();
  const model = bench.model();
  const of = (changes: TensorrtChanges, folder = model) => tensorrtAssignment(folder, changes);
  const runs = {
    plain: of({}),
    again: of({}),
    chunked: of({}, bench.model({ chunk: 4 })),
    several: of({ config: { decoder: SAMPLED }, tensorrt: { sampling: { n: 3, presence_penalty: 0.5 } } }),
    beams: of({ tensorrt: { beam_search: { beam_width: 4, length_penalty: 0.5, early_stopping: true } } }),
    sampled: of({ config: { decoder: SAMPLED, random_seed: 7 } }),
    ended: of(textsOf(bench), bench.model({ end_at: 4 })),
    endedApart: of(
      sampledTextsOf(bench, { tensorrt: { sampling: { n: 3 } } }),
      bench.model({ end_at: [null, 4, 2] }),
    ),
    warmed: of({ config: WARM, gate: openGate(bench) }),
    reused: of({ config: WARM, tensorrt: { kv_cache_config: { enable_block_reuse: true } } }),
    passed: of({
      config: { passthrough_kwargs: { enable_autotuner: false, top_p_decay: 0.5 } },
      tensorrt: { max_num_tokens: 512, cuda_graphs: false, sampler_type: "auto" },
    }),
    speculative: of({ tensorrt: { speculative_config: { decoding_type: "NGram", max_draft_len: 3 } } }),
    engine: of({ tensorrt: { engine_path: writeEngineFiles(bench.at("built")) } }),
    spread: of({ tensorrt: { tp_size: 2 } }),
    hanging: of({}, bench.model({ shutdown: "hangs" })),
  };
  const cases = refusalsOf(bench, model);
  const refused = Object.entries(cases).map(([name, [folder, changes]]) =>
    [name, of(changes, folder)] as const
  );
  const said = await bench.runNamed({ ...runs, ...Object.fromEntries(refused) });
  checkTimes(said.plain);
  assert.equal(hashOf(said.again), hashOf(said.plain));
  assert.notEqual(hashOf(said.sampled), hashOf(said.plain));
  checkShapes(said);

  const passes = succeeded(said.warmed);
  const order = said.warmed.frames.flatMap((frame) =>
    frame.type === "ready" ? ["ready"] : frame.type === "phase" ? [`${frame.name} ${frame.edge}`] : []
  );
  assert.deepEqual(order.slice(1, 4), ["load end", "ready", "warmup begin"]);
  assert.ok(Number(passes.result?.metrics?.["passes"]) > 1);
  assert.ok(passes.requests.every((request) => fieldOf(request, "reused_blocks") === 0));
  const hits = succeeded(said.reused).requests.map((request) => Number(fieldOf(request, "reused_blocks")));
  assert.ok(hits.every((blocks) => blocks > 0), String(hits));
  const { total, reason } = flopsOf(said.reused);
  assert.equal(total, null);
  assert.match(String(reason), /came from blocks of earlier ones/);
  // Four beams do four times the decoding and one prefill: of 3 prompts of 12 tokens, and 5 tokens after the first.
  const [one, four] = [Number(flopsOf(said.plain)["total"]), Number(flopsOf(said.beams)["total"])];
  assert.ok(four > one && four < 3 * one, `${one} ${four}`);
  assert.match(String(flopsOf(said.beams)["method"]), /4 beams, which share their prompt/);
  const cache = settingsOf(said.reused)["kv_cache"] as JsonObject;
  assert.deepEqual([cache["enable_block_reuse"], cache["enable_partial_reuse"]], [true, true]);

  const { max_num_tokens, cuda_graphs, sampling } = settingsOf(said.passed);
  assert.deepEqual([max_num_tokens, cuda_graphs, sampling], [512, false, { top_k: 1, top_p_decay: 0.5 }]);
  assert.equal(settingsOf(said.speculative)["speculative"], "NGram");
  const engine = settingsOf(said.engine);
  assert.deepEqual([engine["engine"], engine["engine_built_by"]], ["tensorrt", "1.2.1+standin"]);
  assert.deepEqual((engine["engine_limits"] as JsonObject)["max_seq_len"], 1024);
  const { engine_processes, tensor_parallel_size } = settingsOf(said.spread);
  assert.deepEqual([engine_processes, tensor_parallel_size], [true, 2]);
  assert.match(succeeded(said.hanging).stderr, /did not shut down within 5 s/);
  checkRefusals(cases, said);
});

/** Every token has a time of its own, and the engine's stamps agree with ours. */
function checkTimes(plain: Said | undefined): void {
  const { hello, requests, result, phases } = succeeded(plain);
  assert.equal(hello?.backend, "tensorrt");
  assert.equal(hello?.versions["tensorrt_llm"], "1.2.1+standin");
  for (const request of requests) {
    assert.deepEqual([request.input_tokens, request.output_tokens], [12, 6]);
    assert.equal(request.itl_ms.length, 5);
    assert.ok(request.itl_ms.every((gap) => gap >= 0 && gap < 500), String(request.itl_ms));
    const [queue, prefill, decode] = ["queue_ms", "prefill_ms", "decode_ms"].map((name) =>
      Number(fieldOf(request, name))
    );
    assert.ok((queue ?? -1) >= 0 && (queue ?? 0) + (prefill ?? 0) <= Number(request.ttft_ms) + 0.01);
    assert.ok((queue ?? 0) + (prefill ?? 0) + (decode ?? 0) <= Number(request.e2e_ms) + 0.01);
    assert.equal(fieldOf(request, "finish_reason"), "length");
  }
  const clock = result?.metrics?.["engine_clock"] as JsonObject;
  const { median, max } = clock["ttft_difference_ms"] as JsonObject;
  assert.equal(clock["requests"], 3);
  // Never earlier than the engine, and hardly later.
  assert.ok(Number(median) > -0.01 && Number(median) < 100 && Number(max) < 500, JSON.stringify(clock));
  assert.deepEqual(result?.metrics?.["finish_reasons"], { length: 3 });
  assert.deepEqual(result?.metrics?.["prefix_cache"], { enabled: false, reused_blocks: 0, requests_hit: 0 });
  const flops = result?.metrics?.["flops"] as JsonObject;
  assert.equal(flops["parameters_counted"], 93_312);
  // Steps may have had both in them.
  assert.ok(!phases.some(({ name }) => name === "prefill" || name === "decode"));
}

/** Chunks, several texts, beams and texts that end by themselves. */
function checkShapes(
  said: Readonly<Record<"chunked" | "several" | "beams" | "ended" | "endedApart", Said>>,
): void {
  const [bunch] = succeeded(said.chunked).requests;
  assert.deepEqual([bunch?.output_tokens, bunch?.itl_ms, bunch?.chunk_gap_ms?.length], [6, [], 1]);
  assert.match(String(bunch?.itl_reason), /several tokens/);

  const several = succeeded(said.several).requests;
  assert.deepEqual(several.map(({ output_tokens, n_choices }) => [output_tokens, n_choices]), [
    [18, 3],
    [18, 3],
    [18, 3],
  ]);
  assert.deepEqual(settingsOf(said.several)["sampling"], {
    temperature: 0.7,
    top_p: 0.9,
    min_p: 0.1,
    n: 3,
    presence_penalty: 0.5,
  });

  const [beam] = succeeded(said.beams).requests;
  assert.deepEqual([beam?.output_tokens, beam?.ttft_ms, beam?.itl_ms], [6, null, []]);
  assert.ok(Number(beam?.e2e_ms) > 0);
  const beams = settingsOf(said.beams);
  assert.deepEqual([beams["max_beam_width"], beams["sampling"]], [4, {
    use_beam_search: true,
    n: 1,
    best_of: 4,
    early_stopping: 1,
    length_penalty: 0.5,
  }]);

  // The token that ended the text is computed and is no part of it.
  const ended = succeeded(said.ended).requests;
  assert.deepEqual(ended.map((request) => [request.output_tokens, fieldOf(request, "finish_reason")]), [
    [3, "stop"],
    [3, "stop"],
  ]);
  assert.deepEqual(succeeded(said.endedApart).requests.map(({ output_tokens }) => output_tokens), [13, 13]);
}

/** The same, sampled. */
function sampledTextsOf(bench: TensorrtBench, changes: TensorrtChanges): TensorrtChanges {
  const texts = textsOf(bench);
  return { ...texts, ...changes, config: { ...texts.config, decoder: SAMPLED } };
}

/** Prompts of a file, whose answers may end before their limit. */
function textsOf(bench: TensorrtBench): TensorrtChanges {
  const text = '{"prompt": "Hello"}\n'.repeat(2);
  const prompts = { path: bench.folder.write("prompts.jsonl", text), sha256: sha256Hex(text), count: 2 };
  return {
    config: { dataset: { jsonl: "x.jsonl" }, max_output_tokens: 9 },
    inputs: { prompts: { ...prompts, source: "test" } },
  };
}

testWithPython(
  "tensorrt: releases that are refused before anything is imported",
  async () => {
    using old = new TensorrtBench({ release: "0.21.0" });
    using newer = new TensorrtBench({ release: "1.3.0" });
    const engine = writeEngineFiles(newer.at("engine"));
    await using tooOld = await old.start(tensorrtAssignment(old.model()));
    await using gone = await newer.start(
      tensorrtAssignment(newer.model(), { tensorrt: { engine_path: engine } }),
    );
    const [first, second] = [(await tooOld.ended()).error, (await gone.ended()).error];
    assert.equal(first?.error_type, "old_package");
    assert.match(
      first?.message ?? "",
      /0\.21\.0\+standin is older than 1\.0.*pip install 'tensorrt_llm>=1\.0'/s,
    );
    assert.equal(second?.error_type, "unsupported_setting");
    assert.match(second?.message ?? "", /1\.3\.0\+standin runs no engine files; 1\.2 was the last/);
  },
);

testWithPython("tensorrt: a package that finds no Open MPI says so, for engine files too", async () => {
  const import_error = "libmpi.so.40: cannot open shared object file: No such file or directory";
  using bench = new TensorrtBench({ import_error });
  const engine_path = writeEngineFiles(bench.at("engine"));
  for (const tensorrt of [{}, { engine_path }]) {
    await using worker = await bench.start(tensorrtAssignment(bench.model(), { tensorrt }));
    const { error } = await worker.ended();
    assert.equal(error?.error_type, "missing_library");
    assert.match(error?.message ?? "", /^libmpi\.so\.40: .* needs Open MPI/);
  }
});

function succeeded(said: Said | undefined): Said {
  assert.ok(said !== undefined);
  assert.equal(said.status.code, 0, `${said.error?.message}\n${said.error?.traceback}\n${said.stderr}`);
  assert.deepEqual(said.stray, []);
  return said;
}

function settingsOf(said: Said | undefined): JsonObject {
  return succeeded(said).result?.["settings"] as JsonObject;
}

function flopsOf(said: Said | undefined): JsonObject {
  return succeeded(said).result?.metrics?.["flops"] as JsonObject;
}

function hashOf(said: Said | undefined): unknown {
  return succeeded(said).result?.metrics?.["output_hash"];
}

/** A field of a request's record that this engine alone knows. */
function fieldOf(request: object, name: string): unknown {
  return (request as Readonly<Record<string, unknown>>)[name];
}

/** A gate at which nobody waits. */
function openGate(bench: TensorrtBench): string {
  const path = bench.at("gate");
  Deno.writeTextFileSync(path, "");
  return path;
}
