import assert from "node:assert/strict";
import type { JsonObject } from "../../../lib/base/json.ts";
import type { ResolvedModel } from "../../../lib/experiment/inputs.ts";
import { pytorchSchema } from "../../../lib/experiment/engines/pytorch.ts";
import { loadAll, type LoadOutcome } from "../../support/python_loads.ts";
import { PYTHON_FOLDER, pythonAssignment, type PythonChanges } from "../../support/python_worker.ts";
import { TempFolder } from "../../support/temp_folder.ts";
import { TINY_LLAMA, TINY_LORA_RANK, writeTinyLlama, writeTinyLora } from "../../support/tiny_llama.ts";
import { REPOSITORY } from "../../support/worker_process.ts";

const GGUF: ResolvedModel = {
  kind: "file",
  path: `${REPOSITORY}build/llamacpp/tiny-random.gguf`,
  hub_id: null,
  revision: null,
};
const LORA = { adapter_id: null, adapter_path: "adapter", merge_weights: false };

const pytorch = (section: JsonObject): PythonChanges => ({ pytorch: section });
const lora = (changes: JsonObject): PythonChanges => ({ config: { lora: { ...LORA, ...changes } } });
const decoder = (settings: JsonObject): PythonChanges => ({ config: { decoder: settings } });
const passed = (kwargs: JsonObject): PythonChanges => ({ config: { passthrough_kwargs: kwargs } });

/** Every configuration that is loaded, by name. */
const CASES = {
  plain: {},
  bf16: { config: { precision: "bf16" } },
  fp16: { config: { precision: "fp16" } },
  eager: pytorch({ attn_implementation: "eager" }),
  sdpa: pytorch({ attn_implementation: "sdpa" }),
  flash2: pytorch({ attn_implementation: "flash_attention_2" }),
  flash3: pytorch({ attn_implementation: "flash_attention_3" }),
  in4bit: pytorch({ load_in_4bit: true, bnb_4bit_quant_type: "nf4" }),
  in8bit: pytorch({ load_in_8bit: true }),
  lora: lora({}),
  loraHalf: { config: { lora: LORA, precision: "bf16" } },
  loraMerged: lora({ merge_weights: true }),
  loraAbsent: lora({ adapter_path: "nowhere" }),
  onCpu: pytorch({ device_map: "cpu" }),
  onGpu: pytorch({ device_map: "cuda:1" }),
  limited: pytorch({ max_memory: { cpu: "1GiB" } }),
  overflowing: pytorch({ max_memory: { cpu: "300KB" } }),
  limitOfGpu: pytorch({ max_memory: { "0": "1GiB", cpu: "1GiB" } }),
  limitOfNothing: pytorch({ max_memory: { gpu: "1GiB" } }),
  limitOfOne: pytorch({ max_memory: { cpu: "1GiB" }, device_map: "cpu" }),
  unknownKey: pytorch({ no_such_setting: 3 }),
  unknownPassed: passed({ no_such_setting: 3 }),
  passedOn: passed({ diversity_penalty: 0.0, attention_dropout: 0.1, attn_implementation: "eager" }),
  passedTwice: { config: { passthrough_kwargs: { num_beams: 2 } }, pytorch: { num_beams: 3 } },
  passedDtype: passed({ torch_dtype: "float16" }),
  passedReturns: passed({ num_return_sequences: 2 }),
  sampled: decoder({ temperature: 0.7, top_k: 0, top_p: 0.9, min_p: 0.1, repetition_penalty: 1.2 }),
  sampledAgain: decoder({ temperature: 0.7, top_k: 0, top_p: 0.9, min_p: 0.1, repetition_penalty: 1.2 }),
  cold: decoder({ temperature: 0, top_k: 3, top_p: 0.5 }),
  beams: pytorch({ num_beams: 3, length_penalty: 2, early_stopping: true, no_repeat_ngram_size: 2 }),
  noBeams: pytorch({ length_penalty: 2, num_processes: 2 }),
  lookup: pytorch({ prompt_lookup_num_tokens: 3 }),
  lookupBeams: pytorch({ prompt_lookup_num_tokens: 3, num_beams: 2 }),
  lookupBatch: pytorch({ prompt_lookup_num_tokens: 3, batch_size: 2 }),
  noCache: pytorch({ use_cache: false }),
  staticCache: pytorch({ cache_implementation: "static" }),
  windowCache: pytorch({ cache_implementation: "sliding_window" }),
  offloadedCache: pytorch({ cache_implementation: "offloaded_static" }),
  // Half of the model takes half of the time to compile.
  half: passed({ num_hidden_layers: 1 }),
  compiled: {
    ...passed({ num_hidden_layers: 1 }),
    ...pytorch({ torch_compile: true, torch_compile_backend: "eager" }),
  },
  compiledInVain: {
    ...passed({ num_hidden_layers: 1 }),
    ...pytorch({ torch_compile: true, torch_compile_backend: "tvm" }),
  },
  compiledBy: pytorch({ torch_compile: true, torch_compile_backend: "no_such_backend" }),
  compiledHow: pytorch({
    torch_compile: true,
    torch_compile_backend: "aot_eager",
    torch_compile_mode: "max-autotune",
  }),
  gguf: { inputs: { model: GGUF } },
  ggufHalf: { inputs: { model: GGUF }, config: { precision: "bf16" } },
  gguf4bit: { inputs: { model: GGUF }, pytorch: { load_in_4bit: true } },
  gone: { inputs: { model: { ...GGUF, path: "/nowhere/model.gguf" } } },
  noModel: { inputs: { model: { ...GGUF, kind: "folder", path: `${REPOSITORY}docs` } } },
  noFolder: { config: { model: "./nowhere" } },
  encoderDecoder: { config: { model: "./t5" } },
  otherShapes: passed({ intermediate_size: 64 }),
  ownCode: { config: { model: "./own" } },
  ownCodeAllowed: { config: { model: "./own" }, pytorch: { trust_remote_code: true } },
} as const satisfies Readonly<Record<string, PythonChanges>>;

