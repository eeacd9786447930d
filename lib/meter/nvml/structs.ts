/**
 * Structs of nvml.h as they lie in memory on 64-bit Linux. Tests hold these numbers against a C compiler.
 * A version word is the size with the version in its highest byte.
 */

export const SIZE = {
  utilization: 8,
  memoryV1: 24,
  memoryV2: 40,
  processInfoV1: 16,
  processInfo: 24,
  pciInfo: 68,
  fieldValue: 40,
  temperatureV1: 12,
} as const;

export const OFFSET = {
  utilizationGpu: 0,
  memoryV1Total: 0,
  memoryV1Used: 16,
  memoryV2Total: 8,
  memoryV2Used: 32,
  processPid: 0,
  processMemory: 8,
  pciBusId: 36,
  fieldId: 0,
  fieldScope: 4,
  fieldType: 24,
  fieldReturn: 28,
  fieldValue: 32,
  temperatureSensor: 4,
  temperature: 8,
} as const;

export const MEMORY_V2_VERSION = 0x02000028;
export const TEMPERATURE_V1_VERSION = 0x0100000c;

/** A value that the driver does not know: all bits set. */
const UNKNOWN_U64 = 0xffff_ffff_ffff_ffffn;

/** Bytes of a struct, and a view to read it by. */
export interface Struct {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
}

/** Room for a struct, or a row of them, all zero. */
export function struct(size: number): Struct {
  const buffer = new ArrayBuffer(size);
  return { bytes: new Uint8Array(buffer), view: new DataView(buffer) };
}

/** Text up to its NUL. */
export function readText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(bytes.subarray(0, end === -1 ? bytes.length : end)).trim();
}

export interface MemoryBytes {
  readonly total: number;
  readonly used: number;
}

/** nvmlMemory_t; `used` holds what the driver keeps for itself, too. */
export function readMemoryV1(view: DataView): MemoryBytes {
  return { total: u64(view, OFFSET.memoryV1Total), used: u64(view, OFFSET.memoryV1Used) };
}

/** nvmlMemory_v2_t; `used` is without the driver's own. */
export function readMemoryV2(view: DataView): MemoryBytes {
  return { total: u64(view, OFFSET.memoryV2Total), used: u64(view, OFFSET.memoryV2Used) };
}

/** Percent of the time in which a kernel ran. */
export function readUtilization(view: DataView): number {
  return view.getUint32(OFFSET.utilizationGpu, true);
}

/** The address of nvmlPciInfo_t, with its domain in eight digits: `00000000:01:00.0`. */
export function readPciBusId({ bytes }: Struct): string {
  return readText(bytes.subarray(OFFSET.pciBusId, SIZE.pciInfo));
}

/** Degrees Celsius of nvmlTemperature_v1_t. */
export function readTemperature(view: DataView): number {
  return view.getInt32(OFFSET.temperature, true);
}

/** A struct that asks for the temperature of the GPU (sensor 0). */
export function temperatureRequest(): Struct {
  const request = struct(SIZE.temperatureV1);
  request.view.setUint32(0, TEMPERATURE_V1_VERSION, true);
  request.view.setInt32(OFFSET.temperatureSensor, 0, true);
  return request;
}

/** A struct that asks for the memory in its second form. */
export function memoryV2Request(): Struct {
  const request = struct(SIZE.memoryV2);
  request.view.setUint32(0, MEMORY_V2_VERSION, true);
  return request;
}

export interface ProcessEntry {
  readonly pid: number;
  readonly memory_bytes: number | null;
}

/** The first `count` of a list of processes; both forms of an entry begin alike and differ in size. */
export function readProcesses(view: DataView, count: number, size: number): ProcessEntry[] {
  return Array.from({ length: count }, (_, index) => {
    const at = index * size;
    const memory = view.getBigUint64(at + OFFSET.processMemory, true);
    return {
      pid: view.getUint32(at + OFFSET.processPid, true),
      memory_bytes: memory === UNKNOWN_U64 ? null : Number(memory),
    };
  });
}

/** A row of nvmlFieldValue_t that asks for these fields, of the GPU itself (scope 0). */
export function fieldRequest(ids: readonly number[]): Struct {
  const request = struct(ids.length * SIZE.fieldValue);
  for (const [index, id] of ids.entries()) {
    request.view.setUint32(index * SIZE.fieldValue + OFFSET.fieldId, id, true);
    request.view.setUint32(index * SIZE.fieldValue + OFFSET.fieldScope, 0, true);
  }
  return request;
}

/** The return code of one element: the call as a whole may succeed where an element does not. */
export function readFieldReturn(view: DataView, index: number): number {
  return view.getInt32(index * SIZE.fieldValue + OFFSET.fieldReturn, true);
}

/** The whole number of one element, by the type that it names; null for a type that holds none. */
export function readFieldInteger(view: DataView, index: number): bigint | null {
  const at = index * SIZE.fieldValue;
  const value = at + OFFSET.fieldValue;
  switch (view.getInt32(at + OFFSET.fieldType, true)) {
    case 1: // unsigned int
      return BigInt(view.getUint32(value, true));
    case 2: // unsigned long, 64 bits on Linux
    case 3: // unsigned long long
      return view.getBigUint64(value, true);
    case 4: // signed long long
      return view.getBigInt64(value, true);
    case 5: // signed int
      return BigInt(view.getInt32(value, true));
    case 6: // unsigned short
      return BigInt(view.getUint16(value, true));
    default: // 0 is a double
      return null;
  }
}

function u64(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}
