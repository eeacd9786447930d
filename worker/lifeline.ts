import { endNow } from "./libc.ts";

/**
 * Watches stdin for its end. The runner holds the other end open as long as it lives; when it is gone, so is the
 * reason for this run, and everything it started ends at once. Needs a free event loop: engines that block run in
 * a thread of their own.
 */
export async function watchLifeline(): Promise<never> {
  const scrap = new Uint8Array(4096);
  try {
    while (await Deno.stdin.read(scrap) !== null);
  } catch {
    // An unreadable stdin is a lost one.
  }
  return endNow();
}
