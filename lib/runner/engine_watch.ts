import { readResult } from "../archive/read_result.ts";
import { ENGINES } from "../engines/engines.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import { namedInterpreter } from "../python/python_needs.ts";
import type { RecordWorker } from "../results/record.ts";
import type { RecordWarning } from "../results/warning.ts";
import type { Study } from "./lifetimes.ts";
import { engineChanged } from "./messages.ts";

type Versions = Readonly<Record<string, string>>;

/** It is told of on its own, and a resume with a newer llem is no other engine. */
const NOT_ENGINE = "llem";

/**
 * Compares the versions of an engine run after run: whoever upgrades a package, or an image, in the middle of a study
 * compares two engines unawares.
 */
export class EngineWatch {
  readonly #earlier: (engine: string) => RecordWorker | null;
  readonly #first = new Map<string, Versions>();

  /** `earlier` gives who did an earlier session's first run with that engine; null where there was none. */
  constructor(earlier: (engine: string) => RecordWorker | null) {
    this.#earlier = earlier;
  }

  /** What of the engine of this run is not as in the study's first run with it; nothing where nobody tells. */
  warnings(config: ExperimentConfig, worker: RecordWorker | null): readonly RecordWarning[] {
    const engine = engineOf(config);
    if (engine === null || worker === null) return [];
    const first = this.#first.get(engine) ?? this.#earlier(engine)?.versions ?? worker.versions;
    this.#first.set(engine, first);
    const names = new Set([...Object.keys(first), ...Object.keys(worker.versions)]);
    const changes = [...names].filter((name) => name !== NOT_ENGINE && first[name] !== worker.versions[name])
      .map((name) => ({ name, before: first[name] ?? null, now: worker.versions[name] ?? null }));
    return changes.length === 0 ? [] : [{ code: "engine_changed", text: engineChanged(changes) }];
  }
}

/** Who did an earlier session's first run with that engine, of those whose records can be read; null where there was none. */
export function earlierWorker(
  { plan, dir, ledger }: Pick<Study, "plan" | "dir" | "ledger">,
  engine: string,
): RecordWorker | null {
  for (const run of plan.runs) {
    if (engineOf(run.config) !== engine) continue;
    const end = ledger.entryOf(run)?.finished ?? null;
    const worker = end === null ? null : readResult(dir, end)?.worker ?? null;
    if (worker !== null) return worker;
  }
  return null;
}

/** What runs of one study share: a backend and its interpreter. Null where the worker's versions are its own affair. */
export function engineOf(config: ExperimentConfig): string | null {
  const { worker } = ENGINES[config.backend];
  if (worker?.kind !== "python") return null;
  return `${config.backend} ${namedInterpreter(config, worker.python.field) ?? ""}`;
}
