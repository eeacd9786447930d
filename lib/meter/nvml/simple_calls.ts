import { callIfThere } from "./calls.ts";
import { readText, struct } from "./structs.ts";

/** Out-parameters that every call may use: calls are synchronous, and their answer is copied at once. */
const FIRST = new Uint32Array(1);
const SECOND = new Uint32Array(1);
const WIDE = new BigUint64Array(1);
const TEXT = struct(96);

type One = ((handle: bigint, out: Uint32Array<ArrayBuffer>) => number) | null;
type Wide = ((handle: bigint, out: BigUint64Array<ArrayBuffer>) => number) | null;
type Two =
  | ((handle: bigint, first: Uint32Array<ArrayBuffer>, second: Uint32Array<ArrayBuffer>) => number)
  | null;
type Which = ((handle: bigint, which: number, out: Uint32Array<ArrayBuffer>) => number) | null;
type Text = ((handle: bigint, out: Uint8Array<ArrayBuffer>, room: number) => number) | null;
type SystemOne = ((out: Uint32Array<ArrayBuffer>) => number) | null;
type SystemText = ((out: Uint8Array<ArrayBuffer>, room: number) => number) | null;

/** Runs a call by the policy: true for success. */
export type Run = (call: () => number) => boolean;

/** A 32-bit number; null where the call fails. */
export function oneU32(run: Run, symbol: One, handle: bigint): number | null {
  return run(() => callIfThere(symbol, handle, FIRST)) ? FIRST[0] ?? null : null;
}

/** Two 32-bit numbers. */
export function twoU32(run: Run, symbol: Two, handle: bigint): readonly [number, number] | null {
  return run(() => callIfThere(symbol, handle, FIRST, SECOND)) ? [FIRST[0] ?? 0, SECOND[0] ?? 0] : null;
}

/** A 32-bit number of one kind out of several, such as a clock. */
export function whichU32(run: Run, symbol: Which, handle: bigint, which: number): number | null {
  return run(() => callIfThere(symbol, handle, which, FIRST)) ? FIRST[0] ?? null : null;
}

/** A 64-bit number. */
export function oneU64(run: Run, symbol: Wide, handle: bigint): bigint | null {
  return run(() => callIfThere(symbol, handle, WIDE)) ? WIDE[0] ?? null : null;
}

/** Text of up to 95 bytes. */
export function textOf(run: Run, symbol: Text, handle: bigint): string | null {
  return run(() => callIfThere(symbol, handle, TEXT.bytes, TEXT.bytes.length)) ? readText(TEXT.bytes) : null;
}

/** A number about the whole system. */
export function systemU32(run: Run, symbol: SystemOne): number | null {
  return run(() => callIfThere(symbol, FIRST)) ? FIRST[0] ?? null : null;
}

/** Text about the whole system. */
export function systemText(run: Run, symbol: SystemText): string | null {
  return run(() => callIfThere(symbol, TEXT.bytes, TEXT.bytes.length)) ? readText(TEXT.bytes) : null;
}

/** NVML speaks of milliwatts. */
export function watts(milliwatts: number | null | undefined): number | null {
  return milliwatts === null || milliwatts === undefined ? null : milliwatts / 1000;
}
