/**
 * lib/archive owns the study directory: its making, its locks, and reading it back. It knows nothing of running.
 */
import { isFolder, jsonFile, readRegularText, removeTree } from "../base/files.ts";
import { join } from "node:path";
import { sha256Hex } from "../base/canonical_json.ts";
import { isShared } from "../cluster/agents.ts";
import { userCacheFolder } from "../base/user_cache_folder.ts";
import { readEnvironment } from "../host/environment.ts";
import { unpinProgram } from "../host/self_program.ts";
import type { StudyInputs } from "../inputs/study_inputs.ts";
import { tokensIn } from "../experiment/secret_names.ts";
import { runsOf, withAdded } from "../journal/added_runs.ts";
import type { StampedEvent } from "../journal/event.ts";
import type { JournalContents } from "../journal/journal.ts";
import type { Plan } from "../plan/plan.ts";
import { removePythonWorker } from "../python/worker_files.ts";
import { type Disk, removeTemporaries } from "../storage/disk.ts";
import { createExclusiveFolder, readableName, safeName } from "../storage/exclusive_folder.ts";
import { SaveError } from "../storage/save_error.ts";
import { CommandError, EXIT } from "../base/refusal.ts";
import { studyDirectoryIn } from "../storage/messages.ts";
import { SAVED } from "./messages.ts";
import { notAPlanText, notAStudyText, unreadableText } from "./not_a_study.ts";
import { readJournals, type WriterJournal } from "./read_journals.ts";
import { restorePlan, type StoredPlan, storePlan } from "./stored_plan.ts";

/** A study directory that was read back. */
export interface StudyFolder {
  readonly dir: string;
  /** Its runs are those that were planned and those that were added since. */
  readonly plan: Plan;
  /** As it was when the study began. */
  readonly original_plan: Plan;
  readonly base_dir: string;
  /** Of study.yaml as it was planned. */
  readonly study_sha256: string;
  /** The directory's own journal. */
  readonly journal: JournalContents;
  /** What all of its journals say, in order. */
  readonly events: readonly StampedEvent[];
  /** The journals of further writers, where several processes make the study. */
  readonly others: readonly WriterJournal[];
}

/** What a study directory keeps of where its plan came from. */
export interface PlanSource {
  /** Absolute folder in which the study's relative paths start. */
  readonly base_dir: string;
  /** The study file as it was written; for a study without one, its settings as JSON. */
  readonly text: Uint8Array<ArrayBuffer>;
  readonly inputs: StudyInputs;
  /** True where something in the study looks like a secret: study.yaml and plan.json are then for its owner alone. */
  readonly holds_secrets?: boolean;
  /** True where the directory is for its owner alone; the umask then says so too. */
  readonly private_files?: boolean;
}

/**
 * Makes `<output>/<name>_<UTC time>_<4 random>/` with everything that is known before the first run. Where that
 * fails nothing is left behind. plan.json comes last: a folder that has it has everything. Throws SaveError.
 */
export function createStudyFolder(
  disk: Disk,
  output: string,
  source: PlanSource,
  plan: Plan,
): string {
  const dir = createExclusiveFolder(output, newStudyName(plan));
  try {
    save(studyDirectoryIn(), output, disk.syncFolder.bind(disk));
    fillStudyFolder(disk, dir, source, plan);
  } catch (error) {
    removeTree(dir);
    throw error;
  }
  return dir;
}

/** How plan.json comes into its folder: `mode` where it is for its owner alone. Throws what the system threw. */
export type PublishPlan = (path: string, content: Uint8Array<ArrayBuffer>, mode: number | undefined) => void;

/** Puts everything that is known before the first run into a folder, plan.json last. Throws SaveError. */
export function fillStudyFolder(
  disk: Disk,
  dir: string,
  source: PlanSource,
  plan: Plan,
  publish: PublishPlan = disk.replace.bind(disk),
): void {
  const { base_dir, text } = source;
  // A default access list of the folder above stands over the umask.
  if (source.private_files === true) save(SAVED.studyDirectory, dir, (path) => Deno.chmodSync(path, 0o700));
  const stored = storePlan(plan, { base_dir, study_sha256: sha256Hex(text) });
  const environment = readEnvironment();
  const holdsSecrets = source.holds_secrets === true || Object.keys(plan.secrets).length > 0 ||
    tokensIn(new TextDecoder().decode(text)).length > 0;
  const mode = holdsSecrets ? OWNER_ONLY : undefined;
  save(SAVED.runs, join(dir, "runs"), (path) => isFolder(path) || disk.createFolder(path));
  save(SAVED.studyFile, join(dir, "study.yaml"), (path) => disk.replace(path, text, mode));
  save(SAVED.environment, join(dir, "environment.json"), (path) => disk.replace(path, jsonFile(environment)));
  save(SAVED.inputs, dir, (path) => source.inputs.save(disk, path));
  save(SAVED.plan, join(dir, "plan.json"), (path) => publish(path, jsonFile(stored), mode));
}

