import assert from "node:assert/strict";
import { join } from "node:path";
import { writePrompts } from "../../../../lib/inputs/prompts_file.ts";
import { readPromptFile } from "../../../../worker/prompt_file.ts";
import { WorkerError } from "../../../../worker/worker_error.ts";
import { ASSETS, type Changes, makeAssignment, runOnce, type StartOptions } from "../../worker_process.ts";

/** One mistake, and what the error frame must say about it. */
interface Case {
  readonly name: string;
  readonly changes: Changes;
  readonly errorType: string;
  readonly message: RegExp;
  readonly options?: StartOptions;
}

async function check({ name, changes, errorType, message, options }: Case): Promise<void> {
  const said = await runOnce(changes, options);
  assert.equal(said.error?.error_type, errorType, `${name}: ${JSON.stringify(said.error)} ${said.stderr}`);
  assert.match(said.error.message, message, name);
  assert.equal(said.error.retryable, false, name);
  assert.ok((said.error.traceback ?? "").length > 0, name);
  assert.equal(said.status.code, 1, name);
  assert.equal(said.result, undefined, name);
  assert.equal(said.frames.at(-1)?.type, "error", name);
}

const folder = Deno.makeTempDirSync();
const tiny = Deno.readFileSync(join(ASSETS, "tiny-random.gguf"));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  if (typeof content === "string") Deno.writeTextFileSync(path, content);
  else Deno.writeFileSync(path, content);
  return path;
}

/** tiny-random with some bytes replaced. */
function patched(name: string, at: number, bytes: string): string {
  const content = tiny.slice();
  content.set(new TextEncoder().encode(bytes), at);
  return file(name, content);
}

Deno.test("a model that cannot be loaded is told by its cause", async () => {
  const architecture = new TextDecoder("latin1").decode(tiny).indexOf("llama", 40);
  const cases: readonly (readonly [string, string, string, RegExp])[] = [
    ["missing", "models/no-such.gguf", "model_not_found", /no-such\.gguf does not exist/],
    ["directory", folder, "not_gguf", /it is not a file/],
    ["device", "/dev/null", "not_gguf", /it is not a file/],
    ["empty", file("empty.gguf", ""), "not_gguf", /it is empty/],
    ["text", file("text.gguf", "hello, this is no model"), "not_gguf", /begins with 68 65 6c 6c/],
    ["future version", patched("future.gguf", 4, "\x63"), "model_unsupported", /version is 99.*version 3/],
    ["cut in metadata", file("cut.gguf", tiny.slice(0, 100)), "model_corrupt", /download or copy it again/],
    ["cut in tensors", file("half.gguf", tiny.slice(0, tiny.length / 2)), "model_corrupt", /file bounds/],
    ["last block gone", file("last.gguf", tiny.slice(0, -64)), "model_corrupt", /file bounds/],
    ["unknown architecture", patched("arch.gguf", architecture, "xlama"), "model_unsupported", /xlama/],
  ];
  for (const [name, model, errorType, message] of cases) {
    await check({ name, changes: { config: { model } }, errorType, message });
  }
});

Deno.test("settings that the library would abort on, or silently change, are refused by name", async () => {
  const cases: readonly (readonly [NonNullable<Changes["llamacpp"]>, string, RegExp])[] = [
    [{ n_ctx: 256, n_parallel: 4 }, "ok", /./],
    [{ n_ctx: 3, n_parallel: 4 }, "bad_setting", /n_ctx is 3; it must not be below n_parallel \(4\)/],
    [{ n_batch: 2, n_parallel: 4 }, "bad_setting", /n_batch is 2; it must not be below n_parallel \(4\)/],
    [{ n_ubatch: 2, n_parallel: 4 }, "bad_setting", /n_ubatch is 2/],
    [{ n_threads: 1000 }, "bad_setting", /n_threads is 1000; the library accepts at most 512/],
    [{ n_parallel: 257 }, "bad_setting", /n_parallel is 257; the library accepts at most 256/],
    [{ n_ctx: 5e9 }, "bad_setting", /n_ctx is 5000000000/],
    [{ flash_attn: "off", cache_type_v: "q8_0" }, "bad_setting", /quantized V cache requires flash_attn/],
    [
      { n_ctx: 200_000_000 },
      "context_too_large",
      /200000000 tokens needs 102400000000 bytes.*bytes of memory/,
    ],
  ];
  for (const [llamacpp, errorType, message] of cases) {
    if (errorType === "ok") assert.equal((await runOnce({ llamacpp })).status.code, 0);
    else await check({ name: JSON.stringify(llamacpp), changes: { llamacpp }, errorType, message });
  }
  await check({
    name: "workload over n_ctx",
    changes: {
      config: { dataset: { n: 2, input_len: 250, output_len: 10, seed: 1 } },
      llamacpp: { n_ctx: 512, n_parallel: 2 },
    },
    errorType: "bad_setting",
    message: /n_ctx 512 gives each of 2 sequences 256 tokens; the workload needs 260. Set it to 1024/,
  });
});

