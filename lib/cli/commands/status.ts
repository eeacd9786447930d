import { foldJournal } from "../../journal/fold.ts";
import { withAdded } from "../../journal/added_runs.ts";
import { makeManifest } from "../../journal/manifest.ts";
import { statusRecord } from "../../report/status_record.ts";
import { statusText } from "../../report/status_text.ts";
import { jsonText } from "../../base/text.ts";
import type { Command } from "../arguments.ts";
import { EXIT } from "../../base/refusal.ts";
import type { Streams } from "../terminal/streams.ts";
import { findRunner } from "../../archive/runner_presence.ts";
import { withoutMissing } from "../../archive/missing_results.ts";
import { openStudyFolder } from "../../archive/study_folder.ts";

/** `llem status`: what is done, running and left. Takes no lock, so it works while the study runs. */
export function statusCommand(command: Command & { kind: "status" }, streams: Streams): number {
  const { dir, plan, events } = openStudyFolder(command.dir);
  const state = withoutMissing(dir, foldJournal(events));
  const runner = findRunner(dir);
  const record = statusRecord(makeManifest(plan, state), withAdded(plan.runs, state.added), runner);
  streams.out.write(
    command.json ? `${jsonText(record)}\n` : statusText(record, runner, new Date().toISOString()),
  );
  return EXIT.ok;
}
