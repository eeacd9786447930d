/** Why what was named is no study directory that can be read, and what may have been meant. */
import { basename, join, resolve } from "node:path";
import { exists, isFolder } from "../base/files.ts";
import { isJsonObject } from "../base/json.ts";
import {
  cannotRead,
  fileNotStudy,
  folderOfStudies,
  notAStudy,
  notBegun,
  nothingHasRun,
  notPermitted,
  planDamaged,
  planOfOtherVersion,
  studyMissing,
} from "./messages.ts";
import { studiesIn, studyNamePrefix } from "./studies_in.ts";

/** Of a path without a plan. */
export function notAStudyText(dir: string): string {
  if (!exists(dir)) return studyMissing(dir);
  if (!isFolder(dir)) return fileNotStudy(dir);
  if (exists(join(dir, "submission.json"))) return notBegun(dir);
  if (exists(join(dir, "study.yaml"))) return nothingHasRun(dir);
  const [newest, ...older] = studiesIn(dir);
  return newest === undefined ? nothingIn(dir) : folderOfStudies(dir, 1 + older.length, newest);
}

function nothingIn(dir: string): string {
  // A folder by a study directory's name was made by llem, which then ended before the plan was there.
  return studyNamePrefix(basename(resolve(dir))) === null ? notAStudy(dir) : nothingHasRun(dir);
}

/** Of a plan.json that holds something else. */
export function notAPlanText(path: string, text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    const schema = isJsonObject(value) ? value["schema"] : null;
    if (isJsonObject(value) && typeof schema === "string" && /^llem\.plan\/(?!1$)\d+$/.test(schema)) {
      return planOfOtherVersion(path, schema, `${value["llem_version"] ?? "?"}`);
    }
  } catch {
    // No JSON.
  }
  return planDamaged(path);
}

/** Of a file that is there and cannot be read. */
export function unreadableText(path: string, error: unknown): string {
  const { message } = error as Error;
  return error instanceof Deno.errors.PermissionDenied
    ? notPermitted(path, message)
    : cannotRead(path, message);
}
