import type { MigDevice } from "../meter.ts";
import { callIfThere } from "./calls.ts";
import { NOT_FOUND, returnCode, withRetry } from "./return_codes.ts";
import { textOf } from "./simple_calls.ts";
import type { NvmlSymbols } from "./symbols.ts";

/** Asks the driver which board a MIG device is a slice of. */
export function findMigDevice(symbols: NvmlSymbols, name: string): MigDevice {
  const handle = new BigUint64Array(1);
  let code = 0;
  const run = (call: () => number): boolean => (code = withRetry(call)) === 0;
  const parentOf = (device: bigint): bigint | null => {
    const isFound = run(() =>
      callIfThere(symbols.nvmlDeviceGetDeviceHandleFromMigDeviceHandle, device, handle)
    );
    return isFound ? handle[0] ?? null : null;
  };
  const text = new TextEncoder().encode(`${name}\0`);
  const isFound = run(() => callIfThere(symbols.nvmlDeviceGetHandleByUUID, text, handle));
  const isAbsent = !isFound && code === NOT_FOUND;
  const parent = isFound ? parentOf(handle[0] ?? 0n) : null;
  const board = parent === null ? null : textOf(run, symbols.nvmlDeviceGetUUID, parent);
  return {
    name,
    board,
    reason: board === null ? returnCode(code).text : null,
    ...(isAbsent ? { absent: true } : {}),
  };
}