type Case = keyof typeof CASES | "namedDevice";

let outcomes: Promise<Record<string, LoadOutcome>> | undefined;

/** The outcome of a case; all are loaded when the first is asked for. */
async function outcomeOf(name: Case): Promise<LoadOutcome> {
  outcomes ??= loadCases();
  const outcome = (await outcomes)[name];
  assert.ok(outcome, name);
  return outcome;
}

async function loadCases(): Promise<Record<string, LoadOutcome>> {
  using folder = new TempFolder();
  writeTinyLlama(folder.at("tiny"));
  writeTinyLora(folder.at("adapter"));
  writeTinyLlama(folder.at("t5"));
  folder.write("t5/config.json", JSON.stringify({ model_type: "t5" }));
  writeTinyLlama(folder.at("own"));
  const config = JSON.parse(Deno.readTextFileSync(folder.at("own/config.json")));
  const auto_map = { AutoConfig: "own.OwnConfig", AutoModelForCausalLM: "own.OwnModel" };
  folder.write("own/config.json", JSON.stringify({ ...config, model_type: "own", auto_map }));
  folder.write("own/own.py", OWN_CODE);
  const place = { baseDir: folder.path, runDir: folder.at("run") };
  const assignments = Object.entries<PythonChanges>(CASES).map(([name, changes]) =>
    [name, pythonAssignment("tiny", { ...place, ...changes })] as const
  );
  const named = { ...pythonAssignment("tiny", place), devices: ["0"] };
  return await loadAll({ ...Object.fromEntries(assignments), namedDevice: named });
}

/** A model's own code, which says on stderr that it was run. */
const OWN_CODE = `
import sys
from transformers import LlamaConfig, LlamaForCausalLM

print("the model's own code runs", file=sys.stderr)

class OwnConfig(LlamaConfig):
    model_type = "own"

class OwnModel(LlamaForCausalLM):
    config_class = OwnConfig
`;

