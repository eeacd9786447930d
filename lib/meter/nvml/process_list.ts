import type { GpuProcess } from "../meter.ts";
import { callIfThere, type Calls } from "./calls.ts";
import { INSUFFICIENT_SIZE, isAbsentCode, OK } from "./return_codes.ts";
import { readProcesses, SIZE, type Struct, struct } from "./structs.ts";
import type { NvmlSymbols } from "./symbols.ts";

type ListFunction = NvmlSymbols["nvmlDeviceGetComputeRunningProcesses_v3"];

interface Variant {
  readonly list: ListFunction;
  /** Bytes of one entry. */
  readonly size: number;
}

/** Processes come and go between a call that tells how many and the one that names them. */
const MOST_TRIES = 4;

/** One of a board's lists of processes. Keeps its buffer, so that a list which does not grow takes one call. */
export class ProcessList {
  readonly #kind: GpuProcess["kind"];
  readonly #variants: readonly Variant[];
  #buffer: Struct = struct(0);
  #entrySize = 0;
  readonly #count = new Uint32Array(1);

  constructor(kind: GpuProcess["kind"], symbols: NvmlSymbols) {
    this.#kind = kind;
    this.#variants = variantsOf(kind, symbols);
  }

  /** Null where the list cannot be read. */
  read(calls: Calls, handle: bigint): GpuProcess[] | null {
    if (!calls.read(`${this.#kind}_processes`, () => this.#fill(handle))) return null;
    const entries = readProcesses(this.#buffer.view, this.#count[0] ?? 0, this.#entrySize);
    return entries.map((entry) => ({ ...entry, kind: this.#kind }));
  }

  /** Fills the buffer by the newest function that the driver has. */
  #fill(handle: bigint): number {
    let code = callIfThere<never[]>(null);
    for (const { list, size } of this.#variants) {
      this.#entrySize = size;
      code = this.#fillBy(list, size, handle);
      if (!isAbsentCode(code)) break;
    }
    return code;
  }

  #fillBy(list: ListFunction, size: number, handle: bigint): number {
    let code = INSUFFICIENT_SIZE;
    for (let tries = 0; tries < MOST_TRIES && code === INSUFFICIENT_SIZE; tries++) {
      const room = Math.floor(this.#buffer.bytes.length / size);
      this.#count[0] = room;
      code = callIfThere(list, handle, this.#count, room === 0 ? null : this.#buffer.bytes);
      const told = this.#count[0] ?? 0;
      if (code === OK && told > room) code = INSUFFICIENT_SIZE;
      if (code === INSUFFICIENT_SIZE) this.#buffer = struct((2 * told + 5) * size);
    }
    return code;
  }
}

/** Newest first. The first and second version of a name differ in the size of an entry, the second and third do not. */
function variantsOf(kind: GpuProcess["kind"], symbols: NvmlSymbols): Variant[] {
  const of = (list: ListFunction, size: number): Variant => ({ list, size });
  switch (kind) {
    case "compute":
      return [
        of(symbols.nvmlDeviceGetComputeRunningProcesses_v3, SIZE.processInfo),
        of(symbols.nvmlDeviceGetComputeRunningProcesses_v2, SIZE.processInfo),
        of(symbols.nvmlDeviceGetComputeRunningProcesses, SIZE.processInfoV1),
      ];
    case "graphics":
      return [
        of(symbols.nvmlDeviceGetGraphicsRunningProcesses_v3, SIZE.processInfo),
        of(symbols.nvmlDeviceGetGraphicsRunningProcesses_v2, SIZE.processInfo),
        of(symbols.nvmlDeviceGetGraphicsRunningProcesses, SIZE.processInfoV1),
      ];
    case "mps":
      return [
        of(symbols.nvmlDeviceGetMPSComputeRunningProcesses_v3, SIZE.processInfo),
        of(symbols.nvmlDeviceGetMPSComputeRunningProcesses_v2, SIZE.processInfo),
      ];
  }
}
