/** Waits that an AbortSignal can end, or another promise. */

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

/** True where a promise resolves within `ms`, at once; false when the time is up. The promise must not reject. */
export async function resolvesWithin(ms: number, promise: Promise<unknown>): Promise<boolean> {
  const late = Promise.withResolvers<false>();
  const timer = setTimeout(() => late.resolve(false), ms);
  const isInTime = await Promise.race([promise.then(() => true), late.promise]);
  clearTimeout(timer);
  return isInTime;
}

/** How something that waits sees the time; a test hands in one that passes at once. */
export interface Patience {
  /** Milliseconds on a clock that never steps. */
  readonly nowMs: () => number;
  /** See `pause`. */
  readonly pause: (ms: number, ...signals: readonly AbortSignal[]) => Promise<void>;
}

/** The real time. */
export const realTime: Patience = { nowMs: () => performance.now(), pause };

/**
 * Resolves when the first of the signals aborts. AbortSignal.any() and AbortSignal.timeout() would not do: Deno collects
 * their signals as garbage although somebody waits for them, and the wait never ends. tests/house_test.ts keeps both out.
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

/**
 * A signal that aborts with any of others, and by its owner. It lives as long as those, or until it is disposed: what
 * AbortSignal.any() does not promise.
 */
export class LinkedAbort implements Disposable {
  readonly #controller = new AbortController();
  readonly #outer: readonly AbortSignal[];
  readonly #follow = (): void => this.#controller.abort(this.#outer.find(({ aborted }) => aborted)?.reason);

  constructor(outer: readonly AbortSignal[]) {
    this.#outer = outer;
    if (outer.some(({ aborted }) => aborted)) this.#follow();
    else for (const signal of outer) signal.addEventListener("abort", this.#follow);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** Follows the others no more. */
  [Symbol.dispose](): void {
    for (const signal of this.#outer) signal.removeEventListener("abort", this.#follow);
  }
}
