import type { Patience } from "../../lib/base/abort.ts";

/** Time that passes at once wherever it is waited for, and stands still else. */
export class FastTime implements Patience {
  #nowMs = 1000;

  readonly nowMs = (): number => this.#nowMs;

  readonly pause = (ms: number, ...signals: readonly AbortSignal[]): Promise<void> => {
    if (!signals.some(({ aborted }) => aborted)) this.#nowMs += ms;
    return Promise.resolve();
  };
}
