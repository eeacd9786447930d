import { readKernelFile } from "../base/files.ts";
import { umaskTakesRights } from "./messages.ts";

const OF_OWNER = 0o700;

/**
 * What is wrong with a umask that takes rights from the owner: this process could not use the folders and files that it
 * makes itself. Null where it takes none, and for who is kept out by no mode, as root usually is.
 */
export function umaskTrouble(umask = Deno.umask(), heedsModes = !overridesModes()): string | null {
  if ((umask & OF_OWNER) === 0 || !heedsModes) return null;
  return umaskTakesRights(umask);
}

/** CAP_DAC_OVERRIDE of capabilities(7). */
const DAC_OVERRIDE = 1n << 1n;

function overridesModes(): boolean {
  try {
    const held = /^CapEff:\s*([0-9a-f]+)$/m.exec(readKernelFile("/proc/self/status"))?.[1];
    return held !== undefined && (BigInt(`0x${held}`) & DAC_OVERRIDE) !== 0n;
  } catch {
    return Deno.uid() === 0;
  }
}

/** Until it is disposed of, this process and what it starts can use what they make: the umask takes nothing from the owner. */
export function usableByOwner(): Disposable {
  const before = Deno.umask();
  Deno.umask(before & ~OF_OWNER);
  return { [Symbol.dispose]: () => void Deno.umask(before) };
}
