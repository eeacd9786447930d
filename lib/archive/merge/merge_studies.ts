import { basename, join, resolve } from "node:path";
import { canonicalJson, sha256Hex } from "../../base/canonical_json.ts";
import { exists, isFolder, jsonFile, namesIn, readRegularText, removeTree } from "../../base/files.ts";
import { CommandError, EXIT } from "../../base/refusal.ts";
import { runKey } from "../../experiment/run.ts";
import type { StampedEvent } from "../../journal/event.ts";
import type { StudyStatus } from "../../journal/fold.ts";
import { foldJournal } from "../../journal/fold.ts";
import { encodeLine } from "../../journal/journal_line.ts";
import { ManifestWriter } from "../../journal/manifest_writer.ts";
import type { Plan } from "../../plan/plan.ts";
import { isNamedAlike, planDifferences } from "../../plan/plan_differences.ts";
import { realDisk } from "../../storage/disk.ts";
import { safeName } from "../../storage/exclusive_folder.ts";
import { SaveError } from "../../storage/save_error.ts";
import { studyCircumstances } from "../../results/circumstances.ts";
import { BusyError } from "../busy.ts";
import { ENVIRONMENTS, readEnvironmentFile } from "../machines.ts";
import { openStudy, stateOf } from "../open_study.ts";
import { findRunner } from "../runner_presence.ts";
import type { StudyFolder } from "../study_folder.ts";
import { openStudyFolder } from "../study_folder.ts";
import { saveSummary, SummaryBuilder } from "../summary_builder.ts";
import { copyFolder } from "./copy_folder.ts";
import { type MergedEvents, mergedEvents, type MergeSource, renamedRecord } from "./merged_events.ts";
import * as messages from "./messages.ts";

/** What a merge came to. */
export interface MergedStudy {
  readonly dir: string;
  readonly completed: number;
  readonly total: number;
  readonly superseded: number;
  /** What a reader must know, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Makes a new directory of several of one study, which are left as they are: each run counts once. Nothing is left behind where
 * that fails. Throws CommandError where they are not of one study, disagree or are still being written, and SaveError.
 */
export function mergeStudies(dirs: readonly string[], target: string): MergedStudy {
  const parts = dirs.map(openStudyFolder);
  const [first] = parts;
  if (first === undefined) throw new RangeError("nothing to merge");
  for (const part of parts) refuseRunning(part.dir);
  for (const part of parts) refuseOther(first, part);
  const names = journalNames(parts);
  const sources = parts.map((part, place) => ({
    dir: part.dir,
    events: withAgreedEnds(part),
    name: names[place] ?? `${place}`,
  }));
  const merged = mergedEvents(sources, first.plan.runs, haveSameResult);
  const [disagreeing] = merged.disagreeing;
  if (disagreeing !== undefined) {
    throw new CommandError(EXIT.usage, messages.attemptsDisagree(disagreeing.run_id, disagreeing.dirs));
  }
  const dir = resolve(target);
  makeTarget(dir);
  try {
    writeEnvironments(dir, sources);
    writeMerged(dir, first, merged);
  } catch (error) {
    removeTree(dir);
    throw error instanceof SaveError ? error : new SaveError(messages.SAVED.merged, dir, error);
  }
  return finished(dir, parts, merged.superseded);
}

/** The lines of a study's journals, with the ends of runs whose agents died before they wrote theirs. */
function withAgreedEnds(part: StudyFolder): readonly StampedEvent[] {
  const told = new Set(part.events.flatMap((event) => event.type === "run_finished" ? [event.run_id] : []));
  const missing = [...stateOf(part).entries.values()].flatMap(({ finished }) =>
    finished === null || told.has(finished.run_id) ? [] : [{ ...finished, at: finished.completed_at }]
  );
  return [...part.events, ...missing];
}

function refuseRunning(dir: string): void {
  const { alive, pid } = findRunner(dir);
  if (alive === true) throw new BusyError(messages.stillRunning(dir, pid));
}

/** Throws CommandError where two directories are not parts of one study. */
function refuseOther(first: StudyFolder, part: StudyFolder): void {
  const { search, execution } = part.original_plan;
  if (search !== null || execution.until !== null) {
    const setting = search === null ? "execution.until" : "search";
    throw new CommandError(EXIT.usage, messages.growsByResults(part.dir, setting));
  }
  const [one, other] = [first.original_plan, part.original_plan];
  const differences = planDifferences(one, other);
  if (differences.length > 0 || !isNamedAlike(one, other)) {
    const named = isNamedAlike(one, other) ? [] : [`name: ${one.name ?? "none"}, ${other.name ?? "none"}`];
    throw new CommandError(
      EXIT.usage,
      messages.otherStudyInMerge(first.dir, part.dir, [...named, ...differences]),
    );
  }
  if (orderHash(one) !== orderHash(other)) {
    throw new CommandError(EXIT.usage, messages.ordersDiffer(first.dir, part.dir));
  }
}

/** Of the runs with their places, whatever machine they were planned on. */
function orderHash({ runs }: Plan): string {
  return sha256Hex(canonicalJson(runs.map(({ index, config_hash, cycle }) => [index, config_hash, cycle])));
}

/** `part-1-of-3_<directory>`, each once. */
function journalNames(parts: readonly StudyFolder[]): string[] {
  const taken = new Set<string>();
  return parts.map(({ dir, plan: { shard } }) => {
    const part = shard === undefined ? "part" : `part-${shard.index}-of-${shard.of}`;
    const base = `${part}_${safeName(basename(resolve(dir)), 100)}`;
    let name = base;
    for (let again = 2; taken.has(name); again++) name = `${base}_${again}`;
    taken.add(name);
    return name;
  });
}

/** True as well where one of them has no result: a runner may have died between two copies. */
function haveSameResult(folder: string, one: string, other: string): boolean {
  const [a, b] = [one, other].map((dir) => join(dir, folder, "result.json"));
  if (a === undefined || b === undefined || !exists(a) || !exists(b)) return true;
  return readRegularText(a) === readRegularText(b);
}

function makeTarget(dir: string): void {
  try {
    Deno.mkdirSync(dir);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) {
      throw new CommandError(EXIT.usage, messages.mergedExists(dir));
    }
    throw new SaveError(messages.SAVED.merged, dir, error);
  }
}

