import { basename, join, resolve } from "node:path";
import { readRegularText } from "../base/files.ts";
import { isJsonObject } from "../base/json.ts";
import { CommandError } from "../base/refusal.ts";
import { makeManifest, type Manifest } from "../journal/manifest.ts";
import type { TableRunner } from "../results/study_table.ts";
import { countMissing, looksWhole } from "./missing_results.ts";
import { openStudy } from "./open_study.ts";
import { findRunner } from "./runner_presence.ts";
import { readStoredPlan } from "./study_folder.ts";
import { startInName } from "./studies_in.ts";

/** A study as a list of many shows it: told by its manifest, without reading plan, journals or results. */
export interface StudyHead {
  readonly study_dir: string;
  readonly name: string | null;
  readonly study_design_hash: string | null;
  /** `damaged`: it cannot be read, and `problem` says why. The others as in a StudyTable. */
  readonly status: "running" | "completed" | "failed" | "interrupted" | "damaged";
  /** Who runs it; null where nobody does. */
  readonly runner: TableRunner | null;
  /** UTC, ISO 8601; null where nothing has run. */
  readonly started_at: string | null;
  readonly completed_at: string | null;
  /** Runs; they add up to `total` with those that are pending. */
  readonly total: number;
  /** True where runs may be added to these (`execution.until`). */
  readonly open_ended: boolean;
  readonly completed: number;
  readonly failed: number;
  readonly interrupted: number;
  readonly n_experiments: number;
  readonly n_cycles: number;
  /** What its experiments run, as `backend / model / precision`, each that differs once. */
  readonly configs: readonly string[];
  /** Completed runs whose result is gone or cut off; null where nobody looked. */
  readonly missing_results: number | null;
  readonly llem_version: string | null;
  /** A sentence; null where nothing is wrong with the directory. */
  readonly problem: string | null;
}

/** How many results are looked at for a list: a glance at each takes some 20 microseconds. */
export interface GlanceBudget {
  results: number;
}

/** Never throws for a directory that cannot be read: that is what it tells. */
export function studyHead(dir: string, budget: GlanceBudget): StudyHead {
  try {
    return headOf(dir, findRunner(dir), budget);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return damaged(dir, error.message);
  }
}

/** By its first bytes and its last ones: a plan of many experiments has megabytes. */
function looksLikePlan(path: string): boolean {
  if (!looksWhole(path, null, Infinity)) return false;
  using file = Deno.openSync(path);
  const begin = new Uint8Array(PLAN_BEGIN.length);
  file.readSync(begin);
  return new TextDecoder().decode(begin) === PLAN_BEGIN;
}

const PLAN_BEGIN = '{\n "schema": "llem.plan/1",';

function headOf(dir: string, runner: TableRunner, budget: GlanceBudget): StudyHead {
  const manifest = currentManifest(dir, runner);
  const { experiments, status } = manifest;
  const isLookedAt = experiments.length <= budget.results;
  if (isLookedAt) budget.results -= experiments.length;
  const missing = isLookedAt ? countMissing(dir, experiments) : null;
  const isRunning = status === "running" && runner.alive !== false;
  const isOver = status !== "running" && (status !== "completed" || (missing ?? 0) === 0);
  return {
    study_dir: dir,
    name: manifest.study_name,
    study_design_hash: manifest.study_design_hash,
    status: isRunning ? "running" : isOver ? status : "interrupted",
    runner: isRunning ? runner : null,
    started_at: manifest.started_at,
    completed_at: manifest.completed_at,
    total: manifest.total_experiments,
    open_ended: manifest.open_ended === true,
    completed: manifest.completed - (missing ?? 0),
    failed: manifest.failed,
    interrupted: manifest.interrupted,
    n_experiments: new Set(experiments.map(({ config_hash }) => config_hash)).size,
    n_cycles: manifest.n_cycles,
    configs: [...new Set(experiments.map(({ config_summary }) => config_summary))],
    missing_results: missing,
    llem_version: manifest.llem_version,
    problem: null,
  };
}

/**
 * What the journal says where the manifest is not its whole truth: the runner that kept it is gone, or it was not copied. Throws
 * CommandError where the directory is no study, or one of a newer llem.
 */
export function currentManifest(dir: string, { alive }: TableRunner): Manifest {
  // Its reader finds the words for what is wrong with it.
  if (!looksLikePlan(join(dir, "plan.json"))) readStoredPlan(dir);
  const stored = storedManifest(dir);
  if (stored !== null && !(stored.status === "running" && alive === false)) return stored;
  const { plan, state } = openStudy(dir);
  return makeManifest(plan, state);
}

function storedManifest(dir: string): Manifest | null {
  // Garbage is not parsed: of some, as a hundred million brackets, the parser makes gigabytes.
  if (!looksWhole(join(dir, "manifest.json"), null, Infinity)) return null;
  try {
    const value: unknown = JSON.parse(readRegularText(join(dir, "manifest.json")));
    return isManifest(value) ? value : null;
  } catch {
    return null;
  }
}

function isManifest(value: unknown): value is Manifest {
  if (!isJsonObject(value) || value["schema"] !== "llem.manifest/1") return false;
  const { experiments, status, total_experiments, completed, failed, started_at, completed_at, study_name } =
    value;
  const texts = [started_at, completed_at, study_name];
  return Array.isArray(experiments) && experiments.every(isEntry) && typeof status === "string" &&
    [total_experiments, completed, failed].every((count) => typeof count === "number") &&
    texts.every((text) => text === null || typeof text === "string");
}

function isEntry(value: unknown): boolean {
  return isJsonObject(value) && typeof value["config_hash"] === "string" &&
    typeof value["config_summary"] === "string";
}

function damaged(dir: string, problem: string): StudyHead {
  return {
    study_dir: dir,
    name: null,
    study_design_hash: null,
    status: "damaged",
    runner: null,
    started_at: startInName(basename(resolve(dir))),
    completed_at: null,
    open_ended: false,
    ...{ total: 0, completed: 0, failed: 0, interrupted: 0, n_experiments: 0, n_cycles: 0 },
    configs: [],
    missing_results: null,
    llem_version: null,
    problem,
  };
}
