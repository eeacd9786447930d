import type { Payload, RequestPrompt } from "./payload.ts";
import type { PromptSource } from "./prompt_source.ts";
import type { ChatMessage, ServerTokenizer } from "./tokenizer.ts";

/** Conversations: `dataset.turns` and `dataset.think_time_s`. */
export interface SessionWish {
  /** Requests of one session; 1: every prompt stands alone. */
  readonly turns: number;
  /** Seconds between the end of an answer and the next question. */
  readonly think_time_s: number;
}

/** What the server answered to a turn. */
export interface TurnAnswer {
  readonly text: string;
  /** The answer's token ids where the stream told them all. */
  readonly ids: readonly number[] | null;
  /** As the server counted, both null where it did not. */
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
}

/** One turn's request. */
export interface Turn {
  /** 0, 1, ... within the session. */
  readonly turn: number;
  readonly prompt: RequestPrompt;
  /** False where an answer so far could not be put into the prompt: its ids are not to be had. */
  readonly holds_answers: boolean;
}

/** How many sessions the prompts of a run make: each takes `turns` of them, one for each question. */
export function sessionCount(source: PromptSource, { turns }: SessionWish): number {
  return Math.ceil(source.count / turns);
}

/**
 * One conversation. Its questions are prompts of the source, one after the other; the prompt of each turn holds all
 * questions and answers before it. A failed turn ends a session: there is no answer to go on from.
 */
export class Session {
  readonly #source: PromptSource;
  readonly #tokenizer: ServerTokenizer | null;
  readonly #first: number;
  readonly #last: number;
  readonly #pass: number;
  #turn = 0;
  #said: Payload | null = null;
  /** Tokens of everything said so far, as the server counted. */
  #saidTokens = 0;
  #holdsAnswers = true;

  constructor(
    source: PromptSource,
    tokenizer: ServerTokenizer | null,
    { turns }: SessionWish,
    session: number,
    pass: number,
  ) {
    this.#source = source;
    this.#tokenizer = tokenizer;
    this.#first = session * turns;
    this.#last = Math.min(this.#first + turns, source.count) - 1;
    this.#pass = pass;
  }

  /** The next turn's request, or null where the session is over. */
  next(): Turn | null {
    const index = this.#first + this.#turn;
    if (index > this.#last) return null;
    const question = this.#source.at(index, this.#pass);
    const payload = this.#said === null ? question.payload : joined(this.#said, question.payload);
    const prompt: RequestPrompt = this.#turn === 0 ? question : {
      ...question,
      payload,
      asked_tokens: payload.kind === "ids" ? payload.ids.length : null,
      shared_tokens: this.#saidTokens,
    };
    this.#said = payload;
    return { turn: this.#turn++, prompt, holds_answers: this.#holdsAnswers };
  }

  /** Takes the answer to the turn given last; the think time may be spent while the server's tokenizer is asked. */
  async answered({ text, ids, input_tokens, output_tokens }: TurnAnswer): Promise<void> {
    const said = this.#said;
    if (said === null) return;
    this.#saidTokens = (input_tokens ?? 0) + (output_tokens ?? 0);
    if (said.kind === "ids") {
      const own = ids ?? await this.#tokenizer?.tokenize(text, false) ?? null;
      if (own === null) this.#holdsAnswers = false;
      else this.#said = { kind: "ids", ids: [...said.ids, ...own] };
      return;
    }
    this.#said = said.kind === "text"
      ? { kind: "text", text: said.text + text }
      : { kind: "chat", messages: [...said.messages, { role: "assistant", content: text }] };
  }
}

/** What was said and a new question. Both come from one source, so they are of one kind. */
function joined(said: Payload, question: Payload): Payload {
  if (said.kind === "ids" && question.kind === "ids") {
    return { kind: "ids", ids: [...said.ids, ...question.ids] };
  }
  if (said.kind === "text" && question.kind === "text") {
    return { kind: "text", text: `${said.text}\n${question.text}` };
  }
  const messages: readonly ChatMessage[] = [...messagesOf(said), ...messagesOf(question)];
  return { kind: "chat", messages };
}

function messagesOf(payload: Payload): readonly ChatMessage[] {
  if (payload.kind === "chat") return payload.messages;
  return [{ role: "user", content: payload.kind === "text" ? payload.text : "" }];
}