/** What each part was measured on: the merged directory's own environment is that of the first. */
function writeEnvironments(dir: string, sources: readonly MergeSource[]): void {
  realDisk.createFolder(join(dir, ENVIRONMENTS));
  for (const { dir: from, name } of sources) {
    for (const [path, to] of environmentsOf(from, name)) copyFolder(path, join(dir, ENVIRONMENTS, to));
  }
}

/** Those of a directory that was merged itself; else its own. */
function environmentsOf(dir: string, name: string): (readonly [path: string, to: string])[] {
  const merged = namesIn(join(dir, ENVIRONMENTS));
  if (merged.length > 0) {
    return merged.map((file) => [join(dir, ENVIRONMENTS, file), `${name}_${file}`.slice(-200)]);
  }
  const own = join(dir, "environment.json");
  return exists(own) ? [[own, `${name}.json`]] : [];
}

/** What is not taken over from the first directory: what is merged, derived or of its own runner. */
const OWN: ReadonlySet<string> = new Set([
  "runs",
  "plan.json",
  "journal.jsonl",
  "journals",
  "manifest.json",
  "summary.json",
  "summary.csv",
  "report.html",
  "lock",
  ENVIRONMENTS,
  ...[
    "agents",
    "chains.json",
    "hardware.json",
    "beats",
    "claims",
    "ends",
    "tmp",
    "submission.json",
    "stop.json",
    "slurm",
    "audit",
  ],
]);

