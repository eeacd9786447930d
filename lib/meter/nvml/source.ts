/**
 * lib/meter/nvml/ reads NVIDIA's boards by the driver's own library, libnvidia-ml.so.1. Layouts and numbers: nvml.h (CUDA 13).
 */
import { exists } from "../../base/files.ts";
import {
  type AbsentMeter,
  type LeftOutBoard,
  type MeterSource,
  type MigDevice,
  NO_STATE,
  NO_WISH,
  type OpenWish,
  type ReportTrouble,
} from "../meter.ts";
import { NvmlBoard } from "./board.ts";
import { callIfThere } from "./calls.ts";
import { readSystemFacts } from "./facts.ts";
import { findMigDevice } from "./mig_devices.ts";
import * as messages from "./messages.ts";
import { openBoard } from "./open_boards.ts";
import { returnCode, withRetry } from "./return_codes.ts";
import { type Run, systemU32 } from "./simple_calls.ts";
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
  wish: OpenWish = NO_WISH,
): MeterSource | AbsentMeter {
  const library = openLibrary(libraryPath === undefined ? LIBRARY_PATHS : [libraryPath]);
  if (typeof library === "string") return noLibrary(library);
  const absent = initialise(library.symbols);
  if (absent !== null) {
    library.close();
    return absent;
  }
  const opened = openBoards(library.symbols, report, wish);
  if ("reason" in opened) {
    shutDown(library);
    return opened;
  }
  const mig_devices = wish.mig_devices.map((name) => findMigDevice(library.symbols, name));
  return sourceOf(library, opened, mig_devices);
}

/** True where the driver's library can be loaded. Loads it and nothing else: no GPU wakes up. */
export function hasNvmlLibrary(): boolean {
  const library = openLibrary(LIBRARY_PATHS);
  if (typeof library === "string") return false;
  library.close();
  return true;
}

function sourceOf(
  library: NvmlLibrary,
  { boards, left_out }: OpenedBoards,
  mig_devices: readonly MigDevice[],
): MeterSource {
  let isOpen = true;
  const at = (device: number): NvmlBoard | undefined => isOpen ? boards[device] : undefined;
  return {
    devices: boards.map((board) => board.device),
    left_out,
    mig_devices,
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
  if (!exists(CONTROL_DEVICE)) return missing(messages.noDriver(words), null);
  return missing(messages.libraryNotLoaded(words), messages.libraryRemedy());
}

/** Null once NVML is ready. */
function initialise({ nvmlInit_v2 }: NvmlSymbols): AbsentMeter | null {
  const { verdict, text, remedy } = returnCode(withRetry(() => callIfThere(nvmlInit_v2)));
  return verdict === "ok" ? null : missing(messages.nvmlNotStarted(text), remedy);
}

interface OpenedBoards {
  readonly boards: readonly NvmlBoard[];
  readonly left_out: readonly LeftOutBoard[];
}

function openBoards(
  symbols: NvmlSymbols,
  report: ReportTrouble,
  wish: OpenWish,
): OpenedBoards | AbsentMeter {
  let code = 0;
  const run: Run = (call) => (code = withRetry(call)) === 0;
  const count = systemU32(run, symbols.nvmlDeviceGetCount_v2);
  if (count === null) {
    const { text, remedy } = returnCode(code);
    return missing(messages.boardsNotCounted(text), remedy);
  }
  const opening = { system: readSystemFacts(symbols), report, wish };
  const opened = Array.from({ length: count }, (_, index) => openBoard(symbols, index, opening));
  const boards = opened.filter((board) => board instanceof NvmlBoard);
  const left_out = opened.flatMap((board) => board === null || board instanceof NvmlBoard ? [] : [board]);
  if (boards.length > 0) return { boards, left_out };
  if (count === 0) return missing(messages.noBoards(), null);
  const none = missing(messages.noReadableBoard(count), returnCode(4).remedy);
  return { ...none, left_out };
}
