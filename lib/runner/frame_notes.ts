import type { Changes } from "../protocol/fit_fields.ts";
import type { FrameRemarks } from "../protocol/read_frame.ts";
import type { RecordWarning } from "../results/warning.ts";
import * as messages from "./messages.ts";

/** So many places are named in one warning. */
const MOST_NAMED = 8;

/** What was changed in the frames of an attempt to make them fit: told at its end, in one warning of a kind. */
export class FrameNotes {
  readonly #cut = new Places();
  readonly #voided = new Places();

  take(type: string, { cut, voided }: FrameRemarks): void {
    this.#cut.take(type, cut);
    this.#voided.take(type, voided);
  }

  *warnings(): Generator<RecordWarning> {
    if (this.#cut.count > 0) {
      yield { code: "clipped", text: messages.fieldsClipped(this.#cut.named, this.#cut.more) };
    }
    if (this.#voided.count > 0) {
      yield { code: "not_a_number", text: messages.fieldsNotNumbers(this.#voided.named, this.#voided.more) };
    }
  }
}

/** Places in frames: the first few that differ, and how many there were in all. */
class Places {
  readonly #named = new Set<string>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  take(type: string, { list, count }: Changes): void {
    this.#count += count;
    for (const { path, said } of list) {
      if (this.#named.size >= MOST_NAMED) return;
      this.#named.add(messages.fieldOfFrame(path, type, said));
    }
  }

  get named(): readonly string[] {
    return [...this.#named];
  }

  /** How many are not named. */
  get more(): number {
    return this.#count - this.#named.size;
  }
}
