import { join } from "node:path";
import { ManifestWriter } from "../journal/manifest_writer.ts";
import type { StudyState } from "../journal/fold.ts";
import { clip, printable } from "../base/text.ts";
import { fileNotWritten, type NamedFailure, nothingLeft } from "./messages.ts";
import { type EmitSession, importantNotice, routineNotice } from "./session_event.ts";
import { realDisk } from "../storage/disk.ts";
import type { OpenStudy } from "./open_study.ts";
import { saveSummary, SummaryBuilder } from "../archive/summary_builder.ts";

const MESSAGE_WIDTH = 200;

/**
 * Leaves a study with nothing left to do, and gives the number of its runs that failed. Derived files are made again: a
 * crash may have come before them.
 */
export function nothingToDo(study: OpenStudy, emit: EmitSession): number {
  const { dir, plan, fold: { state }, journal, lock, devices } = study;
  const failed = failuresOf(state);
  const say = failed.length === 0 ? routineNotice(emit) : importantNotice(emit);
  new ManifestWriter(realDisk, join(dir, "manifest.json"), plan, state, ({ message }) => {
    say(fileNotWritten("manifest.json", message));
  }).write();
  saveSummary(new SummaryBuilder(realDisk, dir, plan, state), say);
  for (const line of nothingLeft(dir, failed)) say(line);
  journal.close();
  lock[Symbol.dispose]();
  devices[Symbol.dispose]();
  return failed.length;
}

function failuresOf({ entries }: StudyState): NamedFailure[] {
  return [...entries.values()].filter(({ status }) => status === "failed")
    .map(({ finished }) => finished).filter((finished) => finished !== null)
    .map(({ index, kind, error_message }) => ({
      index,
      outcome: kind,
      message: error_message === null ? null : clip(printable(error_message), MESSAGE_WIDTH),
    }))
    .sort((one, other) => one.index - other.index);
}
