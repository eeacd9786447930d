import type { JsonObject } from "../../base/json.ts";
import { callIfThere, type Calls } from "./calls.ts";
import {
  architectureName,
  CLOCK,
  computeModeName,
  cudaVersionText,
  virtualizationModeName,
} from "./constants.ts";
import { returnCode, withRetry } from "./return_codes.ts";
import { oneU32, type Run, systemText, systemU32, textOf, twoU32, watts, whichU32 } from "./simple_calls.ts";
import { readPciBusId, SIZE, struct } from "./structs.ts";
import type { NvmlSymbols } from "./symbols.ts";

/** Versions of what is below all boards. */
export interface SystemFacts {
  readonly driver_version: string | null;
  readonly nvml_version: string | null;
  readonly cuda_driver_version: string | null;
}

/** Reads the versions; null for one that cannot be told. */
export function readSystemFacts(symbols: NvmlSymbols): SystemFacts {
  const run: Run = (call) => returnCode(withRetry(call)).verdict === "ok";
  // The second version asks libcuda, which may be missing.
  const cuda = systemU32(run, symbols.nvmlSystemGetCudaDriverVersion_v2) ??
    systemU32(run, symbols.nvmlSystemGetCudaDriverVersion);
  return {
    driver_version: systemText(run, symbols.nvmlSystemGetDriverVersion),
    nvml_version: systemText(run, symbols.nvmlSystemGetNVMLVersion),
    cuda_driver_version: cuda === null ? null : cudaVersionText(cuda),
  };
}

/** What a board is and how it is set up. */
export interface BoardFacts {
  readonly name: string | null;
  readonly architecture: number | null;
  readonly capability: readonly [major: number, minor: number] | null;
  /** Null for a board that cannot be cut into instances. */
  readonly mig: { readonly enabled: boolean } | null;
  readonly json: JsonObject;
}

/** Asks a board for all that does not change while it is metered. */
export function readBoardFacts(
  symbols: NvmlSymbols,
  calls: Calls,
  handle: bigint,
  index: number,
): BoardFacts {
  const run = (feature: string): Run => (call) => calls.read(feature, call);
  const one = (feature: string, symbol: NvmlSymbols["nvmlDeviceGetMinorNumber"]): number | null =>
    oneU32(run(feature), symbol, handle);
  const two = (
    feature: string,
    symbol: NvmlSymbols["nvmlDeviceGetEccMode"],
  ): readonly [number, number] | null => twoU32(run(feature), symbol, handle);
  const text = (feature: string, symbol: NvmlSymbols["nvmlDeviceGetName"]): string | null =>
    textOf(run(feature), symbol, handle);
  const mostMhz = (feature: string, clock: number): number | null =>
    whichU32(run(feature), symbols.nvmlDeviceGetMaxClockInfo, handle, clock);

  const name = text("name", symbols.nvmlDeviceGetName);
  const architecture = one("architecture", symbols.nvmlDeviceGetArchitecture);
  const capability = two("compute_capability", symbols.nvmlDeviceGetCudaComputeCapability);
  const mig = two("mig", symbols.nvmlDeviceGetMigMode);
  const ecc = two("ecc", symbols.nvmlDeviceGetEccMode);
  const persistence = one("persistence_mode", symbols.nvmlDeviceGetPersistenceMode);
  const computeMode = one("compute_mode", symbols.nvmlDeviceGetComputeMode);
  const virtualization = one("virtualization_mode", symbols.nvmlDeviceGetVirtualizationMode);
  const limits = two("power_limit_range", symbols.nvmlDeviceGetPowerManagementLimitConstraints);
  return {
    name,
    architecture,
    capability,
    mig: mig === null ? null : { enabled: mig[0] === 1 },
    json: {
      index,
      architecture: architecture === null ? null : architectureName(architecture),
      compute_capability: capability === null ? null : `${capability[0]}.${capability[1]}`,
      part_number: text("part_number", symbols.nvmlDeviceGetBoardPartNumber),
      vbios_version: text("vbios_version", symbols.nvmlDeviceGetVbiosVersion),
      pci_bus_id: readBusId(symbols, calls, handle),
      minor_number: one("minor_number", symbols.nvmlDeviceGetMinorNumber),
      persistence_mode: flag(persistence),
      compute_mode: computeMode === null ? null : computeModeName(computeMode),
      virtualization_mode: virtualization === null ? null : virtualizationModeName(virtualization),
      ecc: flag(ecc?.[0]),
      ecc_pending: flag(ecc?.[1]),
      mig: flag(mig?.[0]),
      mig_pending: flag(mig?.[1]),
      power_limit_enforced_w: watts(one("power_limit_enforced", symbols.nvmlDeviceGetEnforcedPowerLimit)),
      power_limit_w: watts(one("power_limit", symbols.nvmlDeviceGetPowerManagementLimit)),
      power_limit_default_w: watts(
        one("power_limit_default", symbols.nvmlDeviceGetPowerManagementDefaultLimit),
      ),
      power_limit_min_w: watts(limits?.[0]),
      power_limit_max_w: watts(limits?.[1]),
      max_graphics_clock_mhz: mostMhz("max_graphics_clock", CLOCK.graphics),
      max_sm_clock_mhz: mostMhz("max_sm_clock", CLOCK.sm),
      max_memory_clock_mhz: mostMhz("max_memory_clock", CLOCK.memory),
    },
  };
}

function readBusId(symbols: NvmlSymbols, calls: Calls, handle: bigint): string | null {
  const info = struct(SIZE.pciInfo);
  const isRead = calls.read(
    "pci_bus_id",
    () => callIfThere(symbols.nvmlDeviceGetPciInfo_v3, handle, info.bytes),
  );
  return isRead ? readPciBusId(info) : null;
}

function flag(value: number | null | undefined): boolean | null {
  return value === null || value === undefined ? null : value === 1;
}
