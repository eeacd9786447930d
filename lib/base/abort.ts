/** Waits that an AbortSignal can end. */

/** Resolves after `ms`. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Resolves after `ms`, or at once when one of the signals aborts. */
export async function pause(ms: number, ...signals: readonly AbortSignal[]): Promise<void> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), ms);
  await firstAbort(over.signal, ...signals);
  clearTimeout(timer);
}

/**
 * Resolves when the first of the signals aborts. AbortSignal.any() would not do: Deno collects its signal as garbage
 * although somebody listens to it, and the wait never ends.
 */
export function firstAbort(...signals: readonly AbortSignal[]): Promise<void> {
  if (signals.some(({ aborted }) => aborted)) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = (): void => {
      for (const signal of signals) signal.removeEventListener("abort", finish);
      resolve();
    };
    for (const signal of signals) signal.addEventListener("abort", finish);
  });
}
