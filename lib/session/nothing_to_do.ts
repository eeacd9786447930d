import { join } from "node:path";
import { ManifestWriter } from "../journal/manifest_writer.ts";
import { realDisk } from "../storage/disk.ts";
import type { OpenStudy } from "./open_study.ts";
import { saveSummary, SummaryBuilder } from "../archive/summary_builder.ts";

/** Leaves a study with nothing left to do. Derived files are made again: a crash may have come before them. */
export function nothingToDo(study: OpenStudy, say: (line: string) => void): void {
  const { dir, plan, fold: { state }, journal, lock, devices } = study;
  const failed = [...state.entries.values()].filter((entry) => entry.status === "failed").length;
  const hint = failed === 0 ? "every run is complete" : `${failed} failed; --retry-failed runs them again`;
  new ManifestWriter(realDisk, join(dir, "manifest.json"), plan, state, ({ message }) => {
    say(`manifest.json could not be written: ${message}`);
  }).write();
  saveSummary(new SummaryBuilder(realDisk, dir, plan, state), say);
  say(`nothing is left to do in ${dir}: ${hint}.`);
  journal.close();
  lock[Symbol.dispose]();
  devices[Symbol.dispose]();
}
