/**
 * lib/meter/nvml/ reads NVIDIA's boards by the driver's own library, libnvidia-ml.so.1. Layouts and numbers: nvml.h (CUDA 13).
 */
import { exists } from "../../base/files.ts";
import { type AbsentMeter, type MeterSource, NO_STATE, type ReportTrouble } from "../meter.ts";
import { NvmlBoard } from "./board.ts";
import { callIfThere } from "./calls.ts";
import { readSystemFacts, type SystemFacts } from "./facts.ts";
import { returnCode, type Verdict, withRetry } from "./return_codes.ts";
import { type Run, systemU32, textOf } from "./simple_calls.ts";
import { LIBRARY_PATHS, type NvmlLibrary, type NvmlSymbols, openLibrary } from "./symbols.ts";

/** Where the driver's control device is, also where a container lacks the library. */
const CONTROL_DEVICE = "/dev/nvidiactl";

/**
 * Opens all boards of the NVIDIA driver but those to avoid, of which nothing but the uuid is read, and keeps them open: without persistence mode the driver forgets its counters
 * with its last client. A board that does not open is left out and told as trouble.
 */
export function openNvml(
  report: ReportTrouble,
  libraryPath?: string,
  avoid: readonly string[] = [],
): MeterSource | AbsentMeter {
  const library = openLibrary(libraryPath === undefined ? LIBRARY_PATHS : [libraryPath]);
  if (typeof library === "string") return noLibrary(library);
  const absent = initialise(library.symbols);
  if (absent !== null) {
    library.close();
    return absent;
  }
  const opened = openBoards(library.symbols, report, avoid);
  if (!Array.isArray(opened)) {
    shutDown(library);
    return opened;
  }
  return sourceOf(library, opened);
}

/** True where the driver's library can be loaded. Loads it and nothing else: no GPU wakes up. */
export function hasNvmlLibrary(): boolean {
  const library = openLibrary(LIBRARY_PATHS);
  if (typeof library === "string") return false;
  library.close();
  return true;
}

function sourceOf(library: NvmlLibrary, boards: readonly NvmlBoard[]): MeterSource {
  let isOpen = true;
  const at = (device: number): NvmlBoard | undefined => isOpen ? boards[device] : undefined;
  return {
    devices: boards.map((board) => board.device),
    powerW: (device) => at(device)?.powerW() ?? null,
    counters: (device) => at(device)?.counters() ?? { energy_j: null, throttle_ns: null },
    state: (device) => at(device)?.state() ?? NO_STATE,
    [Symbol.dispose]: () => {
      if (isOpen) shutDown(library);
      isOpen = false;
    },
  };
}

function shutDown(library: NvmlLibrary): void {
  callIfThere(library.symbols.nvmlShutdown);
  library.close();
}

function missing(reason: string, remedy: string | null): AbsentMeter {
  return { meter: "nvml", reason, remedy };
}

function noLibrary(words: string): AbsentMeter {
  if (!exists(CONTROL_DEVICE)) return missing(`There is no NVIDIA driver (${words})`, null);
  return missing(
    `There is an NVIDIA driver, but its library cannot be loaded (${words})`,
    "Install the driver's libraries; give a container the capability: NVIDIA_DRIVER_CAPABILITIES=compute,utility",
  );
}

/** Null once NVML is ready. */
function initialise({ nvmlInit_v2 }: NvmlSymbols): AbsentMeter | null {
  const { verdict, text, remedy } = returnCode(withRetry(() => callIfThere(nvmlInit_v2)));
  return verdict === "ok" ? null : missing(`NVML does not start: ${text}`, remedy);
}

function openBoards(
  symbols: NvmlSymbols,
  report: ReportTrouble,
  avoid: readonly string[],
): NvmlBoard[] | AbsentMeter {
  let code = 0;
  const run: Run = (call) => (code = withRetry(call)) === 0;
  const count = systemU32(run, symbols.nvmlDeviceGetCount_v2);
  if (count === null) {
    const { text, remedy } = returnCode(code);
    return missing(`NVML cannot count the GPUs: ${text}`, remedy);
  }
  const system = readSystemFacts(symbols);
  const boards = Array.from(
    { length: count },
    (_, index) => openBoard(symbols, index, system, { report, avoid }),
  )
    .filter((board) => board !== null);
  if (boards.length > 0) return boards;
  return count === 0
    ? missing("The NVIDIA driver has no GPU", null)
    : missing(`None of the ${count} GPUs of the NVIDIA driver can be read`, returnCode(4).remedy);
}

/** Null for a board that does not open, which is told. */
function openBoard(
  symbols: NvmlSymbols,
  index: number,
  system: SystemFacts,
  { report, avoid }: { readonly report: ReportTrouble; readonly avoid: readonly string[] },
): NvmlBoard | null {
  const handle = new BigUint64Array(1);
  const leaveOut = (code: number): null => {
    const { verdict, text, remedy } = returnCode(code);
    const what = `GPU ${index} of the NVIDIA driver is left out: ${text}`;
    report({ code: troubleOf(verdict), device: null, text: what, remedy });
    return null;
  };
  let code = withRetry(() => callIfThere(symbols.nvmlDeviceGetHandleByIndex_v2, index, handle));
  const device = handle[0] ?? 0n;
  if (code !== 0) return leaveOut(code);
  const uuid = textOf((call) => (code = withRetry(call)) === 0, symbols.nvmlDeviceGetUUID, device);
  if (uuid === null) return leaveOut(code);
  if (avoid.includes(uuid)) return null;
  const board = new NvmlBoard(symbols, device, index, uuid, system, report);
  return board.isLost ? null : board;
}

function troubleOf(verdict: Verdict): "lost" | "permission" | "read" {
  return verdict === "lost" || verdict === "permission" ? verdict : "read";
}
