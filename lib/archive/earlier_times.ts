import { join } from "node:path";
import { readRegularText } from "../base/files.ts";
import type { EarlierTimes } from "../plan/estimate.ts";
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
  const seconds = new Map<string, number[]>();
  const told = tellEarlier(folder, limits.studies, (dir) => {
    const found = completedRuns(dir, limits).filter(({ config_hash }) => hashes.has(config_hash));
    return found.length === 0 ? null : found;
  });
  for (const { config_hash, duration_s } of told.flat()) {
    const all = seconds.get(config_hash) ?? [];
    all.push(duration_s);
    seconds.set(config_hash, all);
  }
  return { run_s: new Map([...seconds].map(([hash, all]) => [hash, median(all)])), studies: told.length };
}

interface CompletedRun {
  readonly config_hash: string;
  readonly duration_s: number;
}

function completedRuns(dir: string, { manifest_bytes }: ReadingLimits): CompletedRun[] {
  const manifest: { experiments?: unknown } = JSON.parse(
    readRegularText(join(dir, "manifest.json"), manifest_bytes),
  );
  if (!Array.isArray(manifest.experiments)) return [];
  return manifest.experiments.flatMap(({ config_hash, status, duration_s }) =>
    typeof config_hash === "string" && status === "completed" && Number.isFinite(duration_s)
      ? [{ config_hash, duration_s }]
      : []
  );
}
