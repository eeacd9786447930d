import assert from "node:assert/strict";
import { join } from "node:path";
import { openLibrary } from "../../../../worker/engines/llamacpp/library.ts";
import {
  BATCH,
  BATCH_BYTES,
  CONTEXT_DEFAULTS,
  CONTEXT_PARAMS,
  CONTEXT_PARAMS_AT,
  MODEL_PARAMS,
  MODEL_PARAMS_AT,
  PERF_CONTEXT,
} from "../../../../worker/engines/llamacpp/structs.ts";
import { checkStructs } from "../../../../worker/engines/llamacpp/version_guard.ts";
import { ASSETS, runOnce } from "../../worker_process.ts";

const SIZE = { u8: 1, i32: 4, u32: 4, f32: 4, f64: 8, pointer: 8, usize: 8 } as const;

/** Size of a C struct with natural alignment. */
function sizeOf({ struct }: { readonly struct: readonly (keyof typeof SIZE)[] }): number {
  const align = (at: number, size: number): number => Math.ceil(at / size) * size;
  const end = struct.reduce((at, type) => align(at, SIZE[type]) + SIZE[type], 0);
  return align(end, Math.max(...struct.map((type) => SIZE[type])));
}

Deno.test("the struct definitions have the sizes that the C headers give", () => {
  assert.equal(sizeOf(MODEL_PARAMS), 80);
  assert.equal(sizeOf(CONTEXT_PARAMS), 160);
  assert.equal(sizeOf(BATCH), BATCH_BYTES);
  assert.equal(sizeOf(PERF_CONTEXT), 48);
});

// A library stays open to the end of its process, so here it looks like a leak.
Deno.test("the library's defaults stand at our offsets", { sanitizeResources: false }, () => {
  const { llama } = openLibrary(ASSETS);
  const context = new DataView((llama.llama_context_default_params() as Uint8Array<ArrayBuffer>).buffer);
  for (const [field, value] of Object.entries(CONTEXT_DEFAULTS)) {
    assert.equal(
      context.getInt32(CONTEXT_PARAMS_AT[field as keyof typeof CONTEXT_DEFAULTS], true),
      value,
      field,
    );
  }
  assert.equal(context.getInt32(CONTEXT_PARAMS_AT.n_seq_max, true), 1);
  assert.equal(context.getInt32(CONTEXT_PARAMS_AT.n_threads, true), 4);
  assert.equal(context.getInt32(CONTEXT_PARAMS_AT.n_threads_batch, true), 4);
  assert.equal(context.getInt32(CONTEXT_PARAMS_AT.flash_attn, true), -1);
  const model = new DataView((llama.llama_model_default_params() as Uint8Array<ArrayBuffer>).buffer);
  assert.equal(model.getBigUint64(MODEL_PARAMS_AT.devices, true), 0n);
  assert.equal(model.getInt32(MODEL_PARAMS_AT.n_gpu_layers, true), -1);
  assert.equal(model.getInt32(MODEL_PARAMS_AT.split_mode, true), 1);
  assert.equal(model.getInt32(MODEL_PARAMS_AT.load_mode, true), -1);
  assert.equal(model.getInt32(MODEL_PARAMS_AT.main_gpu, true), 0);
});

Deno.test("checkStructs() names the field that is not where it should be", () => {
  const shifted = new Uint8Array(160);
  new DataView(shifted.buffer).setInt32(CONTEXT_PARAMS_AT.n_ctx, 512, true);
  assert.throws(
    () => checkStructs({ llama_context_default_params: () => shifted }, "/lib"),
    /\/lib: its parameter structs differ \(n_batch, n_ubatch, type_k, type_v\)/,
  );
});