function save(what: string, path: string, action: (path: string) => void): void {
  try {
    action(path);
  } catch (error) {
    if (error instanceof SaveError) throw error;
    throw new SaveError(what, path, error);
  }
}

const OWNER_ONLY = 0o600;

/** Takes from others the files of an earlier llem that hold secrets. What cannot be changed stays as it is, in silence. */
export function hideStoredSecrets({ dir, plan }: Pick<StudyFolder, "dir" | "plan">): void {
  if (Object.keys(plan.secrets).length === 0) return;
  for (const name of ["study.yaml", "plan.json"]) {
    try {
      Deno.chmodSync(join(dir, name), OWNER_ONLY);
    } catch {
      // Another user's directory, or a file system without modes.
    }
  }
}

/** Files of a study directory that are replaced as a whole. */
const REPLACED = [
  "study.yaml",
  "environment.json",
  "inputs.json",
  "plan.json",
  "manifest.json",
  "summary.json",
  "summary.csv",
];

/** Removes what a killed runner leaves in a study directory besides its files: half-written ones, its pinned program, the Python worker. */
export function removeLeftovers(dir: string): void {
  unpinProgram(dir, userCacheFolder(Deno.env.toObject()));
  removePythonWorker(dir);
  removeTemporaries(dir, REPLACED);
  for (const folder of runFolders(dir)) removeTemporaries(folder, ["result.json", "power.parquet"]);
}

function runFolders(dir: string): string[] {
  const runs = join(dir, "runs");
  try {
    return [...Deno.readDirSync(runs)].map(({ name }) => join(runs, name));
  } catch {
    return [];
  }
}

/** What the name of a new study's directory begins with: its name and the time; four random letters follow. */
export function newStudyName(plan: Pick<Plan, "name">): string {
  return `${studyPrefix(plan)}${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}`;
}

/** What the names of a study's directories begin with; the time of the start and something random follow. */
function studyPrefix({ name }: Pick<Plan, "name">): string {
  return `${readableName(name ?? "") || "study"}_`;
}

/** The same for all versions of llem: earlier ones kept letters of ASCII alone. */
export function studyPrefixes(plan: Pick<Plan, "name">): string[] {
  return [...new Set([studyPrefix(plan), `${safeName(plan.name ?? "") || "study"}_`])];
}

/** Reads a study directory. Throws CommandError where it is none, or one of a newer llem. */
export function openStudyFolder(dir: string): StudyFolder {
  const { plan, base_dir, study_sha256 } = readStoredPlan(dir);
  const { main, events, others } = readJournals(dir, isShared(dir));
  const added = events.flatMap((event) => event.type === "runs_added" ? runsOf(event) : []);
  const grown = { ...plan, runs: withAdded(plan.runs, added) };
  return { dir, plan: grown, original_plan: plan, base_dir, study_sha256, journal: main, events, others };
}

/** The plan alone; throws like the whole. */
export function readStoredPlan(dir: string): Pick<StudyFolder, "plan" | "base_dir" | "study_sha256"> {
  const path = join(dir, "plan.json");
  let text: string;
  try {
    text = readRegularText(path);
  } catch (error) {
    const missing = error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
    if (!missing) throw new CommandError(EXIT.usage, unreadableText(path, error));
    throw new CommandError(EXIT.usage, notAStudyText(dir));
  }
  try {
    const stored: StoredPlan = JSON.parse(text);
    const plan = restorePlan(stored);
    if (plan !== null) return { plan, base_dir: stored.base_dir, study_sha256: stored.study_sha256 };
  } catch {
    // No JSON, or not of this shape: reported like any other file that is not ours.
  }
  throw new CommandError(EXIT.usage, notAPlanText(path, text));
}
