/**
 * The binary table `gpu_metrics` of amdgpu, as far as it counts energy: struct gpu_metrics_v1_* of the kernel's
 * drivers/gpu/drm/amd/include/kgd_pp_interface.h. Little-endian, as every machine with such a GPU is.
 */
import * as messages from "./messages.ts";

/** One unit of the accumulator: 15.259 microjoules. */
export const ENERGY_UNIT_J = 2 ** -16;

interface Layout {
  readonly size: number;
  readonly powerAt: number;
  readonly energyAt: number;
}

const LAYOUTS: Readonly<Record<string, Layout>> = {
  "1.1": { size: 96, powerAt: 22, energyAt: 24 },
  "1.3": { size: 120, powerAt: 22, energyAt: 24 },
  "1.4": { size: 288, powerAt: 10, energyAt: 24 },
  "1.5": { size: 360, powerAt: 10, energyAt: 88 },
};

const U16_ABSENT = 0xffff;
const U64_ABSENT = 0xffff_ffff_ffff_ffffn;

/** What a table tells. */
export interface GpuMetrics {
  /** `1.3`. */
  readonly version: string;
  /** The accumulator in units of `ENERGY_UNIT_J`, or why there is none. */
  readonly energy: bigint | { readonly absent: string };
  /** Power of the socket; null where it is not told. */
  readonly socket_power_w: number | null;
}

/** Reads a table. One whose layout is not known has no energy: a guess would look like a number. */
export function parseGpuMetrics(bytes: Uint8Array): GpuMetrics {
  if (bytes.length < 4) return without("?", messages.metricsTooShort(bytes.length));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = `${view.getUint8(2)}.${view.getUint8(3)}`;
  const layout = LAYOUTS[version];
  if (layout === undefined) return without(version, reasonFor(version));
  const size = view.getUint16(0, true);
  if (size !== layout.size || bytes.length < size) {
    const sizes = { expected: layout.size, stated: size, actual: bytes.length };
    return without(version, messages.metricsSize(version, sizes));
  }
  const energy = view.getBigUint64(layout.energyAt, true);
  const power = view.getUint16(layout.powerAt, true);
  return {
    version,
    energy: energy === U64_ABSENT ? { absent: messages.metricsNoCounter(version) } : energy,
    socket_power_w: power === U16_ABSENT ? null : power,
  };
}

function without(version: string, absent: string): GpuMetrics {
  return { version, energy: { absent }, socket_power_w: null };
}

function reasonFor(version: string): string {
  if (version === "1.0") return messages.metricsNarrowCounter();
  if (/^[23]\./.test(version)) return messages.metricsOfApu(version);
  return messages.metricsUnknown(version);
}