Deno.test("a folder without the library, or with half of it, is library_missing", async () => {
  const library_dir = Deno.makeTempDirSync();
  const expect = async (pattern: RegExp): Promise<void> => {
    const { error } = await runOnce({ llamacpp: { library_dir } });
    assert.equal(error?.error_type, "library_missing");
    assert.match(error.message, pattern);
  };
  await expect(/libggml-base\.so, libggml\.v0\.5\.0\.so, libllama\.v0\.5\.0\.so not found/);
  for (const name of ["libllama.v0.5.0.so", "libggml-base.so"]) copyInto(library_dir, name);
  await expect(/: libggml\.v0\.5\.0\.so not found/);
  copyInto(library_dir, "libggml.v0.5.0.so");
  Deno.truncateSync(join(library_dir, "libllama.v0.5.0.so"), 1000);
  await expect(/libllama\.v0\.5\.0\.so: cut short: 1000 bytes, 4620496 expected/);
  Deno.writeTextFileSync(join(library_dir, "libllama.v0.5.0.so"), "x".repeat(1000));
  await expect(/libllama\.v0\.5\.0\.so: not a shared library/);
  Deno.removeSync(library_dir, { recursive: true });
  await expect(/No such file or directory/);
});

Deno.test("the current directory is never searched for a library", async () => {
  const [library_dir, cwd] = [Deno.makeTempDirSync(), Deno.makeTempDirSync()];
  copyInto(library_dir, "libllama.v0.5.0.so");
  copyInto(library_dir, "libggml.v0.5.0.so");
  copyInto(cwd, "libggml-base.so");
  const { error } = await runOnce({ llamacpp: { library_dir } }, { cwd });
  assert.equal(error?.error_type, "library_missing");
  for (const path of [library_dir, cwd]) Deno.removeSync(path, { recursive: true });
});

Deno.test("LLEM_LLAMACPP_DIR names the library, and library_dir goes before it", async () => {
  const empty = Deno.makeTempDirSync();
  const env = { LLEM_LLAMACPP_DIR: empty };
  const { error } = await runOnce({}, { env });
  assert.equal(error?.error_type, "library_missing");
  assert.ok(error.message.includes(empty));
  const said = await runOnce({ llamacpp: { library_dir: ASSETS } }, { env });
  assert.equal(said.status.code, 0, said.error?.message);
  Deno.removeSync(empty, { recursive: true });
});

Deno.test("another release is refused by its file name", async () => {
  const library_dir = Deno.makeTempDirSync();
  Deno.copyFileSync(join(ASSETS, "libllama.v0.5.0.so"), join(library_dir, "libllama.v0.6.0.so"));
  const { error } = await runOnce({ llamacpp: { library_dir } });
  assert.equal(error?.error_type, "library_mismatch");
  assert.match(error.message, /libllama\.v0\.6\.0\.so: llama\.cpp v0\.5\.0 is needed/);
  Deno.removeSync(library_dir, { recursive: true });
});

const hasCompiler = new Deno.Command("sh", { args: ["-c", "command -v gcc"] }).outputSync().success;

Deno.test({
  name: "another release under the right file name is refused by what it says of itself",
  ignore: !hasCompiler,
  async fn() {
    const library_dir = Deno.makeTempDirSync();
    for (const name of ["libggml-base.so", "libggml.v0.5.0.so"]) copyInto(library_dir, name);
    // It also shows what the environment was when the library was loaded.
    const source = join(library_dir, "fake.c");
    Deno.writeTextFileSync(
      source,
      `#include <stdio.h>
       #include <stdlib.h>
       const char *llama_version(void) {
         static char text[200];
         const char *path = getenv("GGML_BACKEND_PATH"), *trace = getenv("GGML_NO_BACKTRACE");
         snprintf(text, sizeof text, "0.6.0 trace=%s path=%s", trace ? trace : "unset", path ? path : "unset");
         return text;
       }`,
    );
    const library = join(library_dir, "libllama.v0.5.0.so");
    const built = new Deno.Command("gcc", { args: ["-shared", "-fPIC", "-o", library, source] }).outputSync();
    assert.ok(built.success, new TextDecoder().decode(built.stderr));
    const { error } = await runOnce({ llamacpp: { library_dir } }, {
      env: { GGML_BACKEND_PATH: "/evil.so" },
    });
    assert.equal(error?.error_type, "library_mismatch");
    assert.match(error.message, /it is llama\.cpp 0\.6\.0 .*but llama\.cpp 0\.5\.0-dev with ggml 0\.25\.1/);
    assert.match(error.message, /trace=1 path=unset/);
    Deno.removeSync(library_dir, { recursive: true });
  },
});

function copyInto(folder: string, name: string): void {
  Deno.copyFileSync(join(ASSETS, name), join(folder, name));
}
