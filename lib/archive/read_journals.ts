import { basename, join } from "node:path";
import { readRegularFile } from "../base/files.ts";
import type { StampedEvent } from "../journal/event.ts";
import { type JournalContents, parseJournal } from "../journal/journal.ts";
import { CommandError, EXIT } from "../base/refusal.ts";
import { unreadableText } from "./not_a_study.ts";

/** The journal of a study directory that one runner at a time writes. */
const MAIN_JOURNAL = "journal.jsonl";
/** Holds one journal for every further writer: `<writer>.jsonl`. */
const JOURNALS = "journals";

/** What all journals of a study directory say. */
export interface Journals {
  /** The directory's own journal; empty where there is none yet. */
  readonly main: JournalContents;
  /**
   * The events of every journal, by their time stamps and within one journal in the order of its lines, so that the
   * result does not depend on how the writers took turns.
   */
  readonly events: readonly StampedEvent[];
  /** The journals of further writers, by their names; empty where the directory's own is the only one. */
  readonly others: readonly WriterJournal[];
}

/** The journal of one of several writers. */
export interface WriterJournal {
  /** The name of the file without its ending. */
  readonly writer: string;
  readonly events: readonly StampedEvent[];
  /** Why some of it could not be read, a sentence; null where all of it could. */
  readonly trouble: string | null;
}

/**
 * Reads every journal of a study directory. Throws CommandError where one cannot be read or is damaged. `isShared`: agents make
 * the study, whose ends do not lie in journals alone: of a damaged one what stands before the damage is taken.
 */
export function readJournals(dir: string, isShared = false): Journals {
  const main = readJournal(join(dir, MAIN_JOURNAL));
  const others = journalFiles(join(dir, JOURNALS)).map((path) => readWriter(path, isShared));
  return { main, events: others.length === 0 ? main.events : merge([main, ...others]), others };
}

function readWriter(path: string, isShared: boolean): WriterJournal {
  const writer = basename(path, ".jsonl");
  try {
    return { writer, events: readJournal(path).events, trouble: null };
  } catch (error) {
    if (!(error instanceof CommandError) || !isShared) throw error;
    return { writer, events: wholeLines(path), trouble: error.message };
  }
}

/** What can be read before the first line that cannot. */
function wholeLines(path: string): readonly StampedEvent[] {
  try {
    const bytes = readRegularFile(path);
    for (let end = bytes.length; end > 0; end = bytes.lastIndexOf(0x0a, end - 2) + 1) {
      try {
        return parseJournal(bytes.subarray(0, end)).events;
      } catch {
        // The damage lies before that.
      }
    }
  } catch {
    // Not to be read at all.
  }
  return [];
}

function readJournal(path: string): JournalContents {
  let bytes: Uint8Array;
  try {
    bytes = readRegularFile(path);
  } catch (error) {
    // Killed between the plan and the first journal line: nothing has run yet.
    if (!(error instanceof Deno.errors.NotFound)) {
      throw new CommandError(EXIT.usage, unreadableText(path, error));
    }
    bytes = new Uint8Array();
  }
  try {
    return parseJournal(bytes);
  } catch (error) {
    throw new CommandError(EXIT.usage, `${path}: ${(error as Error).message}`);
  }
}

/** Paths of the journals in a folder, by name; empty where there is no such folder. */
function journalFiles(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].filter(({ name, isFile }) => isFile && name.endsWith(".jsonl"))
      .map(({ name }) => join(folder, name)).sort((a, b) => basename(a) < basename(b) ? -1 : 1);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw new CommandError(EXIT.usage, unreadableText(folder, error));
  }
}

/** Each writer's lines stay in order even where its clock went back: a line counts as late as any before it. */
function merge(journals: readonly Pick<JournalContents, "events">[]): StampedEvent[] {
  const stamped = journals.flatMap(({ events }) => {
    let latest = "";
    return events.map((event) => {
      if (event.at > latest) latest = event.at;
      return { event, at: latest };
    });
  });
  // Sorting is stable: equal stamps stay in the order of the journals.
  return stamped.sort((a, b) => a.at < b.at ? -1 : a.at > b.at ? 1 : 0).map(({ event }) => event);
}
