import { dirname } from "node:path";
import { utcNow } from "../base/clock.ts";
import type { AppendFile, Disk } from "../storage/disk.ts";
import { SaveError } from "../storage/save_error.ts";
import type { JournalEvent, StampedEvent } from "./event.ts";
import { decodeLine, encodeLine, JOURNAL_VERSION, LINE_BEGIN, type LineReading } from "./journal_line.ts";
import { journalDamaged, journalOfNewerFormat } from "./messages.ts";

/**
 * Lines that are written and not synced. The start of an attempt matters to a resume on the same boot, which looks for its
 * worker: it must survive the runner, and a power cut leaves no worker. The next line that is synced takes both along.
 */
const UNSYNCED: ReadonlySet<JournalEvent["type"]> = new Set(["run_starting", "run_started"]);

/**
 * Writes events to journal.jsonl, each with one write. A line is durable when `append` returns, with all before it; the
 * start of a run survives only the runner by then. Throws SaveError, and RangeError on an event that is too long to be ours.
 */
export class Journal {
  readonly #path: string;
  readonly #file: AppendFile;

  constructor(disk: Disk, path: string) {
    this.#path = path;
    this.#file = this.#save(() => openDurably(disk, path));
  }

  append(event: JournalEvent): StampedEvent {
    const at = utcNow();
    const isSynced = !UNSYNCED.has(event.type);
    const line = new TextEncoder().encode(encodeLine(event, at));
    this.#save(() => this.#file.append(line, isSynced));
    return { ...event, at };
  }

  close(): void {
    this.#file.close();
  }

  #save<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw new SaveError("the journal", this.#path, error);
    }
  }
}

/** The file may be new: a power cut must not take its name. */
function openDurably(disk: Disk, path: string): AppendFile {
  const file = disk.openAppend(path);
  try {
    disk.syncFolder(dirname(path));
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}

/** The events of a journal, and how much of the file they cover. */
export interface JournalContents {
  readonly events: readonly StampedEvent[];
  /** Bytes of the file up to the last whole line. */
  readonly valid_bytes: number;
  /** Bytes after that: what a crash left of the lines that were being written. */
  readonly torn_bytes: number;
}

/** A journal that this program must not touch. */
export class JournalError extends Error {
  override readonly name = "JournalError";
}

/**
 * More than a crash can leave of lines that were not synced, in any size of block. Zeros are believed at any length:
 * some file systems hand out blocks ahead of the writing. So is one line that begins as ours do and does not end: those
 * that add runs have no bound, and earlier versions wrote whatever a worker called a code.
 */
const LONGEST_TORN_TAIL = 64 * 1024;

/**
 * Parses a journal. Damage at its end is what a crash leaves of the lines that were being written (half of them, zeros,
 * whatever the device held there) and is reported. Damage with a whole line after it, garbage with none before it,
 * and a newer format throw JournalError: such a file is not ours to repair. A crash can damage a line before others where
 * none of them was synced yet: they lay in two blocks, and only the second block was written. The first then holds zeros, and
 * all of these lines go. An attempt has three: two for its start, and its end, which is to be synced.
 */
export function parseJournal(bytes: Uint8Array): JournalContents {
  const events: StampedEvent[] = [];
  let valid = 0;
  let linesAfter = 0;
  let wholeAfter = 0;
  for (const { begin, end, reading } of readLines(bytes)) {
    if (reading.kind === "newer") {
      throw new JournalError(journalOfNewerFormat(reading.version, JOURNAL_VERSION));
    }
    if (reading.kind === "event" && begin === valid) {
      events.push(reading.event);
      valid = end;
      continue;
    }
    linesAfter += 1;
    if (reading.kind !== "event") continue;
    wholeAfter += 1;
    const isUnsynced = end === bytes.length || (wholeAfter === 1 && followsStarting(reading.event));
    if (!isUnsynced || !hasHole(bytes.subarray(valid, begin))) throw damagedAt(valid);
  }
  const tail = bytes.subarray(valid);
  const isShort = tail.length <= LONGEST_TORN_TAIL && (events.length > 0 || linesAfter <= 1);
  const isTorn = isShort || (events.length > 0 && isCutLine(tail));
  if (!isTorn && tail.some((byte) => byte !== 0)) throw damagedAt(valid);
  return { events, valid_bytes: valid, torn_bytes: tail.length };
}

/** The line before it was not synced either. */
function followsStarting(event: StampedEvent): boolean {
  return event.type === "run_started" && event.tag !== undefined;
}

/** The beginning of one line of ours. */
function isCutLine(tail: Uint8Array): boolean {
  const begin = new TextDecoder().decode(tail.subarray(0, LINE_BEGIN.length));
  return begin === LINE_BEGIN && !tail.includes(0x0a);
}

/** No line of ours holds a zero: text in JSON escapes it. */
function hasHole(damaged: Uint8Array): boolean {
  return damaged.includes(0);
}

/** Cuts off what a crash left after the last whole line. Throws SaveError. */
export function cutTornTail(path: string, { valid_bytes }: JournalContents): void {
  try {
    using file = Deno.openSync(path, { write: true });
    file.truncateSync(valid_bytes);
    file.syncSync();
  } catch (error) {
    throw new SaveError("the journal", path, error);
  }
}

function damagedAt(byte: number): JournalError {
  return new JournalError(journalDamaged(byte));
}

/** The lines of a journal; what follows the last line feed is damaged, as is anything that is not ours. */
function* readLines(bytes: Uint8Array): Generator<{ begin: number; end: number; reading: LineReading }> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  for (let begin = 0, end: number; begin < bytes.length; begin = end) {
    const feed = bytes.indexOf(0x0a, begin);
    end = feed === -1 ? bytes.length : feed + 1;
    const isWhole = feed !== -1;
    const reading = isWhole ? decodeLine(decoder.decode(bytes.subarray(begin, feed))) : DAMAGED;
    yield { begin, end, reading };
  }
}

const DAMAGED: LineReading = { kind: "damaged" };
