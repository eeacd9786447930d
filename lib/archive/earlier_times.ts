import { join } from "node:path";
import { readRegularText } from "../base/files.ts";
import type { EarlierTimes } from "../plan/estimate.ts";
import { smallest } from "../base/numbers.ts";
import { median } from "../base/quantile.ts";
import { tellEarlier } from "./earlier_studies.ts";

/** How much is read at most, so that a folder of thousands of studies costs no more than one of a few. */
export interface ReadingLimits {
  readonly studies: number;
  readonly manifest_bytes: number;
}

const LIMITS: ReadingLimits = { studies: 10, manifest_bytes: 2_000_000 };

/**
 * How long runs of these configurations took, by the newest study directories of a folder that were made on a machine
 * like this one. Never throws: a directory that cannot be read counts for nothing.
 */
export function earlierTimes(
  folder: string,
  hashes: ReadonlySet<string>,
  limits: ReadingLimits = LIMITS,
): EarlierTimes {
  const told = tellEarlier(folder, limits.studies, (dir) => {
    const runs = completedRuns(dir, limits).filter(({ config_hash }) => hashes.has(config_hash));
    return runs.length === 0 ? null : { runs, windows: windowsOf(dir, limits) };
  });
  return {
    run_s: medians(told.flatMap(({ runs }) => runs)),
    window_s: medians(
      told.flatMap(({ windows }) => windows.filter(({ config_hash }) => hashes.has(config_hash))),
    ),
    studies: told.length,
  };
}

/**
 * The median for each configuration. Where several runs were made at a time, each may have waited to be measured: such runs count
 * only where there are no others, and then the shortest of them, which waited least.
 */
function medians(all: readonly CompletedRun[]): Map<string, number> {
  const groups = Map.groupBy(all, ({ config_hash }) => config_hash);
  return new Map([...groups].map(([hash, runs]) => {
    const alone = runs.filter(({ may_have_waited }) => !may_have_waited);
    const seconds = (some: readonly CompletedRun[]): number[] => some.map(({ duration_s }) => duration_s);
    return [hash, alone.length > 0 ? median(seconds(alone)) : smallest(seconds(runs), 0)];
  }));
}

interface CompletedRun {
  readonly config_hash: string;
  readonly duration_s: number;
  readonly may_have_waited: boolean;
}

function completedRuns(dir: string, { manifest_bytes }: ReadingLimits): CompletedRun[] {
  const manifest: { experiments?: unknown } = JSON.parse(
    readRegularText(join(dir, "manifest.json"), manifest_bytes),
  );
  if (!Array.isArray(manifest.experiments)) return [];
  return manifest.experiments.flatMap(({ config_hash, status, duration_s, placed }) =>
    typeof config_hash === "string" && status === "completed" && Number.isFinite(duration_s)
      ? [{ config_hash, duration_s, may_have_waited: (placed ?? null) !== null }]
      : []
  );
}

/** The mean length of the measured window of each configuration; none where the summary does not tell. */
function windowsOf(dir: string, { manifest_bytes }: ReadingLimits): CompletedRun[] {
  try {
    const { rows } = JSON.parse(readRegularText(join(dir, "summary.json"), manifest_bytes));
    return (Array.isArray(rows) ? rows : []).flatMap(({ config_hash, metrics }) => {
      const duration_s = metrics?.window_s?.mean;
      return typeof config_hash === "string" && Number.isFinite(duration_s)
        ? [{ config_hash, duration_s, may_have_waited: false }]
        : [];
    });
  } catch {
    return [];
  }
}
