import { foldJournal } from "../../journal/fold.ts";
import { makeManifest } from "../../journal/manifest.ts";
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
  const manifest = makeManifest(plan, withoutMissing(dir, foldJournal(events)));
  const runner = findRunner(dir);
  const running = runner.alive === false
    ? []
    : manifest.experiments.filter((entry) => entry.status === "running");
  streams.out.write(
    command.json
      ? `${jsonText({ ...manifest, running, runner })}\n`
      : statusText(manifest, runner, new Date().toISOString()),
  );
  return EXIT.ok;
}
