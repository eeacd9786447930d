import { foldJournal, type StudyState } from "../journal/fold.ts";
import { mergeJournals } from "../journal/merge_journals.ts";
import { readEnds } from "./shared/read_ends.ts";
import { agentsOf } from "./shared/agents_of.ts";
import { findLockHolder } from "./runner_presence.ts";
import { isShared } from "../cluster/agents.ts";
import { openStudyFolder, type StudyFolder } from "./study_folder.ts";

/** A study directory as far as plan and journals tell: what is known before any result is read. */
export interface OpenedStudy extends StudyFolder {
  /** By the journals alone: a completed run counts as completed whatever became of its result. */
  readonly state: StudyState;
}

/** Takes no lock, so it works while the study runs. Throws CommandError where the directory is no study. */
export function openStudy(dir: string): OpenedStudy {
  const folder = openStudyFolder(dir);
  return { ...folder, state: stateOf(folder) };
}

/** What the journals of a study say: its own alone, or those of all who make it. */
export function stateOf({ dir, plan, journal, others, events }: StudyFolder): StudyState {
  if (others.length === 0 && !isShared(dir)) return foldJournal(events);
  const alive = new Map(agentsOf(dir).map(({ agent, alive }) => [agent.agent, alive]));
  const own = { writer: "", events: journal.events, alive: findLockHolder(dir).alive };
  const parts = others.map(({ writer, events }) => ({ writer, events, alive: alive.get(writer) ?? false }));
  return mergeJournals(
    journal.events.length === 0 ? parts : [own, ...parts],
    readEnds(dir),
    plan.runs.length,
  );
}
