import { join } from "node:path";
import { isJsonObject, type Json } from "../../base/json.ts";
import { foldJournal } from "../../journal/fold.ts";
import { makeManifest } from "../../journal/manifest.ts";
import { bootId, isAlive, readProcStat } from "../../process/proc_stat.ts";
import { type RunnerPresence, statusText } from "../../report/status_text.ts";
import { jsonText } from "../../base/text.ts";
import { readOwner } from "../../storage/lock.ts";
import type { Command } from "../arguments.ts";
import { EXIT } from "../../base/refusal.ts";
import type { Streams } from "../terminal/streams.ts";
import { openStudyFolder } from "../../archive/study_folder.ts";

/** `llem status`: what is done, running and left. Takes no lock, so it works while the study runs. */
export function statusCommand(command: Command & { kind: "status" }, streams: Streams): number {
  const { dir, plan, journal } = openStudyFolder(command.dir);
  const manifest = makeManifest(plan, foldJournal(journal.events));
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

/** Who holds the study, judged by the owner's text and the process of that pid. */
export function findRunner(dir: string): RunnerPresence {
  let owner: Json = null;
  try {
    owner = JSON.parse(readOwner(join(dir, "lock")));
  } catch {
    // No lock file, or one being written: nobody can be named.
  }
  if (!isJsonObject(owner)) return { alive: false, host: null, pid: null };
  const host = String(owner["host"]);
  const pid = Number(owner["pid"]);
  // Another machine's processes cannot be seen from here.
  if (host !== Deno.hostname()) return { alive: null, host, pid };
  const stat = readProcStat(pid);
  const same = owner["boot_id"] === bootId() && stat?.start_ticks === owner["start_ticks"];
  return { alive: same && isAlive(stat), host, pid };
}