async function loaded(name: Case): Promise<Required<LoadOutcome>> {
  const outcome = await outcomeOf(name);
  assert.equal(outcome.error, undefined, outcome.error?.message);
  return outcome as Required<LoadOutcome>;
}

async function refused(name: Case, errorType: string, message: RegExp): Promise<void> {
  const { error } = await outcomeOf(name);
  assert.deepEqual([error?.error_type, error?.retryable], [errorType, false], error?.message);
  assert.match(error?.message ?? "", message);
}

Deno.test("load() tells what it has loaded", async () => {
  const { facts, settings, notes, log } = await loaded("plain");
  const { path, parameters, bytes, ...others } = facts;
  assert.match(String(path), /\/tiny$/);
  assert.ok(typeof parameters === "number" && parameters > 100_000 && Number(bytes) >= 4 * parameters);
  assert.deepEqual(others, {
    name: "tiny",
    kind: "folder",
    hub_id: null,
    revision: null,
    architecture: "LlamaForCausalLM",
    type: "llama",
    dtype: "float32",
    dtypes: { float32: parameters },
    quantisation: null,
    vocabulary_size: TINY_LLAMA.vocabulary,
    layers: TINY_LLAMA.layers,
    hidden_size: TINY_LLAMA.width,
    context_length: TINY_LLAMA.maxPositions,
    adapter: null,
  });
  const { threads, ...chosen } = settings;
  assert.ok(Number(threads) > 0);
  assert.deepEqual(chosen, {
    attn_implementation: "sdpa",
    device_map: "cpu",
    compiled: null,
    use_cache: true,
    cache_implementation: "dynamic",
    num_beams: 1,
    sampling: "greedy",
    padding_side: "left",
    padding_token: "</s>",
  });
  assert.deepEqual([notes, log], [[], ""]);
});

Deno.test("load() loads in the precision of the study, not of the file", async () => {
  for (const [name, dtype] of [["bf16", "bfloat16"], ["fp16", "float16"]] as const) {
    const { facts } = await loaded(name);
    assert.equal(facts["dtype"], dtype);
    assert.deepEqual(facts["dtypes"], { [dtype]: facts["parameters"] });
    assert.ok(Number(facts["bytes"]) < 2.1 * Number(facts["parameters"]));
  }
});

Deno.test("load() takes the attention that was asked for, or says why not", async () => {
  for (const name of ["eager", "sdpa"] as const) {
    const { settings, tokens } = await loaded(name);
    assert.equal(settings["attn_implementation"], name);
    assert.deepEqual(tokens, (await loaded("plain")).tokens);
  }
  await refused(
    "flash2",
    "unsupported_setting",
    /flash_attention_2 needs a GPU with CUDA: use sdpa or eager/,
  );
  await refused("flash3", "unsupported_setting", /flash_attention_3 needs a GPU with CUDA/);
});

Deno.test("load() names the package that quantising needs", async () => {
  for (const name of ["in4bit", "in8bit"] as const) {
    await refused(name, "missing_package", /bitsandbytes is missing.*pip install bitsandbytes/);
  }
});

Deno.test("load() puts an adapter on the model, or into its weights", async () => {
  const [plain, beside, merged] = [await loaded("plain"), await loaded("lora"), await loaded("loraMerged")];
  assert.notDeepEqual(beside.tokens, plain.tokens);
  assert.deepEqual(merged.tokens, beside.tokens);
  const weights = 2 * TINY_LORA_RANK * TINY_LLAMA.layers * TINY_LLAMA.width; // of A
  const adapter = beside.facts["adapter"] as JsonObject;
  assert.deepEqual([adapter["rank"], adapter["type"], adapter["merged"]], [TINY_LORA_RANK, "LORA", false]);
  assert.ok(Number(adapter["parameters"]) > weights);
  assert.equal((merged.facts["adapter"] as JsonObject)["merged"], true);
  for (const { facts } of [beside, merged]) assert.equal(facts["parameters"], plain.facts["parameters"]);
  // The adapter keeps to the precision as well.
  assert.deepEqual(Object.keys((await loaded("loraHalf")).facts["dtypes"] as JsonObject), ["bfloat16"]);
  await refused("loraAbsent", "adapter_not_found", /no adapter at \/.*\/nowhere .*lora\.adapter_path/);
});

