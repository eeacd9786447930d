import { join } from "node:path";
import { type OpenedStudy, openStudy } from "../../archive/open_study.ts";
import { agentsOf } from "../../archive/shared/agents_of.ts";
import { saveSummary, SummaryBuilder } from "../../archive/summary_builder.ts";
import { Claims } from "../../cluster/claims.ts";
import { ManifestWriter } from "../../journal/manifest_writer.ts";
import { makeManifest } from "../../journal/manifest.ts";
import type { Totals } from "../../journal/runner_event.ts";
import type { StudyEnd } from "../../runner/run_study.ts";
import { realDisk } from "../../storage/disk.ts";
import { fileNotWritten } from "../messages.ts";
import { removeLostFolders } from "./own_folder.ts";
import type { SharedDir } from "./shared_dir.ts";

/** Where a shared study stands when one of its agents leaves. */
export interface SharedOutcome {
  readonly study: OpenedStudy;
  /** Every run has an end. */
  readonly isOver: boolean;
  /** Agents that are still at work. */
  readonly others: readonly string[];
  readonly summary: SummaryBuilder;
  readonly totals: Totals;
  /** This agent left since nothing of what remains fits into its time. */
  readonly isOutOfTime: boolean;
}

const DRAINED: StudyEnd["cut"] = { kind: "drained" };
const OTHERS: StudyEnd["cut"] = { kind: "others" };

/** The claim of whoever writes what is derived from the whole study. */
const FINISHING = "summary";

/** Reads the study as it is now. Where it is over, manifest and summary are written, by one agent at a time. */
export function sharedOutcome(
  shared: SharedDir,
  say: (text: string) => void,
): Omit<SharedOutcome, "isOutOfTime"> {
  const { dir, agent } = shared;
  const study = openStudy(dir);
  const { plan, state } = study;
  const isOver = state.status === "completed" || state.status === "failed";
  const summary = new SummaryBuilder(realDisk, dir, plan, state);
  if (isOver) writeDerived(shared, study, summary, say);
  const { total_experiments: total, completed, failed, interrupted, pending } = makeManifest(plan, state);
  const others = agentsOf(dir).filter(({ alive }) => alive).map(({ agent }) => agent.agent);
  return {
    study,
    isOver,
    others: others.filter((name) => name !== agent.agent),
    summary,
    totals: { total, completed, failed, interrupted, pending },
  };
}

function writeDerived(
  { dir, files, agent, liveness }: SharedDir,
  { plan, state }: OpenedStudy,
  summary: SummaryBuilder,
  say: (text: string) => void,
): void {
  const claims = new Claims(files, agent.agent);
  const last = claims.last(FINISHING);
  // Whoever writes now writes the same. One that has left may have known less: failed runs were made again since.
  if (last !== null && liveness.lossOf(last.agent, last) === null) return;
  if (claims.take(FINISHING, last) === null) return;
  new ManifestWriter(realDisk, join(dir, "manifest.json"), plan, state, ({ message }) => {
    say(fileNotWritten("manifest.json", message));
  }).write();
  saveSummary(summary, say);
  removeLostFolders(dir, { all: true });
}

/** The end of an agent's session as that of the study: its status and runs, and others at work where that is why it ended. */
export function sharedEnd(
  own: Pick<StudyEnd, "status" | "cut">,
  { study, isOver, others, totals, isOutOfTime }: SharedOutcome,
): StudyEnd {
  const { status } = study.state;
  if (isOver) {
    const isUnkillable = own.cut?.kind === "unkillable";
    return { status: status === "completed" ? status : "failed", totals, cut: isUnkillable ? own.cut : null };
  }
  const cut = own.cut ?? (isOutOfTime ? DRAINED : others.length > 0 ? OTHERS : null);
  return { status: "interrupted", totals, cut };
}
