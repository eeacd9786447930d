import { isJsonObject, type Json } from "../base/json.ts";
import { printable } from "../report/text.ts";
import { CommandError, EXIT } from "./exit_code.ts";

/** Somebody else holds what the command needs. Waiting may help. */
export class BusyError extends CommandError {
  constructor(message: string) {
    super(EXIT.locked, message);
  }
}

/**
 * Who holds a lock, by the text in its file, which anybody may have written: `process 12 on host since ... for STUDY`,
 * unless the study is the one that is spoken of.
 */
export function describeOwner(text: string, spokenOf: string | null = null): string {
  let owner: Json = null;
  try {
    owner = JSON.parse(text);
  } catch {
    // Empty, or not one of ours.
  }
  if (!isJsonObject(owner)) return "another process";
  const { pid, host, since, study_dir } = owner;
  const parts = [`process ${pid} on ${host} since ${since}`];
  if (typeof study_dir === "string" && study_dir !== spokenOf) parts.push(`for ${study_dir}`);
  return printable(parts.join(" ")).slice(0, 500);
}
