import { join } from "node:path";
import { exists, jsonFile } from "../../base/files.ts";
import { openStudy } from "../../archive/open_study.ts";
import { saveSummary, SummaryBuilder } from "../../archive/summary_builder.ts";
import { makeManifest, type Manifest } from "../../journal/manifest.ts";
import { realDisk } from "../../storage/disk.ts";
import { SaveError } from "../../storage/save_error.ts";
import type { Standing } from "./after_round.ts";
import { SAVED_MANIFEST } from "./messages.ts";

/** By its journals; null where no agent has made the study yet. Throws CommandError where it cannot be read. */
export function standingOf(dir: string): Standing | null {
  if (!exists(join(dir, "plan.json"))) return null;
  const { plan, state } = openStudy(dir);
  return standing(makeManifest(plan, state));
}

/** The same, after manifest and summary were made anew from the journals. Throws CommandError and SaveError. */
export function saveStanding(dir: string, tell: (text: string) => void): Standing | null {
  if (!exists(join(dir, "plan.json"))) return null;
  const { plan, state } = openStudy(dir);
  const manifest = makeManifest(plan, state);
  const path = join(dir, "manifest.json");
  try {
    realDisk.replace(path, jsonFile(manifest));
  } catch (error) {
    throw new SaveError(SAVED_MANIFEST, path, error);
  }
  saveSummary(new SummaryBuilder(realDisk, dir, plan, state), tell);
  return standing(manifest);
}

function standing({ total_experiments: total, completed, failed }: Manifest): Standing {
  return { total, completed, failed, ended: completed + failed, left: total - completed - failed };
}
