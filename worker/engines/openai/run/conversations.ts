import { pause } from "../../../../lib/base/abort.ts";
import { stampNs } from "../../../../lib/base/stamp.ts";
import type { RunPrompts } from "../prompts/run_prompts.ts";
import type { BodyWish } from "../prompts/request_body.ts";
import { Session, sessionCount } from "../prompts/session.ts";
import type { RequestRecord } from "../stream/request_record.ts";
import { Bodies, type ReadyRequest, readyRequest } from "./bodies.ts";
import type { Requester } from "./requester.ts";

/** What becomes of each request. `tSchedNs` is when it was due, also in a closed loop. */
export interface RequestWatch {
  begun(index: number, tSchedNs: bigint): void;
  /** One goes to the kernel, right after this returns. */
  sent(tNs: bigint): void;
  made(record: RequestRecord, ready: ReadyRequest, tSchedNs: bigint): void;
}

export interface ConversationsOptions {
  readonly prompts: RunPrompts;
  readonly wish: BodyWish;
  readonly requester: Requester;
  readonly watch: RequestWatch;
  readonly load: "open" | "closed";
  /** Units in all; null is no end. */
  readonly units: number | null;
  /** Ends the waits between turns. */
  readonly stop: AbortSignal;
}

/** The units of a load: single requests, or conversations of several turns with time to think. */
export class Conversations {
  readonly #options: ConversationsOptions;
  readonly #bodies: Bodies | null;
  /** Units of one pass. */
  readonly count: number;
  #turnsWithoutAnswers = 0;

  constructor(options: ConversationsOptions) {
    const { prompts: { source, sessions }, wish, units } = options;
    this.#options = options;
    this.count = sessionCount(source, sessions);
    this.#bodies = sessions.turns === 1 ? new Bodies(source, wish, units) : null;
  }

  /** Later turns that could not hold the answers before them, as their tokens are not to be had. */
  get turnsWithoutAnswers(): number {
    return this.#turnsWithoutAnswers;
  }

  /** Makes a unit that is due at `tSchedNs`; its later turns are due when the thinking is over. */
  async send(unit: number, tSchedNs: bigint): Promise<void> {
    if (this.#bodies !== null) {
      await this.#request(this.#bodies.take(unit), unit, tSchedNs);
      return;
    }
    const { prompts: { source, tokenizer, sessions }, wish, stop } = this.#options;
    const session = new Session(
      source,
      tokenizer,
      sessions,
      unit % this.count,
      Math.floor(unit / this.count),
    );
    let dueNs = tSchedNs;
    for (let turn = session.next(); turn !== null; turn = session.next()) {
      const index = unit * sessions.turns + turn.turn;
      if (!turn.holds_answers) this.#turnsWithoutAnswers += 1;
      const record = await this.#request(readyRequest(turn.prompt, wish), index, dueNs);
      // A failed turn has no answer to go on from.
      if (record.error !== null || stop.aborted) return;
      const { t_done_ns, input_tokens, output_tokens, output_texts } = record;
      const thinkMs = sessions.think_time_s * 1000;
      const thought = thinkMs === 0 ? Promise.resolve() : pause(thinkMs, stop);
      dueNs = (t_done_ns ?? stampNs()) + BigInt(Math.round(thinkMs * 1e6));
      await session.answered({ text: output_texts[0] ?? "", ids: null, input_tokens, output_tokens });
      await thought;
      if (stop.aborted) return;
    }
  }

  async #request(ready: ReadyRequest, index: number, tSchedNs: bigint): Promise<RequestRecord> {
    const { requester, watch, load } = this.#options;
    watch.begun(index, tSchedNs);
    const due = load === "open" ? tSchedNs : null;
    const record = await requester.make(ready, index, due, (tNs) => watch.sent(tNs));
    watch.made(record, ready, tSchedNs);
    return record;
  }
}