Deno.test("settings of other engines are refused, not dropped", async () => {
  const lora = { adapter_id: "x/y", adapter_path: null, merge_weights: false };
  for (const config of [{ lora }, { passthrough_kwargs: { revision: "main" } }]) {
    const [field = ""] = Object.keys(config);
    await check({
      name: field,
      changes: { config },
      errorType: "bad_setting",
      message: new RegExp(`does not support ${field}`),
    });
  }
});

Deno.test("a GPU that was asked for and is not there fails the run", async () => {
  await check({
    name: "no GPU library",
    changes: { llamacpp: { n_gpu_layers: 1 } },
    errorType: "gpu_unavailable",
    message: /contains none of libggml-cuda\.so.*n_gpu_layers to 0/,
  });
});

Deno.test("a CUDA library that does not load fails the run unless it wants no GPU", async () => {
  const library_dir = Deno.makeTempDirSync();
  for (const { name } of Deno.readDirSync(ASSETS)) {
    if (name.endsWith(".so")) Deno.symlinkSync(join(ASSETS, name), join(library_dir, name));
  }
  const cuda = join(library_dir, "libggml-cuda.so");
  const base = Deno.readFileSync(join(ASSETS, "libggml-base.so"));
  const cases: readonly (readonly [number, Uint8Array, RegExp])[] = [
    [-1, new TextEncoder().encode("no library"), /libggml-cuda\.so: file too short/],
    [3, base.subarray(0, 5000), /libggml-cuda\.so: cut short/],
    [3, base, /failed to find ggml_backend_init in .*libggml-cuda\.so/], // loads, and is no back end
  ];
  for (const [n_gpu_layers, content, message] of cases) {
    Deno.writeFileSync(cuda, content);
    await check({
      name: `${content.length} bytes`,
      changes: { llamacpp: { n_gpu_layers, library_dir } },
      errorType: "gpu_unavailable",
      message,
    });
  }
  const said = await runOnce({ llamacpp: { n_gpu_layers: 0, library_dir } });
  assert.equal(said.status.code, 0, said.error?.message);
  Deno.removeSync(library_dir, { recursive: true });
});

Deno.test("prompts that the runner did not write down, that are gone or changed, are refused", async () => {
  const writtenFolder = Deno.makeTempDirSync();
  const prompts = (name: string): string => join(writtenFolder, name);
  const { file: written, text } = writePrompts([{ text: "hello", location: "", source: "" }], "a test");
  Deno.writeFileSync(prompts("changed.jsonl"), new TextEncoder().encode('{"prompt":"other"}\n'));
  Deno.writeFileSync(prompts("good.jsonl"), text);
  const base = makeAssignment({ config: { dataset: "own.jsonl", n: 1 } });
  const cases: readonly (readonly [string | null, RegExp])[] = [
    [null, /names no prompts \(inputs\.prompts is null\)/],
    ["gone.jsonl", /Cannot read prompts from .*gone\.jsonl: No such file/],
    ["changed.jsonl", /changed\.jsonl was changed after the study began/],
  ];
  for (const [name, message] of cases) {
    const file = name === null ? null : { ...written, path: prompts(name) };
    const read = (): unknown => readPromptFile({ ...base.inputs, prompts: file });
    assert.throws(read, (error) => error instanceof WorkerError && error.errorType === "no_prompts");
    assert.throws(read, message);
  }
  const good = { ...written, path: prompts("good.jsonl") };
  assert.deepEqual(readPromptFile({ ...base.inputs, prompts: good }), ["hello"]);
  Deno.removeSync(writtenFolder, { recursive: true });
  await check({
    name: "by the worker",
    changes: { config: { dataset: "aienergyscore" } },
    errorType: "no_prompts",
    message: /names no prompts/,
  });
});

Deno.test("the path of a model is relative to the folder of the study", async () => {
  const baseDir = Deno.makeTempDirSync();
  Deno.copyFileSync(join(ASSETS, "tiny-random.gguf"), join(baseDir, "mine.gguf"));
  const said = await runOnce({
    baseDir,
    prompts: ["why?", "so"],
    config: { model: "./mine.gguf", dataset: "mine.jsonl", n: 2, max_output_tokens: 3 },
  });
  assert.deepEqual(said.requests.map(({ input_tokens }) => input_tokens), [5, 3], said.error?.message);
  assert.equal(said.result?.model?.["file"], join(baseDir, "mine.gguf"));
  Deno.removeSync(baseDir, { recursive: true });
});
