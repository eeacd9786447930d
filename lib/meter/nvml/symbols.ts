/**
 * The functions of libnvidia-ml that the meter calls. Drivers lack some of them, so all are optional. Where NVML has
 * versions of a function the plain name is the oldest one. Source: nvml.h of CUDA 12 and 13.
 */
import { noLibraryPath } from "./messages.ts";

const DEVICE = "u64";

/** `device, out`: the shape of most functions. */
const one = { parameters: [DEVICE, "buffer"], result: "i32", optional: true } as const;
/** `device, out, out`. */
const two = { parameters: [DEVICE, "buffer", "buffer"], result: "i32", optional: true } as const;
/** `device, text, its room`. */
const text = { parameters: [DEVICE, "buffer", "u32"], result: "i32", optional: true } as const;
/** `device, which, out`. */
const which = { parameters: [DEVICE, "i32", "buffer"], result: "i32", optional: true } as const;
const systemText = { parameters: ["buffer", "u32"], result: "i32", optional: true } as const;
const systemOne = { parameters: ["buffer"], result: "i32", optional: true } as const;
const bare = { parameters: [], result: "i32", optional: true } as const;

export const SYMBOLS = {
  nvmlInit_v2: bare,
  nvmlShutdown: bare,
  nvmlSystemGetDriverVersion: systemText,
  nvmlSystemGetNVMLVersion: systemText,
  nvmlSystemGetCudaDriverVersion_v2: systemOne,
  nvmlSystemGetCudaDriverVersion: systemOne,
  nvmlDeviceGetCount_v2: systemOne,
  nvmlDeviceGetHandleByIndex_v2: { parameters: ["u32", "buffer"], result: "i32", optional: true },
  nvmlDeviceGetHandleByUUID: { parameters: ["buffer", "buffer"], result: "i32", optional: true },
  nvmlDeviceGetDeviceHandleFromMigDeviceHandle: one,
  nvmlDeviceGetName: text,
  nvmlDeviceGetUUID: text,
  nvmlDeviceGetVbiosVersion: text,
  nvmlDeviceGetBoardPartNumber: text,
  nvmlDeviceGetPciInfo_v3: one,
  nvmlDeviceGetMinorNumber: one,
  nvmlDeviceGetArchitecture: one,
  nvmlDeviceGetCudaComputeCapability: two,
  nvmlDeviceGetPowerUsage: one,
  nvmlDeviceGetTotalEnergyConsumption: one,
  nvmlDeviceGetFieldValues: which,
  nvmlDeviceGetEnforcedPowerLimit: one,
  nvmlDeviceGetPowerManagementLimit: one,
  nvmlDeviceGetPowerManagementDefaultLimit: one,
  nvmlDeviceGetPowerManagementLimitConstraints: two,
  nvmlDeviceGetTemperatureV: one,
  nvmlDeviceGetTemperature: which,
  nvmlDeviceGetClockInfo: which,
  nvmlDeviceGetMaxClockInfo: which,
  nvmlDeviceGetCurrentClocksEventReasons: one,
  nvmlDeviceGetCurrentClocksThrottleReasons: one,
  nvmlDeviceGetUtilizationRates: one,
  nvmlDeviceGetMemoryInfo_v2: one,
  nvmlDeviceGetMemoryInfo: one,
  nvmlDeviceGetPersistenceMode: one,
  nvmlDeviceGetComputeMode: one,
  nvmlDeviceGetVirtualizationMode: one,
  nvmlDeviceGetEccMode: two,
  nvmlDeviceGetMigMode: two,
  nvmlDeviceGetComputeRunningProcesses_v3: two,
  nvmlDeviceGetComputeRunningProcesses_v2: two,
  nvmlDeviceGetComputeRunningProcesses: two,
  nvmlDeviceGetGraphicsRunningProcesses_v3: two,
  nvmlDeviceGetGraphicsRunningProcesses_v2: two,
  nvmlDeviceGetGraphicsRunningProcesses: two,
  nvmlDeviceGetMPSComputeRunningProcesses_v3: two,
  nvmlDeviceGetMPSComputeRunningProcesses_v2: two,
} as const;

export type NvmlLibrary = Deno.DynamicLibrary<typeof SYMBOLS>;
export type NvmlSymbols = NvmlLibrary["symbols"];

/** Where the library is: by the loader's search, and where WSL keeps it. */
export const LIBRARY_PATHS: readonly string[] = ["libnvidia-ml.so.1", "/usr/lib/wsl/lib/libnvidia-ml.so.1"];

/** Opens the first library that is there; the loader's own words on the first where none is. */
export function openLibrary(paths: readonly string[]): NvmlLibrary | string {
  let told: string | null = null;
  for (const path of paths) {
    try {
      return Deno.dlopen(path, SYMBOLS);
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      told ??= words.replace(/^(Could not open library: )+/, "");
    }
  }
  return told ?? noLibraryPath();
}
