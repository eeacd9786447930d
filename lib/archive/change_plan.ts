import { join } from "node:path";
import { jsonFile, readRegularText } from "../base/files.ts";
import { isJsonObject, type JsonObject } from "../base/json.ts";
import type { Disk } from "../storage/disk.ts";
import { SaveError } from "../storage/save_error.ts";
import { SAVED } from "./messages.ts";

/** Writes plan.json anew with what may change in a plan. Needs the lock of the study. Throws SaveError. */
export function changePlan(disk: Disk, dir: string, change: (plan: JsonObject) => JsonObject): void {
  const path = join(dir, "plan.json");
  try {
    const stored: unknown = JSON.parse(readRegularText(path));
    if (!isJsonObject(stored) || !isJsonObject(stored["plan"])) return;
    const { mode } = Deno.statSync(path);
    const plan = change(stored["plan"]);
    disk.replace(path, jsonFile({ ...stored, plan }), mode === null ? undefined : mode & 0o777);
  } catch (error) {
    throw new SaveError(SAVED.plan, path, error);
  }
}
