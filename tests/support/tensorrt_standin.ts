/**
 * Writes a stand-in for the Python package `tensorrt_llm`: TensorRT-LLM itself runs on NVIDIA GPUs alone. It has the names,
 * the signatures, the texts of errors and the habits of releases 1.0 to 1.3 as far as the worker touches them, and computes
 * nothing. What only the real one can show stands in docs/proven/.
 */
import { cpSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "../../lib/base/json.ts";

/** What a test may have otherwise. */
export interface StandInOptions {
  /** A local version follows it, which says what it is. */
  readonly release?: string;
  /** What importing it raises, as an ImportError. */
  readonly import_error?: string;
}

/** Writes the package into a folder, which is returned: it belongs into PYTHONPATH. */
export function writeStandIn(
  folder: string,
  { release = "1.2.1", import_error }: StandInOptions = {},
): string {
  const version = `${release}+standin`;
  const metadata = `Metadata-Version: 2.1\nName: tensorrt_llm\nVersion: ${version}\n`;
  write(join(folder, `tensorrt_llm-${version}.dist-info`, "METADATA"), metadata);
  const made = join(folder, "tensorrt_llm");
  cpSync(new URL("../fixtures/tensorrt_llm", import.meta.url), made, { recursive: true });
  const init = join(made, "__init__.py");
  const failure = import_error === undefined ? "" : `raise ImportError(${JSON.stringify(import_error)})\n`;
  Deno.writeTextFileSync(init, failure + Deno.readTextFileSync(init).replaceAll("RELEASE", version));
  const [major = 0, minor = 0] = release.split(".").map(Number);
  // Engine files are gone from later releases.
  if (major > 1 || minor > 2) Deno.removeSync(join(made, "_tensorrt_engine"), { recursive: true });
  return folder;
}

/** How the stand-in behaves with a model: read from the model's folder, beside config.json. */
export interface Behaviour {
  /** Loading never ends, after the line with which MPI begins. */
  readonly load?: "hangs";
  /** Loading raises RuntimeError, or an error with this text as the cause of a failed process. */
  readonly load_error?: string;
  readonly process_error?: string;
  /** Requests fail with this text. */
  readonly request_error?: string;
  /** Tokens of one answer; 1. */
  readonly chunk?: number;
  /** Answers end after so many tokens, by their length. */
  readonly cut_at?: number;
  /** Answers end here with the end token, unless it is to be ignored; of each of several texts where it is a list. */
  readonly end_at?: number | readonly (number | null)[];
  /** Blocks are reused whatever was set. */
  readonly reuses?: boolean;
  /** Arguments that become something else. */
  readonly resolved?: JsonObject;
  readonly shutdown?: "hangs";
}

/** Lets the model in that folder be run so. */
export function behave(model: string, behaviour: Behaviour): string {
  write(join(model, "standin.json"), JSON.stringify(behaviour));
  return model;
}

/** Writes engine files, as far as anybody but the engine reads them. */
export function writeEngineFiles(folder: string, config: JsonObject = {}): string {
  const built = { max_batch_size: 16, max_input_len: 512, max_seq_len: 1024, max_beam_width: 4 };
  const model = { dtype: "float32", mapping: { tp_size: 1, pp_size: 1 }, quantization: { quant_algo: null } };
  const said = { version: "1.2.1+standin", pretrained_config: { ...model, ...config }, build_config: built };
  write(join(folder, "config.json"), JSON.stringify(said));
  return folder;
}

function write(path: string, text: string): void {
  Deno.mkdirSync(join(path, ".."), { recursive: true });
  Deno.writeTextFileSync(path, text);
}
