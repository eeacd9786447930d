import { join } from "node:path";
import { type OpenedStudy, openStudy } from "../../archive/open_study.ts";
import { readEnds } from "../../archive/shared/read_ends.ts";
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

/** Reads the study as it is now. Where it is over, manifest and summary are written. */
export function sharedOutcome(
  shared: SharedDir,
  say: (text: string) => void,
): Omit<SharedOutcome, "isOutOfTime"> {
  const { dir, agent } = shared;
  let look = lookAt(dir);
  // An agent that makes failed runs again may end one while another one writes: whoever writes last has seen the last end.
  while (look.isOver) {
    writeDerived(shared, look, say);
    if (endsIn(dir) === look.ends) break;
    look = lookAt(dir);
  }
  const { study, isOver, summary } = look;
  const { plan, state } = study;
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

/** What a study has come to. */
interface Look extends Pick<SharedOutcome, "study" | "isOver" | "summary"> {
  /** How many ends there were before the rest was read, those of all rounds: it never gets less. */
  readonly ends: number;
}

function lookAt(dir: string): Look {
  const ends = endsIn(dir);
  const study = openStudy(dir);
  const { plan, state } = study;
  const isOver = state.status === "completed" || state.status === "failed";
  return { ends, study, isOver, summary: new SummaryBuilder(realDisk, dir, plan, state) };
}

function endsIn(dir: string): number {
  return readEnds(dir).runs.reduce((sum, { round }) => sum + round, 0);
}

/** By one agent for what is known: where another one is about it, it writes the same. */
function writeDerived(
  { dir, files, agent, liveness }: SharedDir,
  { ends, study: { plan, state }, summary }: Look,
  say: (text: string) => void,
): void {
  const claims = new Claims(files, agent.agent);
  const name = `summary-${ends}`;
  const last = claims.last(name);
  if (last !== null && liveness.lossOf(last.agent, last) === null) return;
  if (claims.take(name, last) === null) return;
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
