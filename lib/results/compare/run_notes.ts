import { basename } from "node:path";
import { median } from "../../base/quantile.ts";
import { CLIENT_LIMITED } from "../../experiment/outcome.ts";
import { valueApart } from "../apart.ts";
import type { ComparedMetric } from "./compared_metrics.ts";
import * as messages from "./messages.ts";
import { type Sample, type SampleRun, valueOf } from "./samples.ts";

/** More runs that lie apart are counted: of hundreds of rows some do by chance. */
const MOST_APART = 5;
/** The flags of a run that others slowed down, or whose client was a limit. */
const DOUBTFUL = ["contended", CLIENT_LIMITED] as const;

/** What of single runs a reader must know: those with a flag, and those that lie apart. All of them count. */
export function runNotes(
  samples: readonly Sample[],
  metrics: readonly ComparedMetric[],
  design: "paired" | "unpaired",
): string[] {
  const runs = samples.flatMap((sample) => sample.runs);
  const flagged = DOUBTFUL.map((flag) => ({ flag, count: runs.filter((run) => hasFlag(run, flag)).length }));
  const apart = metrics.flatMap(({ name }) => samples.flatMap((sample) => runApart(sample, name, design)));
  return [
    ...flagged.flatMap(({ flag, count }) =>
      count === 0 ? [] : [messages.flaggedRuns(flag, count, runs.length)]
    ),
    ...apart.slice(0, MOST_APART).map(messages.runApart),
    ...apart.length > MOST_APART ? [messages.moreApart(apart.length - MOST_APART)] : [],
  ];
}

function runApart(
  { runs, side }: Sample,
  metric: string,
  design: "paired" | "unpaired",
): messages.RunApart[] {
  const having = runs.filter((run) => (valueOf(run, metric) ?? 0) > 0);
  const values = having.map((run) => valueOf(run, metric) ?? NaN);
  const place = valueApart(values) ?? -1;
  const [run, value] = [having[place], values[place]];
  if (run === undefined || value === undefined) return [];
  const { attempt = 1, flags = [], warnings = [] } = run.summary.marks ?? {};
  const facts = [...attempt > 1 ? [messages.attemptOf(attempt)] : [], ...new Set([...flags, ...warnings])];
  // Runs of several studies may have the same id.
  const run_id = design === "paired" ? run.run_id : `${basename(side.study_dir)}/${run.run_id}`;
  return [{ run_id, metric, value, middle: median(values), facts }];
}

function hasFlag({ summary: { marks } }: SampleRun, flag: string): boolean {
  return marks?.flags.includes(flag) === true;
}