Deno.test("load() places the model where it was told, and tells of parts on disk", async () => {
  assert.equal((await loaded("onCpu")).settings["device_map"], "cpu");
  assert.equal((await loaded("limited")).settings["device_map"], "cpu");
  const { settings, notes, tokens } = await loaded("overflowing");
  assert.ok(Object.values(settings["device_map"] as JsonObject).includes("disk"));
  assert.deepEqual(notes.map(({ level, code }) => [level, code]), [["warning", "offloaded"]]);
  assert.deepEqual(tokens, (await loaded("plain")).tokens);
});

Deno.test("load() refuses devices that are not there", async () => {
  await refused("onGpu", "device_unavailable", /device_map names cuda:1, but this torch finds no GPU/);
  await refused(
    "namedDevice",
    "device_unavailable",
    /The run is assigned GPU 0, but this torch finds no GPU/,
  );
  await refused("limitOfGpu", "device_unavailable", /max_memory names GPU 0, but torch finds 0 GPUs/);
  await refused("limitOfNothing", "bad_setting", /max_memory names gpu; devices are/);
  await refused("limitOfOne", "bad_setting", /max_memory needs one of device_map: auto/);
});

Deno.test("load() runs code of the model's own only where the study says so", async () => {
  // What is left open comes as false: tests/experiment/identity_test.ts.
  await refused("ownCode", "remote_code", /Read that code.*set pytorch\.trust_remote_code: true/);
  assert.doesNotMatch((await outcomeOf("ownCode")).log, /own code runs/);
  const { facts, log } = await loaded("ownCodeAllowed");
  assert.match(log, /own code runs/);
  assert.equal(facts["architecture"], "OwnModel");
});

Deno.test("load() hands on settings that it does not know, and fails where nobody knows them", async () => {
  for (const name of ["unknownKey", "unknownPassed"] as const) {
    await refused(name, "bad_setting", /has no setting no_such_setting/);
  }
  assert.equal((await loaded("passedOn")).settings["attn_implementation"], "eager");
  await refused(
    "passedTwice",
    "bad_setting",
    /passthrough_kwargs.num_beams is set in the section pytorch too/,
  );
  await refused("passedDtype", "bad_setting", /torch_dtype has a field of its own.*: set precision instead/);
  await refused("passedReturns", "bad_setting", /num_return_sequences cannot be passed on/);
});

Deno.test("make_generation_config() takes no sampling over from the model, and gives no cause to warn", async () => {
  for (const name of ["plain", "cold"] as const) {
    const { generation, log, tokens, settings } = await loaded(name);
    for (const field of ["temperature", "top_k", "top_p", "repetition_penalty"]) {
      assert.ok([undefined, 1].includes(generation[field] as number | undefined), field);
    }
    assert.equal(log, "");
    assert.equal(settings["sampling"], "greedy");
    assert.deepEqual(tokens, (await loaded("plain")).tokens);
  }
});

Deno.test("make_generation_config() samples as the decoder says, the same for the same seed", async () => {
  const { generation, settings, tokens, log } = await loaded("sampled");
  const { do_sample, temperature, top_k, top_p, min_p, repetition_penalty } = generation;
  assert.deepEqual([do_sample, temperature, top_k, top_p, min_p, repetition_penalty], [
    true,
    0.7,
    0,
    0.9,
    0.1,
    1.2,
  ]);
  assert.equal(
    settings["sampling"],
    "sampling: temperature 0.7, top_p 0.9, min_p 0.1, repetition penalty 1.2",
  );
  assert.equal(log, "");
  assert.notDeepEqual(tokens, (await loaded("plain")).tokens);
  assert.deepEqual((await loaded("sampledAgain")).tokens, tokens);
});

