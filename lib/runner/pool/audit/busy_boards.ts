import type { ExperimentConfig } from "../../../experiment/config.ts";
import type { Companion } from "../../../plan/pool/audit_plan.ts";
import type { Control } from "../../lifetimes.ts";
import { localStop } from "../local_stop.ts";
import { type AuditParts, makeAuditRun } from "./make_audit_run.ts";

/** Of one companion in a row: then it cannot be relied on. */
const MOST_FAILURES = 3;
/** In one arm: more of them would go on for ever. */
const MOST_MADE = 50;
/** Longer than any audited run: its workload is repeated for as long as its neighbour is there. */
const ENDLESS_SECONDS = 30 * 86_400;

/** Runs that keep boards busy for as long as another one is there. */
export class BusyBoards {
  readonly #parts: AuditParts;
  readonly #control: Control;
  readonly #stop: ReturnType<typeof localStop>;
  readonly #tasks: Promise<void>[];
  /** How many are in their measured window now. */
  #measured = 0;
  readonly #all: number;
  #isOver = false;
  #onChange: () => void = () => {};
  #hasFailed = false;
  #fatal: { readonly error: unknown } | null = null;

  /** `name`: of their folders, their numbers left out. */
  constructor(companions: readonly Companion[], name: string, parts: AuditParts, control: Control) {
    this.#parts = parts;
    this.#stop = localStop(control.stop);
    this.#control = { ...control, stop: this.#stop.stop };
    this.#all = companions.length;
    this.#tasks = companions.map((companion, place) =>
      this.#keep(companion, `${name}_s${place + 1}`).catch((error) => this.#fail({ error }))
    );
  }

  /** All of them are measured now; also where there are none. */
  get areBusy(): boolean {
    return this.#measured === this.#all;
  }

  /** One of them does not run. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Called whenever one of the above may have changed. */
  listen(onChange: () => void): void {
    this.#onChange = onChange;
  }

  /** Ends them all. Throws what one of them threw. */
  async end(): Promise<void> {
    this.#isOver = true;
    const { stop } = this.#stop;
    stop.request("SIGTERM");
    stop.request("SIGTERM");
    await Promise.all(this.#tasks);
    this.#stop[Symbol.dispose]();
    if (this.#fatal !== null) throw this.#fatal.error;
  }

  async #keep({ run, boards }: Companion, name: string): Promise<void> {
    const endless = { ...run, config: repeated(run.config) };
    let failures = 0;
    for (let made = 1; !this.#isOver; made++) {
      let [isMeasured, wasMeasured] = [false, false];
      const { record, folder } = await makeAuditRun(
        {
          run: endless,
          boards,
          name: made === 1 ? name : `${name}_${made}`,
          gate: { ready: (pass) => pass(), measured: () => {} },
          onMeasure: (edge) => {
            isMeasured = edge === "begin";
            wasMeasured = true;
            this.#change(isMeasured ? 1 : -1);
          },
        },
        this.#parts,
        this.#control,
      );
      if (isMeasured) this.#change(-1);
      const isFine = this.#isStopped || record.outcome.kind === "completed";
      // Nobody asks what it measured.
      if (isFine) folder.remove();
      // One that reached its limit while its neighbour loaded has done its part.
      failures = isFine || wasMeasured ? 0 : failures + 1;
      if (failures === MOST_FAILURES || made === MOST_MADE) return this.#fail(null);
      if (this.#control.stop.requested !== null || this.#control.limit.signal.aborted) return;
    }
  }

  #fail(fatal: { readonly error: unknown } | null): void {
    this.#fatal ??= fatal;
    this.#hasFailed = true;
    this.#onChange();
  }

  get #isStopped(): boolean {
    return this.#isOver || this.#control.stop.requested !== null;
  }

  #change(by: 1 | -1): void {
    this.#measured += by;
    this.#onChange();
  }
}

/** The same work over and over. */
function repeated(config: ExperimentConfig): ExperimentConfig {
  return { ...config, measure: { ...config.measure, min_seconds: ENDLESS_SECONDS } };
}
