/**
 * lib/session/submit owns what `llem submit` leaves in a study directory: what was submitted, the jobs of every round, and
 * what an agent in one of them does at its end. Slurm itself is lib/cluster/slurm.
 */
import { join, resolve } from "node:path";
import { jsonFile, readRegularText } from "../../base/files.ts";
import { isJsonObject } from "../../base/json.ts";
import { CommandError, EXIT } from "../../base/refusal.ts";
import type { Disk } from "../../storage/disk.ts";
import type { Override } from "../../study/study.ts";
import { type PlanReading, readPlan } from "../read_plan.ts";
import type { ReadTrouble } from "../read_file.ts";
import type { StudyRequest } from "../run_request.ts";
import { REAL_FILES, type StudyFiles } from "../study_files.ts";
import { damagedSubmission } from "./messages.ts";

/**
 * submission.json: everything that the first agent makes the study from, as it was when it was submitted. Files that are
 * changed while the job waits change nothing.
 */
export interface Submission {
  readonly schema: "llem.submission/1";
  /** UTC, ISO 8601. */
  readonly submitted_at: string;
  readonly llem_version: string;
  readonly host: string;
  /** Absolute; null for a study that the command line alone makes. */
  readonly file: string | null;
  /** Where paths of the command line start; jobs begin there. */
  readonly folder: string;
  readonly overrides: readonly Override[];
  /** What was read, by absolute path: the study file and those that it builds on. */
  readonly files: Readonly<Record<string, string>>;
  /** The user's configuration; null where there was none. */
  readonly user_config: string | null;
  /** The design of the study as it was planned here. */
  readonly study_design_hash: string;
  readonly n_runs: number;
  /** Seconds that runs are expected to take at most, by configuration hash, of those that ran before. */
  readonly expected_s: Readonly<Record<string, number>>;
  readonly slurm: SubmissionJobs;
}

/** What the jobs ask for; the same in every round. */
export interface SubmissionJobs {
  readonly job_name: string;
  readonly nodes: number;
  readonly time_s: number;
  readonly warning_s: number;
  readonly exclusive: boolean;
  readonly options: readonly string[];
}

const SUBMISSION_FILE = "submission.json";

/** Files that remember what was read of them. */
export function recordedFiles(): StudyFiles & Pick<Submission, "files" | "user_config"> {
  const files: Record<string, string> = {};
  let user_config: string | null = null;
  const text = (content: Uint8Array | ReadTrouble | null): string | null =>
    content === null || "trouble" in content ? null : new TextDecoder().decode(content);
  return {
    folder: () => REAL_FILES.folder(),
    read(path) {
      const content = REAL_FILES.read(path);
      const read = text(content);
      if (read !== null) files[path] = read;
      return content;
    },
    readUserConfig(path) {
      const content = REAL_FILES.readUserConfig(path);
      user_config = text(content);
      return content;
    },
    files,
    get user_config() {
      return user_config;
    },
  };
}

/** The files of a submission, wherever this is. One that was not read then is read now. */
function keptFiles({ folder, files, user_config }: Submission): StudyFiles {
  const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
  return {
    folder: () => folder,
    read(path) {
      const kept = files[path];
      return kept === undefined ? REAL_FILES.read(path) : bytes(kept);
    },
    readUserConfig: () => user_config === null ? null : bytes(user_config),
  };
}

/** What was submitted in a directory; null where nothing was. Throws CommandError where it cannot be understood. */
export function readSubmission(dir: string): Submission | null {
  const path = join(dir, SUBMISSION_FILE);
  try {
    const value: unknown = JSON.parse(readRegularText(path));
    if (isJsonObject(value) && value["schema"] === "llem.submission/1") return value as unknown as Submission;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return null;
  }
  throw new CommandError(EXIT.usage, damagedSubmission(path));
}

/** Durable when it returns; for its owner alone where it may hold a secret. Throws what the system threw. */
export function writeSubmission(
  disk: Disk,
  dir: string,
  submission: Submission,
  { isSecret }: { readonly isSecret: boolean },
): void {
  disk.replace(join(dir, SUBMISSION_FILE), jsonFile(submission), isSecret ? 0o600 : undefined);
}

/** The request that was submitted, for whoever makes the study. */
export function submittedRequest({ file, overrides }: Submission): StudyRequest {
  return { file, overrides };
}

/** Plans the study that was submitted, from what was kept of it. Mistakes come back as issues. */
export function readSubmitted(submission: Submission): PlanReading {
  return readPlan(submittedRequest(submission), keptFiles(submission));
}

/** A request as it is kept: paths hold wherever the jobs run. */
export function keptRequest({ file, overrides }: StudyRequest): StudyRequest {
  return { file: file === null ? null : resolve(file), overrides };
}
