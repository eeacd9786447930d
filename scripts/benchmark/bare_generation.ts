/**
 * Decodes with nothing around the library: one batch, greedy, on the main thread, no record of anything but the time.
 * It shares the tables of symbols and structs with the program, and nothing that runs while tokens are made.
 *
 *     deno run -A scripts/benchmark/bare_generation.ts '{"libraries": ..., "model": ..., "threads": 1, ...}'
 */
import { BATCH_AT, BATCH_BYTES, CONTEXT_PARAMS_AT } from "../../worker/engines/llamacpp/structs.ts";
import { LLAMA_SYMBOLS } from "../../worker/engines/llamacpp/symbols.ts";

/** What is to be generated: `parallel` texts at once. */
export interface BareSettings {
  /** Folder with the library and its CPU variants. */
  readonly libraries: string;
  readonly model: string;
  readonly threads: number;
  readonly parallel: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** What came of it. */
export interface BareSpeed {
  /** Of decoding: the first token of each text comes of the prefill and does not count. */
  readonly tokensPerS: number;
}

type Bytes = Uint8Array<ArrayBuffer>;
type Llama = Deno.DynamicLibrary<typeof LLAMA_SYMBOLS>["symbols"];

const BACKEND_SYMBOLS = {
  ggml_backend_load_all_from_path: { parameters: ["buffer"], result: "void" },
} as const satisfies Deno.ForeignLibraryInterface;

/** llama_batch over arrays of the greatest size. */
interface Batch {
  readonly struct: Bytes;
  readonly tokens: Int32Array;
  readonly positions: Int32Array;
  readonly sequences: Int32Array;
  readonly outputs: Int8Array;
  /** Read by the library alone. */
  readonly held: readonly unknown[];
}

/** Loads, warms up with the same work, and measures once. */
export function generateBare(settings: BareSettings): BareSpeed {
  const { parallel, inputTokens, outputTokens } = settings;
  const llama = openLibrary(settings.libraries);
  const model = present(llama.llama_model_load_from_file(toC(settings.model), modelParams(llama)), "model");
  const context = present(llama.llama_init_from_model(model, contextParams(llama, settings)), "context");
  const memory = llama.llama_get_memory(context);
  const sampler = greedySampler(llama, present(llama.llama_model_get_vocab(model), "vocabulary"));
  const batch = makeBatch(parallel * inputTokens);

  const decode = (): void => {
    if (llama.llama_decode(context, batch.struct) !== 0) throw new Error("llama_decode failed");
    llama.llama_synchronize(context);
  };
  const sample = (index: number): number => llama.llama_sampler_sample(sampler, context, index);

  const round = (): BareSpeed => {
    llama.llama_memory_clear(memory, false);
    for (let text = 0; text < parallel; text++) {
      for (let at = 0; at < inputTokens; at++) {
        fill(batch, text * inputTokens + at, {
          token: promptToken(at),
          at,
          text,
          last: at === inputTokens - 1,
        });
      }
    }
    setSize(batch, parallel * inputTokens);
    decode();
    let newest = Array.from({ length: parallel }, (_, text) => sample((text + 1) * inputTokens - 1));
    const beginMs = performance.now();
    setSize(batch, parallel);
    for (let made = 1; made < outputTokens; made++) {
      newest.forEach((token, text) =>
        fill(batch, text, { token, at: inputTokens + made - 1, text, last: true })
      );
      decode();
      newest = newest.map((_, text) => sample(text));
    }
    return { tokensPerS: parallel * (outputTokens - 1) / (performance.now() - beginMs) * 1000 };
  };
  round();
  return round();
}

function openLibrary(folder: string): Llama {
  Deno.dlopen(`${folder}/libggml-base.so`, {});
  const { symbols } = Deno.dlopen(`${folder}/libggml.v0.5.0.so`, BACKEND_SYMBOLS);
  const llama = Deno.dlopen(`${folder}/libllama.v0.5.0.so`, LLAMA_SYMBOLS).symbols;
  const quiet = new Deno.UnsafeCallback(
    { parameters: ["i32", "pointer", "pointer"], result: "void" },
    () => {},
  );
  llama.llama_log_set(quiet.pointer, null);
  symbols.ggml_backend_load_all_from_path(toC(folder));
  llama.llama_backend_init();
  return llama;
}

function modelParams(llama: Llama): Bytes {
  return llama.llama_model_default_params() as Bytes;
}

function contextParams(llama: Llama, { threads, parallel, inputTokens, outputTokens }: BareSettings): Bytes {
  const params = llama.llama_context_default_params() as Bytes;
  const view = new DataView(params.buffer);
  view.setUint32(
    CONTEXT_PARAMS_AT.n_ctx,
    parallel * Math.ceil((inputTokens + outputTokens) / 256) * 256,
    true,
  );
  view.setUint32(CONTEXT_PARAMS_AT.n_batch, parallel * inputTokens, true);
  view.setUint32(CONTEXT_PARAMS_AT.n_seq_max, parallel, true);
  view.setInt32(CONTEXT_PARAMS_AT.n_threads, threads, true);
  view.setInt32(CONTEXT_PARAMS_AT.n_threads_batch, threads, true);
  return params;
}

/** The most likely token, never one that ends the text: every text has the length that was asked for. */
function greedySampler(llama: Llama, vocabulary: Deno.PointerObject): Deno.PointerObject {
  const size = llama.llama_vocab_n_tokens(vocabulary);
  const ends = Array.from({ length: size }, (_, token) => token)
    .filter((token) => llama.llama_vocab_is_eog(vocabulary, token));
  const biases = new DataView(new ArrayBuffer(8 * ends.length));
  ends.forEach((token, index) => {
    biases.setInt32(8 * index, token, true);
    biases.setFloat32(8 * index + 4, -Infinity, true);
  });
  const chain = present(llama.llama_sampler_chain_init(new Uint8Array([1])), "sampler");
  const ban = llama.llama_sampler_init_logit_bias(size, ends.length, new Uint8Array(biases.buffer));
  llama.llama_sampler_chain_add(chain, ban);
  llama.llama_sampler_chain_add(chain, llama.llama_sampler_init_greedy());
  return chain;
}

function makeBatch(capacity: number): Batch {
  const [tokens, positions, sequences] = [0, 1, 2].map(() => new Int32Array(capacity)) as [
    Int32Array<ArrayBuffer>,
    Int32Array<ArrayBuffer>,
    Int32Array<ArrayBuffer>,
  ];
  const outputs = new Int8Array(capacity);
  const counts = new Int32Array(capacity).fill(1);
  const first = addressOf(sequences);
  const ids = BigUint64Array.from({ length: capacity }, (_, index) => first + BigInt(4 * index));
  const struct = new Uint8Array(BATCH_BYTES);
  const view = new DataView(struct.buffer);
  const arrays = { token: tokens, pos: positions, n_seq_id: counts, seq_id: ids, logits: outputs };
  for (
    const [field, array] of Object.entries(arrays) as [keyof typeof arrays, ArrayBufferView<ArrayBuffer>][]
  ) {
    view.setBigUint64(BATCH_AT[field], addressOf(array), true);
  }
  return { struct, tokens, positions, sequences, outputs, held: [counts, ids] };
}

function fill(
  batch: Batch,
  index: number,
  entry: { readonly token: number; readonly at: number; readonly text: number; readonly last: boolean },
): void {
  batch.tokens[index] = entry.token;
  batch.positions[index] = entry.at;
  batch.sequences[index] = entry.text;
  batch.outputs[index] = entry.last ? 1 : 0;
}

function setSize({ struct }: Batch, size: number): void {
  new DataView(struct.buffer).setInt32(BATCH_AT.n_tokens, size, true);
}

/** Some text; an engine works as hard on any. */
function promptToken(at: number): number {
  return 1000 + at;
}

function present(pointer: Deno.PointerValue, what: string): Deno.PointerObject {
  if (pointer === null) throw new Error(`The library made no ${what}`);
  return pointer;
}

function addressOf(array: ArrayBufferView<ArrayBuffer>): bigint {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  return Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes));
}

function toC(text: string): Bytes {
  return new TextEncoder().encode(text + "\0");
}

if (import.meta.main) {
  console.log(JSON.stringify(generateBare(JSON.parse(Deno.args[0] ?? "{}") as BareSettings)));
  Deno.exit(0); // the log callback would keep the process
}
