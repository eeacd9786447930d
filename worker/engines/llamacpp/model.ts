import type { LlamacppConfig } from "../../../lib/experiment/engines/llamacpp.ts";
import { WorkerError } from "../../worker_error.ts";
import { toCString } from "./c_text.ts";
import type { Library } from "./library.ts";
import type { LoadLog } from "./load_log.ts";
import type { ModelFile } from "./model_file.ts";
import { LOAD_MODE, MODEL_PARAMS_AT, SPLIT_MODE } from "./structs.ts";
import { MODEL_REMEDY, modelGeneratesNoText, modelNotLoaded, NOT_CAUSAL } from "./messages.ts";

/** A loaded model; never NULL. */
export interface Model {
  readonly pointer: Deno.PointerObject;
  readonly vocab: Deno.PointerObject;
}

/** Loads the weights. */
export function loadModel(library: Library, log: LoadLog, file: ModelFile, config: LlamacppConfig): Model {
  const { llama } = library;
  const params = llama.llama_model_default_params() as Uint8Array<ArrayBuffer>;
  const view = new DataView(params.buffer);
  const noDevices = new BigUint64Array([0n]); // a list that ends at once
  if (config.n_gpu_layers === 0) {
    view.setBigUint64(MODEL_PARAMS_AT.devices, addressOf(noDevices), true);
  }
  view.setInt32(MODEL_PARAMS_AT.n_gpu_layers, config.n_gpu_layers, true);
  view.setInt32(MODEL_PARAMS_AT.split_mode, SPLIT_MODE[config.split_mode], true);
  view.setInt32(MODEL_PARAMS_AT.main_gpu, config.main_gpu, true);
  view.setInt32(MODEL_PARAMS_AT.load_mode, config.use_mmap ? LOAD_MODE.auto : LOAD_MODE.read, true);
  const pointer = llama.llama_model_load_from_file(toCString(file.path), params);
  if (pointer === null) throw loadError(file.path, log.reason);
  const vocab = llama.llama_model_get_vocab(pointer);
  if (vocab === null || llama.llama_vocab_type(vocab) === 0) throw noText(file.path, NOT_CAUSAL.vocabulary);
  if (!llama.llama_model_has_decoder(pointer) || llama.llama_model_has_encoder(pointer)) {
    throw noText(file.path, NOT_CAUSAL.encoder);
  }
  if (llama.llama_model_is_diffusion(pointer)) throw noText(file.path, NOT_CAUSAL.diffusion);
  return { pointer, vocab };
}

function addressOf(view: BigUint64Array<ArrayBuffer>): bigint {
  return Deno.UnsafePointer.value(Deno.UnsafePointer.of(view));
}

/** The library says only in its log why it returned NULL. */
function loadError(path: string, reason: string): WorkerError {
  const [errorType, remedy] = classify(reason);
  return new WorkerError(errorType, modelNotLoaded(path, reason, remedy));
}

function classify(reason: string): readonly [string, string] {
  if (/unknown (model architecture|pre-tokenizer|tokenizer)|only supports up to version/.test(reason)) {
    return ["model_unsupported", MODEL_REMEDY.unsupported];
  }
  if (/insufficient memory|out of memory|failed to allocate|unable to allocate/.test(reason)) {
    return ["out_of_memory", MODEL_REMEDY.memory];
  }
  if (/invalid value for main_gpu/.test(reason)) {
    return ["bad_setting", MODEL_REMEDY.main_gpu];
  }
  if (
    /within the file bounds|failed to read|remaining file size|corrupt|invalid|missing|not found/.test(reason)
  ) {
    return ["model_corrupt", MODEL_REMEDY.corrupt];
  }
  return ["engine_error", MODEL_REMEDY.unknown];
}

function noText(path: string, reason: string): WorkerError {
  return new WorkerError(
    "model_unsupported",
    modelGeneratesNoText(path, reason),
  );
}
