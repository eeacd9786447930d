import { type Run, runKey } from "../../experiment/run.ts";
import type { PoolMode } from "./pool.ts";

/** Where a run stands with the gate. */
type Step = "loading" | "waiting" | "measuring" | "closing";

/**
 * The gate that runs pass between loading and being measured, first come first served. `staged`: one at a time; `shared`: at
 * once; quiet: only while nothing loads.
 */
export class Gate {
  readonly #mode: PoolMode;
  readonly #quiet: boolean;
  /** Those under way, in the order in which they came to the gate; before that, in which they began. */
  readonly #steps = new Map<string, { readonly run: Run; step: Step }>();

  constructor(mode: PoolMode, quiet: boolean) {
    [this.#mode, this.#quiet] = [mode, quiet];
  }

  /** False where a load would disturb a measurement, or keep those from it that have loaded. */
  get mayLoad(): boolean {
    return !this.#quiet || !this.#has("waiting") && !this.#has("measuring");
  }

  begin(run: Run): void {
    this.#steps.set(runKey(run), { run, step: "loading" });
  }

  /** It has loaded. */
  ready(run: Run): Run[] {
    const key = runKey(run);
    if (this.#steps.get(key)?.step !== "loading") return [];
    this.#steps.delete(key);
    this.#steps.set(key, { run, step: "waiting" });
    return this.#open();
  }

  /** It has been measured, or never will be since its worker has failed: also one that still waits waits no more. */
  measured(run: Run): Run[] {
    const known = this.#steps.get(runKey(run));
    if (known === undefined || known.step === "closing") return [];
    known.step = "closing";
    return this.#open();
  }

  /** It is gone, whatever it was doing. */
  leave(run: Run): Run[] {
    this.#steps.delete(runKey(run));
    return this.#open();
  }

  /** Lets through who may be measured now. */
  #open(): Run[] {
    const passed: Run[] = [];
    for (const entry of this.#steps.values()) {
      if (entry.step !== "waiting") continue;
      if (!this.#mayMeasure()) break;
      entry.step = "measuring";
      passed.push(entry.run);
    }
    return passed;
  }

  #mayMeasure(): boolean {
    if (this.#quiet && this.#has("loading")) return false;
    return this.#mode === "shared" || !this.#has("measuring");
  }

  #has(wanted: Step): boolean {
    for (const { step } of this.#steps.values()) if (step === wanted) return true;
    return false;
  }
}
