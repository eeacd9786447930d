import { pathFrom } from "../../../lib/base/expand_home.ts";
import { ownVariable } from "../../../lib/base/own_environment.ts";
import { WorkerError } from "../../worker_error.ts";
import { modelMissing, modelNotGguf, modelNotRegular, modelVersionTooNew } from "./messages.ts";

const MAGIC = "GGUF";
const NEWEST_VERSION = 3;

/** A file that begins like a GGUF file this release can read. */
export interface ModelFile {
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
  readonly modified: string | null;
  /** Where it is known without reading the file. */
  readonly sha256: string | null;
}

/** Looks at the file before the library does, which says little more than "no". */
export function openModelFile(model: string, baseDir: string): ModelFile {
  const path = pathFrom(baseDir, model, { HOME: ownVariable("HOME") });
  const info = statModel(path, model);
  const head = readHead(path);
  if (head.length < 8 || new TextDecoder().decode(head.subarray(0, 4)) !== MAGIC) {
    throw new WorkerError(
      "not_gguf",
      modelNotGguf(path, describeHead(head)),
    );
  }
  const version = new DataView(head.buffer).getUint32(4, true);
  if (version > NEWEST_VERSION) {
    throw new WorkerError(
      "model_unsupported",
      modelVersionTooNew(path, version, NEWEST_VERSION),
    );
  }
  return { path, bytes: info.size, modified: info.mtime?.toISOString() ?? null, sha256: null };
}

function statModel(path: string, model: string): Deno.FileInfo {
  try {
    const info = Deno.statSync(path);
    if (info.isFile) return info;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new WorkerError(
        "model_not_found",
        modelMissing(model, path),
      );
    }
    throw new WorkerError("model_not_found", `Cannot load model ${path}: ${(error as Error).message}.`, {
      cause: error,
    });
  }
  throw new WorkerError("not_gguf", modelNotRegular(path));
}

function readHead(path: string): Uint8Array<ArrayBuffer> {
  try {
    using file = Deno.openSync(path);
    const head = new Uint8Array(8);
    return head.slice(0, file.readSync(head) ?? 0);
  } catch (error) {
    throw new WorkerError("model_not_found", `Cannot read model ${path}: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}

function describeHead(head: Uint8Array): string {
  if (head.length < 8) return head.length === 0 ? "it is empty" : `it has ${head.length} bytes`;
  const hex = [...head.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return `it begins with ${hex}`;
}
