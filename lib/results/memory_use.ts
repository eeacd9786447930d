/** Memory of a run by what it was for, whatever the engine calls it. */
import { largest } from "../base/numbers.ts";
import { isJsonObject, type JsonObject } from "../base/json.ts";
import type { ResultRecord } from "./record.ts";

/** In bytes; null is not told. */
export interface MemoryUse {
  readonly weights_bytes: number | null;
  readonly kv_cache_bytes: number | null;
  /** How many tokens the KV cache has room for. */
  readonly kv_cache_tokens: number | null;
  readonly activations_bytes: number | null;
  /** Of captured CUDA graphs. */
  readonly graphs_bytes: number | null;
  /** The most that was held at once. */
  readonly peak_bytes: number | null;
  /** Whose peak that is: of the GPUs, or of the engine's processes with all that is in them. */
  readonly peak_of: "gpus" | "processes";
}

/** How a worker found the peak of GPUs: by their allocator, or by what is used on them. */
const ON_GPUS: readonly string[] = ["cuda_allocator", "device_used"];

/** Null where the worker tells no part and no peak. */
export function memoryUse({ measurement }: ResultRecord): MemoryUse | null {
  const memory = measurement?.memory ?? {};
  const parts = objectAt(memory, "parts");
  const use: MemoryUse = {
    weights_bytes: numberAt(parts, "weights_bytes") ?? numberAt(memory, "weights_bytes") ??
      numberAt(memory, "model_buffer_bytes"),
    kv_cache_bytes: numberAt(parts, "kv_cache_bytes") ?? numberAt(memory, "kv_bytes"),
    kv_cache_tokens: numberAt(objectAt(memory, "kv_cache"), "tokens"),
    activations_bytes: numberAt(parts, "activations_bytes") ?? numberAt(memory, "compute_buffer_bytes"),
    graphs_bytes: numberAt(parts, "graphs_bytes"),
    peak_bytes: numberAt(memory, "peak_bytes") ?? numberAt(memory, "peak_rss_bytes"),
    peak_of: ON_GPUS.includes(String(memory["method"])) ? "gpus" : "processes",
  };
  const { peak_of: _, ...bytes } = use;
  return Object.values(bytes).every((value) => value === null) ? null : use;
}

/** Of several runs of one experiment: the parts of the first that tells, and the highest peak of all. */
export function memoryOfAll(uses: readonly MemoryUse[]): MemoryUse | null {
  const [first] = uses;
  if (first === undefined) return null;
  const peaks = uses.map(({ peak_bytes }) => peak_bytes).filter((peak) => peak !== null);
  return { ...first, peak_bytes: peaks.length === 0 ? null : largest(peaks) };
}

function objectAt(from: JsonObject, name: string): JsonObject {
  const value = from[name];
  return isJsonObject(value) ? value : {};
}

function numberAt(from: JsonObject, name: string): number | null {
  const value = from[name];
  return typeof value === "number" && value >= 0 ? value : null;
}
