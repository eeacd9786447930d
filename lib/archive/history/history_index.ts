import { basename, join, resolve } from "node:path";
import { exists, isFolder } from "../../base/files.ts";
import { CommandError, EXIT } from "../../base/refusal.ts";
import type { Manifest, ManifestEntry } from "../../journal/manifest.ts";
import type { DamagedStudy } from "../../results/history/history.ts";
import { readRecord } from "../../results/read_record.ts";
import type { ResultRecord } from "../../results/record.ts";
import type { VariedValues } from "../../results/varied.ts";
import { folderMissing, notAFolder } from "../messages.ts";
import { findRunner } from "../runner_presence.ts";
import { isStudyFolder, startInName, studiesBelow } from "../studies_in.ts";
import { currentManifest } from "../study_head.ts";

/** How much of a folder is read at most: the newest of it. */
export interface IndexLimits {
  /** Manifests; each takes a millisecond or less. */
  readonly studies: number;
  /** Configurations of which a result is read, those of most studies first. */
  readonly configurations: number;
}

const LIMITS: IndexLimits = { studies: 5000, configurations: 500 };

/** Which configurations the studies of a folder have, by their manifests and a result of each. */
export interface HistoryIndex {
  readonly root: string;
  readonly studies: number;
  readonly damaged: readonly DamagedStudy[];
  readonly truncated: boolean;
  /** Those of most studies first; of as many, those of the newest. */
  readonly configurations: readonly IndexedConfiguration[];
}

export interface IndexedConfiguration {
  /** Of the newest study. */
  readonly config_hash: string;
  readonly config_hashes: readonly string[];
  /** Of a run of the newest study; null where none tells. */
  readonly join_hash: string | null;
  readonly backend: string;
  readonly model: string;
  readonly varied: VariedValues;
  /** The newest first. */
  readonly studies: readonly IndexedStudy[];
}

/** A study with its runs of one configuration. */
export interface IndexedStudy {
  readonly study_dir: string;
  readonly started_at: string | null;
  readonly llem_version: string | null;
  readonly entries: readonly ManifestEntry[];
}

/** Throws CommandError where the folder is none or cannot be read; a study that cannot be read is told as damaged. */
export function indexStudies(root: string, limits: IndexLimits = LIMITS): HistoryIndex {
  if (!exists(root)) throw new CommandError(EXIT.usage, folderMissing(root));
  if (!isFolder(root)) throw new CommandError(EXIT.usage, notAFolder(root));
  const dirs = isStudyFolder(root) ? [root] : newestByName(studiesBelow(root));
  const damaged: DamagedStudy[] = [];
  const studies = dirs.slice(0, limits.studies).flatMap((study_dir) => {
    try {
      return [{ study_dir, manifest: currentManifest(study_dir, findRunner(study_dir)) }];
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      damaged.push({ study_dir, problem: error.message });
      return [];
    }
  }).sort((one, other) => (other.manifest.started_at ?? "") < (one.manifest.started_at ?? "") ? -1 : 1);
  return {
    root,
    studies: Math.min(dirs.length, limits.studies),
    damaged,
    truncated: dirs.length > limits.studies,
    configurations: joined(byHash(studies), limits.configurations),
  };
}

/** A directory that somebody renamed may be of any time: it is looked at in any case. */
function newestByName(dirs: readonly string[]): string[] {
  const startOf = (dir: string): string => startInName(basename(resolve(dir))) ?? "9";
  return dirs.toSorted((one, other) => startOf(one) < startOf(other) ? 1 : -1);
}

interface ReadManifest {
  readonly study_dir: string;
  readonly manifest: Manifest;
}

/** The studies of each configuration by its hash, the newest first. */
function byHash(studies: readonly ReadManifest[]): Map<string, IndexedStudy[]> {
  const all = new Map<string, IndexedStudy[]>();
  for (const { study_dir, manifest: { started_at, llem_version, experiments } } of studies) {
    for (const [hash, entries] of Map.groupBy(experiments, ({ config_hash }) => config_hash)) {
      const own = all.get(hash) ?? [];
      own.push({ study_dir, started_at, llem_version, entries });
      all.set(hash, own);
    }
  }
  return all;
}

/** Configurations with the same content as one; those of which no run completed are none. */
function joined(hashes: ReadonlyMap<string, readonly IndexedStudy[]>, most: number): IndexedConfiguration[] {
  const often = [...hashes].sort(([, one], [, other]) => other.length - one.length).slice(0, most);
  const sampled = often.flatMap(([config_hash, studies]) => {
    const record = newestRecord(studies);
    return record === null ? [] : [{ config_hash, studies, record }];
  });
  const groups = Map.groupBy(sampled, ({ config_hash, record }) => record.run.join_hash ?? config_hash);
  const found = [...groups.values()].flatMap((members): IndexedConfiguration[] => {
    const newestFirst = members.toSorted((one, other) => byStart(one.studies[0], other.studies[0]));
    const [newest] = newestFirst;
    if (newest === undefined) return [];
    const { run, config, varied } = newest.record;
    return [{
      config_hash: newest.config_hash,
      config_hashes: newestFirst.map(({ config_hash }) => config_hash),
      join_hash: run.join_hash ?? null,
      backend: config.backend,
      model: config.model,
      varied: varied ?? {},
      studies: oncePerStudy(members.flatMap(({ studies }) => studies)).sort(byStart),
    }];
  });
  return found.sort((one, other) =>
    other.studies.length - one.studies.length || byStart(one.studies[0], other.studies[0])
  );
}

/** A study that gives a model by two names has the configuration twice. */
function oncePerStudy(studies: readonly IndexedStudy[]): IndexedStudy[] {
  return [...Map.groupBy(studies, ({ study_dir }) => study_dir).values()].flatMap(([first, ...more]) =>
    first === undefined
      ? []
      : [{ ...first, entries: [...first.entries, ...more.flatMap(({ entries }) => entries)] }]
  );
}

/** The newest first; those that never began last. */
function byStart(one: IndexedStudy | undefined, other: IndexedStudy | undefined): number {
  const [a, b] = [one?.started_at ?? "", other?.started_at ?? ""];
  if (a !== b) return a < b ? 1 : -1;
  return (one?.study_dir ?? "") < (other?.study_dir ?? "") ? -1 : 1;
}

function newestRecord(studies: readonly IndexedStudy[]): ResultRecord | null {
  for (const { study_dir, entries } of studies) {
    for (const entry of entries) {
      const record = completedRecord(study_dir, entry);
      if (record !== null) return record;
    }
  }
  return null;
}

/** The record of a run that the manifest says has completed; null for any other, and where it is gone or damaged. */
export function completedRecord(study_dir: string, entry: ManifestEntry): ResultRecord | null {
  if (entry.status !== "completed" || typeof entry.result_file !== "string") return null;
  const record = readRecord(join(study_dir, entry.result_file));
  if (record === null) return null;
  const { run, outcome } = record;
  const isTheirs = run.config_hash === entry.config_hash && run.cycle === entry.cycle &&
    outcome.kind === "completed";
  return isTheirs ? record : null;
}