Deno.test("load() searches with beams, and tells of settings that need them", async () => {
  const { generation, settings } = await loaded("beams");
  const { num_beams, length_penalty, early_stopping, no_repeat_ngram_size } = generation;
  assert.deepEqual([num_beams, length_penalty, early_stopping, no_repeat_ngram_size], [3, 2, true, 2]);
  assert.deepEqual([settings["num_beams"], settings["sampling"]], [3, "beam search, 3 beams"]);
  const { notes } = await loaded("noBeams");
  assert.deepEqual(notes.map(({ code }) => code), ["num_processes", "length_penalty"]);
});

Deno.test("load() guesses from the prompt, where nothing excludes that", async () => {
  const { tokens, settings } = await loaded("lookup");
  assert.deepEqual(tokens[0], (await loaded("plain")).tokens[0]);
  assert.equal(settings["sampling"], "greedy, prompt lookup of 3 tokens");
  await refused("lookupBeams", "unsupported_setting", /cannot be combined with num_beams above 1/);
  await refused("lookupBatch", "unsupported_setting", /single prompts only: set batch_size: 1/);
});

Deno.test("load() keeps keys and values as asked", async () => {
  const { tokens } = await loaded("plain");
  for (const [name, kind] of [["noCache", null], ["staticCache", "static"]] as const) {
    const outcome = await loaded(name);
    assert.equal(outcome.settings["cache_implementation"], kind);
    assert.equal(outcome.settings["use_cache"], kind !== null);
    assert.deepEqual(outcome.tokens, tokens);
  }
  await refused(
    "windowCache",
    "unsupported_setting",
    /this LlamaForCausalLM has no sliding window; use static/,
  );
  await refused(
    "offloadedCache",
    "unsupported_setting",
    /offloaded_static needs a GPU with CUDA: use static/,
  );
});

Deno.test("load() compiles the model, or fails", async () => {
  const { settings, tokens } = await loaded("compiled");
  assert.deepEqual(settings["compiled"], { mode: "default", backend: "eager" });
  const half = await loaded("half");
  assert.equal(half.facts["layers"], 1);
  assert.deepEqual(tokens, half.tokens);
  await refused("compiledInVain", "compile_failed", /torch\.compile failed: .*tvm.*torch_compile: false/);
  await refused("compiledBy", "unsupported_setting", /no compile backend no_such_backend: it has aot_eager/);
  await refused("compiledHow", "unsupported_setting", /aot_eager has no mode max-autotune: use inductor/);
});

Deno.test("load() unpacks a GGUF file into the precision of the study", async () => {
  const { facts } = await loaded("gguf");
  assert.deepEqual([facts["kind"], facts["path"], facts["dtype"]], ["file", GGUF.path, "float32"]);
  const half = (await loaded("ggufHalf")).facts;
  assert.deepEqual(half["quantisation"], { quant_method: "gguf", unpacked_to: "bfloat16" });
  assert.equal(half["parameters"], facts["parameters"]);
  await refused("gguf4bit", "unsupported_setting", /GGUF file cannot be quantised again/);
});

Deno.test("load() says where it looked for a model", async () => {
  await refused("gone", "model_not_found", /no longer at \/nowhere\/model\.gguf/);
  await refused("noModel", "model_failed", /docs cannot be loaded/);
  await refused("noFolder", "model_not_found", /no model at \/.*\/nowhere: correct the path/);
});

Deno.test("load() refuses an encoder with a decoder, and tells which weights do not fit", async () => {
  await refused("encoderDecoder", "unsupported_model", /t5 is T5, for which .* name a decoder-only model/);
  await refused("otherShapes", "model_failed", /gate_proj\.weight.*torch\.Size\(\[64, 64\]\)/);
});

Deno.test("settings.py knows the same fields as the study file", () => {
  const source = Deno.readTextFileSync(`${PYTHON_FOLDER}/llem_worker/engines/pytorch/settings.py`);
  const [, block = ""] = /SECTION_FIELDS = frozenset\((.*?)\n\)/s.exec(source) ?? [];
  const fields = [...block.matchAll(/"(\w+)"/g)].map(([, name]) => name);
  assert.deepEqual(fields.sort(), Object.keys(pytorchSchema.shape).sort());
});
