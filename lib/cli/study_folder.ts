import { join } from "node:path";
import { sha256Hex } from "../base/canonical_json.ts";
import { LLEM_VERSION } from "../base/version.ts";
import { readEnvironment } from "../host/environment.ts";
import { type JournalContents, parseJournal } from "../journal/journal.ts";
import type { Plan } from "../plan/plan.ts";
import type { Disk } from "../storage/disk.ts";
import { createExclusiveFolder, safeName } from "../storage/exclusive_folder.ts";
import { SaveError } from "../storage/save_error.ts";
import { CommandError, EXIT } from "./exit_code.ts";
import type { PlanReading } from "./read_plan.ts";

/** plan.json: the plan and what is needed to go on with it without the study file. */
export interface StoredPlan {
  readonly schema: "llem.plan/1";
  readonly llem_version: string;
  /** Absolute folder in which relative paths of the configuration start. */
  readonly base_dir: string;
  /** SHA-256 of study.yaml as it was planned. */
  readonly study_sha256: string;
  readonly plan: Plan;
}

/** A study directory that was read back. */
export interface StudyFolder {
  readonly dir: string;
  readonly stored: StoredPlan;
  readonly journal: JournalContents;
}

/**
 * Makes `<output>/<name>_<UTC time>_<4 random>/` with everything that is known before the first run. Where that
 * fails nothing is left behind. Throws SaveError.
 */
export function createStudyFolder(disk: Disk, output: string, reading: PlanReading, plan: Plan): string {
  const time = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
  const dir = createExclusiveFolder(output, `${safeName(plan.name ?? "") || "study"}_${time}`);
  try {
    const stored: StoredPlan = {
      schema: "llem.plan/1",
      llem_version: LLEM_VERSION,
      base_dir: reading.base_dir,
      study_sha256: sha256Hex(reading.text),
      plan,
    };
    disk.createFolder(join(dir, "runs"));
    disk.replace(join(dir, "study.yaml"), reading.text);
    disk.replace(join(dir, "plan.json"), json(stored));
    disk.replace(join(dir, "environment.json"), json(readEnvironment()));
    disk.syncFolder(output);
    return dir;
  } catch (error) {
    removeQuietly(dir);
    throw new SaveError("the study directory", dir, error);
  }
}

/** Reads a study directory. Throws CommandError where it is none, or one of a newer llem. */
export function openStudyFolder(dir: string): StudyFolder {
  const stored = readStored(dir);
  let bytes: Uint8Array;
  try {
    bytes = Deno.readFileSync(join(dir, "journal.jsonl"));
  } catch (error) {
    // Killed between the plan and the first journal line: nothing has run yet.
    if (!(error instanceof Deno.errors.NotFound)) throw unreadable(join(dir, "journal.jsonl"), error);
    bytes = new Uint8Array();
  }
  try {
    return { dir, stored, journal: parseJournal(bytes) };
  } catch (error) {
    throw new CommandError(EXIT.usage, `${join(dir, "journal.jsonl")}: ${(error as Error).message}`);
  }
}

function readStored(dir: string): StoredPlan {
  const path = join(dir, "plan.json");
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    const missing = error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
    if (!missing) throw unreadable(path, error);
    throw new CommandError(EXIT.usage, `${dir} is not a study directory (it has no plan.json).`);
  }
  let stored: StoredPlan | null = null;
  try {
    stored = JSON.parse(text);
  } catch {
    // Reported below like any other file that is not ours.
  }
  if (stored?.schema === "llem.plan/1") return stored;
  throw new CommandError(
    EXIT.usage,
    `${path} is not a plan this llem can read (schema ${stored?.schema ?? "unknown"}).`,
  );
}

function unreadable(path: string, error: unknown): CommandError {
  return new CommandError(EXIT.usage, `Cannot read ${path}: ${(error as Error).message}`);
}

function json(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 1)}\n`);
}

function removeQuietly(dir: string): void {
  try {
    Deno.removeSync(dir, { recursive: true });
  } catch {
    // The error that brought us here is the one to report.
  }
}
