import { largest } from "../base/numbers.ts";
import { jsonFile, readRegularText } from "../base/files.ts";
import { join } from "node:path";
import type { Plan } from "../plan/plan.ts";
import type { Emit } from "../journal/runner_event.ts";
import type { StopSwitch } from "../process/stop.ts";
import type { StudyBaselines, TakenBaseline } from "../metering/metering.ts";
import { fileNotWritten } from "./messages.ts";
import { realDisk } from "../storage/disk.ts";

/** What the end of a metered study is made of. */
export interface MeteredEnd {
  readonly dir: string;
  /** The runs that were to be made. */
  readonly todo: Plan["runs"];
  /** How many of the study's runs have completed. */
  readonly completed: number;
  readonly baselines: StudyBaselines;
  readonly stop: StopSwitch;
  readonly emit: Emit;
}

/** Meters the idle machine once more when all is done, and puts the baselines of this session beside the results. */
export async function takeBaselineAfter(
  { dir, todo, completed, baselines, stop, emit }: MeteredEnd,
): Promise<void> {
  const before = baselines.taken;
  if (before === null) return;
  const seconds = largest(todo.map(({ config }) => config.baseline.duration_seconds));
  // Without a number there is nothing to hold it against.
  const isCut = stop.signal.aborted || stop.draining.aborted || completed === 0;
  const after = isCut ? null : await baselines.takeAfter(seconds, stop.signal, stop.draining);
  try {
    addBaselines(dir, after === null ? [before] : [before, after]);
  } catch (error) {
    const text = fileNotWritten("baselines.json", (error as Error).message);
    emit({ type: "warning", code: "baselines", text });
  }
}

/** Adds to baselines.json what earlier sessions of the study have not written; throws what the system threw. */
export function addBaselines(dir: string, taken: readonly TakenBaseline[]): void {
  const path = join(dir, "baselines.json");
  const baselines = [...readBaselines(path), ...taken];
  realDisk.replace(path, jsonFile({ schema: "llem.baselines/1", baselines }));
}

/** Empty where the file is missing or damaged. */
function readBaselines(path: string): unknown[] {
  try {
    const { baselines } = JSON.parse(readRegularText(path));
    return Array.isArray(baselines) ? baselines : [];
  } catch {
    return [];
  }
}
