import { join } from "node:path";
import { readRegularText } from "../base/files.ts";
import { type Environment, readEnvironment } from "../host/environment.ts";
import type { EarlierTimes } from "../plan/estimate.ts";
import { median } from "../base/quantile.ts";
import { studiesIn } from "./studies_in.ts";

/** How much is read at most, so that a folder of thousands of studies costs no more than one of a few. */
export interface ReadingLimits {
  readonly studies: number;
  readonly manifest_bytes: number;
}

const LIMITS: ReadingLimits = { studies: 10, manifest_bytes: 2_000_000 };
const MOST_ENVIRONMENT_BYTES = 1_000_000;

/** What an environment.json tells of a machine that decides about speed. */
export type MachineFacts = Pick<Environment, "cpu_model" | "cpus" | "memory_bytes" | "gpus">;

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
  let here: string | null = null;
  let studies = 0;
  for (const dir of newestStudies(folder, limits.studies)) {
    try {
      const found = completedRuns(dir, limits).filter(({ config_hash }) => hashes.has(config_hash));
      if (found.length === 0) continue;
      here ??= machineOf(readEnvironment());
      if (machineOf(storedEnvironment(dir)) !== here) continue;
      for (const { config_hash, duration_s } of found) {
        const all = seconds.get(config_hash) ?? [];
        all.push(duration_s);
        seconds.set(config_hash, all);
      }
      studies += 1;
    } catch {
      // Not finished writing, of another version, or not ours to read.
    }
  }
  return { run_s: new Map([...seconds].map(([hash, all]) => [hash, median(all)])), studies };
}

/** Empty where the folder cannot be read. */
function newestStudies(folder: string, count: number): string[] {
  try {
    return studiesIn(folder).slice(0, count);
  } catch {
    return [];
  }
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

function storedEnvironment(dir: string): MachineFacts {
  return JSON.parse(readRegularText(join(dir, "environment.json"), MOST_ENVIRONMENT_BYTES));
}

/** The same text for machines that are equally fast: a container has another name every time. */
export function machineOf({ cpu_model, cpus, memory_bytes, gpus }: MachineFacts): string {
  const models = gpus.map((gpu) => gpu.replace(/(?: GPU-\S+)? \S+$/, "")).sort();
  return JSON.stringify([cpu_model, cpus, memory_bytes, models]);
}
