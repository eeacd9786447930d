import { join } from "node:path";
import { WorkerError } from "../../worker_error.ts";
import { fromCString, toCString } from "./c_text.ts";
import { loadCpuVariant } from "./cpu_variant.ts";
import { findElfDefect } from "./elf_defect.ts";
import type { Library } from "./library.ts";
import type { LoadLog } from "./load_log.ts";
import { GPU_LIBRARIES } from "./release.ts";
import { layersNotOnGpu, noDeviceStarted, noGpuLibraries } from "./messages.ts";

const TYPES = ["cpu", "gpu", "igpu", "accel", "meta"] as const;

/** A device as the library names it. */
export interface Device {
  readonly name: string;
  readonly description: string;
  readonly type: typeof TYPES[number] | "unknown";
  readonly memory_free_bytes: number;
  readonly memory_total_bytes: number;
}

/** True for what `n_gpu_layers` can mean. */
export function isGpu(device: Device): boolean {
  return device.type === "gpu" || device.type === "igpu";
}

/** What the run computes on. */
export interface Hardware {
  readonly devices: readonly Device[];
  /** The CPU kernels in use, such as `zen4`; null where the build has them linked in. */
  readonly cpuVariant: string | null;
}

/**
 * Loads the back ends by name and lists the devices. A run that asks for a GPU and has none fails here: the
 * library itself would go on, silently, on the CPU. With no layer for the GPU its library is not even loaded.
 */
export function openHardware(library: Library, log: LoadLog, gpuLayers: number): Hardware {
  const gpuProblem = gpuLayers === 0 ? null : loadGpuLibraries(library, log);
  const cpuVariant = loadCpuVariant(library);
  library.llama.llama_backend_init();
  const devices = listDevices(library).filter((device) => gpuLayers !== 0 || !isGpu(device));
  if (gpuLayers !== 0 && !devices.some(isGpu)) requireNoGpuWish(library, gpuLayers, gpuProblem);
  return { devices, cpuVariant };
}

/** Null where the folder has no GPU library, else why those that are there might give no device. */
function loadGpuLibraries(library: Library, log: LoadLog): string | null {
  const paths = GPU_LIBRARIES.map((name) => join(library.folder, name)).filter(exists);
  if (paths.length === 0) return null;
  const problems = paths.flatMap((path) => {
    const defect = findElfDefect(path);
    if (defect !== null) return [`${path}: ${defect}`];
    library.ggml.ggml_backend_load(toCString(path)); // NULL or no device: the reason is in the log
    return [];
  });
  return problems.length > 0 ? problems.join("; ") : log.reason;
}

function requireNoGpuWish(library: Library, gpuLayers: number, problem: string | null): void {
  if (problem === null && gpuLayers < 0) return; // -1 is "all that can be": without a GPU library that is the CPU
  const reason = problem === null
    ? noGpuLibraries(library.folder, GPU_LIBRARIES.join(", "))
    : noDeviceStarted(problem);
  throw new WorkerError(
    "gpu_unavailable",
    layersNotOnGpu(reason),
  );
}

function listDevices({ base, ggml }: Library): Device[] {
  const count = Number(ggml.ggml_backend_dev_count());
  return Array.from({ length: count }, (_, index) => {
    const device = ggml.ggml_backend_dev_get(BigInt(index));
    const memory = new BigUint64Array(2);
    const at = (offset: number): Uint8Array<ArrayBuffer> => new Uint8Array(memory.buffer, offset, 8);
    base.ggml_backend_dev_memory(device, at(0), at(8));
    return {
      name: fromCString(base.ggml_backend_dev_name(device)),
      description: fromCString(base.ggml_backend_dev_description(device)),
      type: TYPES[base.ggml_backend_dev_type(device)] ?? "unknown",
      memory_free_bytes: Number(memory[0]),
      memory_total_bytes: Number(memory[1]),
    };
  });
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
