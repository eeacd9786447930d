import { utcNow } from "../base/clock.ts";
import type { AppendFile, Disk } from "../storage/disk.ts";
import { SaveError } from "../storage/save_error.ts";
import type { JournalEvent, StampedEvent } from "./event.ts";
import { decodeLine, encodeLine, JOURNAL_VERSION } from "./journal_line.ts";

/** Writes events to journal.jsonl; each is one write, and durable before `append` returns. Throws SaveError. */
export class Journal {
  readonly #path: string;
  readonly #file: AppendFile;

  constructor(disk: Disk, path: string) {
    this.#path = path;
    this.#file = this.#save(() => disk.openAppend(path));
  }

  append(event: JournalEvent): StampedEvent {
    const at = utcNow();
    // A start matters only while this kernel lives, and what it has written lives as long: no need to sync.
    const sync = event.type !== "run_started";
    this.#save(() => this.#file.append(new TextEncoder().encode(encodeLine(event, at)), sync));
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

/** The events of a journal, and how much of the file they cover. */
export interface JournalContents {
  readonly events: readonly StampedEvent[];
  /** Bytes of the file up to the last whole line. */
  readonly valid_bytes: number;
  /** Bytes after that: a line torn by a crash. */
  readonly torn_bytes: number;
}

/** A journal that this program must not touch. */
export class JournalError extends Error {
  override readonly name = "JournalError";
}

/**
 * Parses a journal. A damaged last line is a torn write and is reported; damage before it, or a newer format,
 * throws JournalError: such a file is not ours to repair.
 */
export function parseJournal(bytes: Uint8Array): JournalContents {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const events: StampedEvent[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = bytes.indexOf(0x0a, at);
    const reading = end === -1
      ? { kind: "damaged" as const }
      : decodeLine(decoder.decode(bytes.subarray(at, end)));
    if (reading.kind === "newer") {
      throw new JournalError(
        `The journal has format ${reading.version}, this llem reads ${JOURNAL_VERSION}. Use the llem that wrote it.`,
      );
    }
    if (reading.kind === "damaged") {
      if (end !== -1 && end !== bytes.length - 1) {
        throw new JournalError(
          `The journal is damaged at byte ${at}, before its end. Restore it or start anew.`,
        );
      }
      break;
    }
    events.push(reading.event);
    at = end + 1;
  }
  return { events, valid_bytes: at, torn_bytes: bytes.length - at };
}
