import type { Run } from "../experiment/run.ts";
import type { Look } from "../statistics/look.ts";
import type { VariedValues } from "../results/varied.ts";
import type { Study } from "./lifetimes.ts";
import type { RunSource } from "./run_source.ts";

/** Takes into the study what its results bring: a look at them, and further runs. */
export function takeAdded(study: Study, source: RunSource): void {
  const { plan, ledger, emit } = study;
  const look = source.look?.(ledger.state) ?? null;
  if (look !== null) {
    ledger.append({ type: "look", ...look });
    emit({ type: "look", look, varied: namedIn(look, study), most: plan.execution.max_cycles });
  }
  const added = source.grow(ledger.state);
  if (added.length > 0) {
    ledger.add(added);
    emit({ type: "runs_added", runs: added, total: ledger.totals().total });
  }
}

/** The run that follows; null where there is none any more. */
export async function nextRun(study: Study, source: RunSource): Promise<Run | null> {
  takeAdded(study, source);
  return await source.next(study.ledger.state);
}

/** What tells the experiments apart that a look names. */
function namedIn({ metrics, left_out }: Look, { plan, varied }: Study): Record<string, VariedValues> {
  const hashes = new Set(
    [...metrics.flatMap(({ widest }) => widest), ...left_out].map((one) => one.config_hash),
  );
  const firsts = plan.runs.slice(0, plan.n_experiments * plan.n_cycles).filter((run) =>
    hashes.has(run.config_hash)
  );
  return Object.fromEntries(firsts.map(({ config_hash, config }) => [config_hash, varied(config)]));
}
