import type { JsonObject } from "../../../lib/base/json.ts";
import { fromCString, toCString } from "./c_text.ts";
import type { Library } from "./library.ts";
import type { Model } from "./model.ts";
import type { ModelFile } from "./model_file.ts";

const METADATA = [
  "general.architecture",
  "general.name",
  "general.size_label",
  "general.quantization_version",
  "general.description",
] as const;
const VALUE_BYTES = 1024;

/** A metadata value of the file as text, cut at 1 kB; null where it is absent. */
export function readMetadata({ llama }: Library, model: Model, key: string): string | null {
  const value = new Uint8Array(VALUE_BYTES);
  const length = llama.llama_model_meta_val_str(model.pointer, toCString(key), value, BigInt(VALUE_BYTES));
  return length < 0 ? null : fromCString(Deno.UnsafePointer.of(value));
}

/** What the result says about the model. */
export function modelFacts(library: Library, model: Model, file: ModelFile): JsonObject {
  const { llama } = library;
  const metadata = Object.fromEntries(METADATA.map((key) => [key, readMetadata(library, model, key)]));
  return {
    name: metadata["general.name"] ?? null,
    architecture: metadata["general.architecture"] ?? null,
    ftype: fromCString(llama.llama_ftype_name(llama.llama_model_ftype(model.pointer))),
    n_params: Number(llama.llama_model_n_params(model.pointer)),
    size_bytes: Number(llama.llama_model_size(model.pointer)),
    n_layer: llama.llama_model_n_layer(model.pointer),
    n_embd: llama.llama_model_n_embd(model.pointer),
    n_head: llama.llama_model_n_head(model.pointer),
    n_head_kv: llama.llama_model_n_head_kv(model.pointer),
    n_ctx_train: llama.llama_model_n_ctx_train(model.pointer),
    n_vocab: llama.llama_vocab_n_tokens(model.vocab),
    file: file.path,
    file_bytes: file.bytes,
    file_modified: file.modified,
    metadata,
  };
}
