import type { ExperimentConfig } from "../experiment/config.ts";
import type { Run } from "../experiment/run.ts";
import type { RunsAdded } from "./event.ts";

/** A line holds about so many characters of configurations and runs: lines of a journal stay small. */
const LINE_CHARACTERS = 16_384;

/** The lines by which runs are added to a study: as few as keep each of them small. */
export function runsAdded(runs: readonly Run[]): RunsAdded[] {
  const events: RunsAdded[] = [];
  let batch: Run[] = [];
  let size = 0;
  for (const run of runs) {
    const length = JSON.stringify(run).length;
    if (batch.length > 0 && size + length > LINE_CHARACTERS) {
      events.push(eventOf(batch));
      batch = [];
      size = 0;
    }
    batch.push(run);
    size += length;
  }
  return batch.length === 0 ? events : [...events, eventOf(batch)];
}

function eventOf(runs: readonly Run[]): RunsAdded {
  const experiments: Record<string, ExperimentConfig> = {};
  for (const { config_hash, config } of runs) experiments[config_hash] = config;
  return { type: "runs_added", experiments, runs: runs.map(({ config: _, ...run }) => run) };
}

/** The runs of such a line. One without its configuration cannot be made, so there is none. */
export function runsOf({ experiments, runs }: RunsAdded): Run[] {
  return runs.flatMap((run) => {
    const config = experiments[run.config_hash];
    return config === undefined ? [] : [{ ...run, config }];
  });
}

/** All runs of a study: those of its plan, and those that were added and are not among them yet. */
export function withAdded(runs: readonly Run[], added: readonly Run[]): readonly Run[] {
  const further = added.filter(({ index }) => index > runs.length);
  return further.length === 0 ? runs : [...runs, ...further];
}
