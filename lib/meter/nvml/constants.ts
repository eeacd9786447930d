/** Numbers of nvml.h (CUDA 13) and what they mean. */
import type { ThrottleCause } from "../meter.ts";

export const FIELD = {
  memoryTemperature: 82,
  totalEnergy: 83,
  /** Over the last second, on Ampere (but GA100) and newer. */
  averagePower: 185,
  instantPower: 186,
} as const;

/** The fields that count how long a GPU was held back, in nanoseconds. */
export const THROTTLE_FIELDS: readonly (readonly [cause: ThrottleCause, field: number])[] = [
  ["sw_power_cap", 74],
  ["sync_boost", 76],
  ["board_limit", 77],
  ["low_utilization", 78],
  ["reliability", 79],
  ["thermal", 75],
  ["sw_thermal", 269],
  ["hw_thermal", 270],
  ["hw_power_brake", 271],
];

export const CLOCK = { graphics: 0, sm: 1, memory: 2 } as const;

/** nvmlDeviceArchitecture_t. */
const ARCHITECTURES: Readonly<Record<number, string>> = {
  2: "Kepler",
  3: "Maxwell",
  4: "Pascal",
  5: "Volta",
  6: "Turing",
  7: "Ampere",
  8: "Ada",
  9: "Hopper",
  10: "Blackwell",
  13: "Rubin",
};

/** Null for a number that is not known, 0xFFFFFFFF among them. */
export function architectureName(architecture: number): string | null {
  return ARCHITECTURES[architecture] ?? null;
}

/** nvmlComputeMode_t. */
export function computeModeName(mode: number): string {
  return ["default", "exclusive_thread", "prohibited", "exclusive_process"][mode] ?? `unknown (${mode})`;
}

/** nvmlGpuVirtualizationMode_t. */
export function virtualizationModeName(mode: number): string {
  return ["none", "passthrough", "vgpu", "host_vgpu", "host_vsga"][mode] ?? `unknown (${mode})`;
}

/** 12040 is CUDA 12.4. */
export function cudaVersionText(version: number): string {
  return `${Math.floor(version / 1000)}.${Math.floor((version % 1000) / 10)}`;
}

/** What tells how a board averages its power. */
export interface BoardGeneration {
  readonly name: string;
  /** Null where the driver cannot tell. */
  readonly architecture: number | null;
  readonly capability: readonly [major: number, minor: number] | null;
}

/**
 * What nvmlDeviceGetPowerUsage tells: from Ampere on an average over the last second, except on the GA100 (A100, A30,
 * A800) and whatever came before it. Source: nvml.h; arXiv 2312.02741.
 */
export function powerUsageKind(board: BoardGeneration): "instant" | "average_1s" | "average" {
  if (isGa100(board)) return "instant";
  const { architecture, capability } = board;
  if (architecture !== null && architectureName(architecture) !== null) {
    return architecture < 7 ? "instant" : "average_1s";
  }
  if (capability === null) return "average";
  return capability[0] < 8 ? "instant" : "average_1s";
}

/** GA100 is the only chip of compute capability 8.0. */
function isGa100({ name, architecture, capability }: BoardGeneration): boolean {
  if (capability !== null) return capability[0] === 8 && capability[1] === 0;
  return (architecture ?? 7) === 7 && /\bA(100|30|800)\b/.test(name);
}