/** plan.json comes last, so that a folder that has it has everything. */
function writeMerged(dir: string, first: StudyFolder, { folders, journals }: MergedEvents): void {
  realDisk.createFolder(join(dir, "runs"));
  realDisk.createFolder(join(dir, "journals"));
  for (const name of namesIn(first.dir)) {
    if (OWN.has(name) || name.startsWith(".") || /\.tmp-\d+$/.test(name)) continue;
    copyFolder(join(first.dir, name), join(dir, name));
  }
  for (const { dir: from, from: folder, to, renamed } of folders) {
    const source = join(from, folder);
    if (!isFolder(source)) continue;
    copyFolder(source, join(dir, to));
    const record = join(dir, to, "result.json");
    if (renamed === null || !exists(record)) continue;
    realDisk.replace(record, jsonFile(renamedRecord(readRegularText(record), renamed)));
  }
  realDisk.syncFolder(join(dir, "runs"));
  let latest = new Date().toISOString();
  for (const { name, events } of journals) {
    const lines = events.map(({ at, ...event }) => {
      if (at > latest) latest = at;
      return encodeLine(event, at);
    });
    writeJournal(dir, name, lines);
  }
  const status = statusOf(first.plan, journals.flatMap(({ events }) => events));
  writeJournal(dir, "merged", [encodeLine({ type: "study_finished", status }, latest)]);
  writePlan(dir, first);
}

function writeJournal(dir: string, name: string, lines: readonly string[]): void {
  realDisk.replace(join(dir, "journals", `${name}.jsonl`), new TextEncoder().encode(lines.join("")));
}

/** That of the first directory, whole, and as private as it was there. */
function writePlan(dir: string, first: StudyFolder): void {
  const path = join(first.dir, "plan.json");
  const stored = JSON.parse(readRegularText(path));
  const { shard: _, ...plan } = stored.plan;
  const mode = (Deno.statSync(path).mode ?? 0o600) & 0o777;
  realDisk.replace(join(dir, "plan.json"), jsonFile({ ...stored, plan }), mode);
}

function statusOf(plan: Plan, events: Parameters<typeof foldJournal>[0]): Exclude<StudyStatus, "running"> {
  const { entries } = foldJournal(events);
  const standings = plan.runs.map((run) => entries.get(runKey(run))?.status ?? "pending");
  if (standings.every((standing) => standing === "completed")) return "completed";
  return standings.every((standing) => standing === "completed" || standing === "failed")
    ? "failed"
    : "interrupted";
}

/** Writes what is derived, and says what the directory holds. */
function finished(dir: string, parts: readonly StudyFolder[], superseded: number): MergedStudy {
  const { plan, state } = openStudy(dir);
  const notes: string[] = [];
  const say = (text: string): void => void notes.push(text);
  new ManifestWriter(realDisk, join(dir, "manifest.json"), plan, state, ({ message }) => say(message))
    .write();
  saveSummary(new SummaryBuilder(realDisk, dir, plan, state), say);
  const total = plan.runs.length;
  const standings = plan.runs.map((run) => state.entries.get(runKey(run))?.status ?? "pending");
  const completed = standings.filter((standing) => standing === "completed").length;
  const left = standings.filter((standing) => standing === "pending").length;
  for (const note of machineNotes(parts)) say(note);
  if (left > 0) say(messages.partsLeft(left, missingShards(parts)));
  return { dir, completed, total, superseded, notes };
}

/** What is different between machines and changes numbers; the name of a machine does not. */
const TOLD: readonly string[] = ["CPU", "driver", "power limit", "ECC", "persistence mode"];

function machineNotes(parts: readonly StudyFolder[]): string[] {
  const [first, ...others] = parts.map(({ dir }) => ({
    dir,
    facts: studyCircumstances(readEnvironmentFile(join(dir, "environment.json"))),
  }));
  if (first === undefined) return [];
  return others.flatMap(({ dir, facts }) => {
    const differing = TOLD.flatMap((what) => {
      const [one, other] = [first.facts[what], facts[what]];
      return one === undefined || other === undefined || one === other
        ? []
        : [`${what} ${one} against ${other}`];
    });
    return differing.length === 0 ? [] : [messages.machinesDiffer(first.dir, dir, differing)];
  });
}

function missingShards(parts: readonly StudyFolder[]): string[] {
  const shards = parts.flatMap(({ plan: { shard } }) => shard ?? []);
  const [of] = new Set(shards.map((shard) => shard.of));
  const have = new Set(shards.map(({ index }) => index));
  if (of === undefined || shards.some((shard) => shard.of !== of)) return [];
  return Array.from({ length: of }, (_, place) => place + 1).filter((index) => !have.has(index))
    .map((index) => `${index}/${of}`);
}
