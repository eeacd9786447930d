/**
 * Which chunks brought tokens, and how many. A chunk is a token event where it grows the token ids, else the usage that
 * is told all along, else where it holds text, reasoning or a tool call. A chunk that only names the role or only tells
 * usage never is one.
 */
import type { ChoiceDelta, Chunk, Usage } from "./chunk.ts";

/** From where it is known how many tokens a chunk holds. */
export type ChunkTokensFrom = "token_ids" | "usage" | "timings";

/** A chunk that brought tokens. */
export interface TokenEvent {
  /** Tokens that it brought; null where the server does not tell. */
  readonly tokens: number | null;
  /** It holds something other than reasoning. */
  readonly isOutput: boolean;
}

/** Tokens of the whole answer, as each source tells them. */
export interface OutputCounts {
  readonly usage: number | null;
  readonly token_ids: number | null;
  readonly timings: number | null;
  readonly chunks: number;
}

interface ChoiceState {
  /** Token ids so far; null until some are told. */
  ids: number | null;
  usage: number | null;
  /** Tokens that the events so far account for. */
  counted: number;
  /** Ids or usage have grown with a chunk, so text without growth is no new token. */
  isTold: boolean;
  /** Text came without usage: usage that comes later is the closing one, not a continuous one. */
  hasUntoldText: boolean;
  events: number;
}

/** Counts the tokens of one answer, chunk by chunk, of all its choices. */
export class TokenTally {
  readonly #choices = new Map<number, ChoiceState>();
  readonly #sources = new Set<ChunkTokensFrom>();
  #closing: Usage | null = null;
  #last: Usage | null = null;
  #timings: number | null = null;
  #events = 0;

  /** What a chunk brought; null where it is no token event. */
  add(chunk: Chunk): TokenEvent | null {
    if (chunk.usage !== null) {
      this.#last = chunk.usage;
      if (chunk.choices.length === 0) this.#closing = chunk.usage;
    }
    this.#timings = chunk.timings?.outputTokens ?? this.#timings;
    let event: TokenEvent | null = null;
    for (const choice of chunk.choices) event = joined(event, this.#addChoice(choice, chunk));
    if (event !== null) this.#events += 1;
    return event;
  }

  get choices(): number {
    return this.#choices.size;
  }

  /** The latest usage; that of a chunk without choices is about all of them. */
  get usage(): Usage | null {
    return this.#closing ?? this.#last;
  }

  /** How the tokens of chunks are known; null where they are not. */
  get chunkTokensFrom(): ChunkTokensFrom | null {
    return (["token_ids", "usage", "timings"] as const).find((source) => this.#sources.has(source)) ?? null;
  }

  get counts(): OutputCounts {
    const states = [...this.#choices.values()];
    return {
      usage: this.#closing?.outputTokens ??
        (states.length < 2 ? this.#last?.outputTokens ?? null : sumOfKnown(states.map(({ usage }) => usage))),
      token_ids: sumOfKnown(states.map(({ ids }) => ids)),
      // A server times one of several choices.
      timings: states.length < 2 ? this.#timings : null,
      chunks: this.#events,
    };
  }

  #addChoice(choice: ChoiceDelta, chunk: Chunk): TokenEvent | null {
    const state = this.#stateOf(choice.index);
    const isOutput = choice.text !== "" || choice.toolCall !== "";
    const hasText = isOutput || choice.reasoning !== "";
    // Usage and timings in a chunk of several choices are of nobody in particular.
    const isAlone = chunk.choices.length === 1;
    const usage = isAlone ? chunk.usage?.outputTokens ?? null : null;
    const isContinuous = usage !== null && !state.hasUntoldText &&
      (state.usage !== null || hasText || choice.finishReason === null);
    if (choice.tokenIds !== null) state.ids = (state.ids ?? 0) + choice.tokenIds;
    if (usage !== null) state.usage = usage;
    if (choice.hasRole && !hasText && state.events === 0) return null;

    const [total, source] = choice.tokenIds !== null
      ? [state.ids, "token_ids"] as const
      : isContinuous
      ? [usage, "usage"] as const
      : [null, null];
    if (total !== null && total > state.counted) {
      state.isTold = true;
      return this.#event(state, total, source, isOutput);
    }
    if (!hasText || (total !== null && state.isTold)) return null;
    if (total !== null) return this.#event(state, null, null, isOutput);
    state.hasUntoldText = true;
    const predicted = isAlone ? chunk.timings?.outputTokens ?? 0 : 0;
    return predicted > state.counted
      ? this.#event(state, predicted, "timings", isOutput)
      : this.#event(state, null, null, isOutput);
  }

  /** `total`: tokens of the choice up to here; null where untold. */
  #event(
    state: ChoiceState,
    total: number | null,
    source: ChunkTokensFrom | null,
    isOutput: boolean,
  ): TokenEvent {
    state.events += 1;
    if (total === null) return { tokens: null, isOutput };
    if (source !== null) this.#sources.add(source);
    const tokens = total - state.counted;
    state.counted = total;
    return { tokens, isOutput };
  }

  #stateOf(index: number): ChoiceState {
    const known = this.#choices.get(index);
    if (known !== undefined) return known;
    const state = {
      ids: null,
      usage: null,
      counted: 0,
      isTold: false,
      hasUntoldText: false,
      events: 0,
    };
    this.#choices.set(index, state);
    return state;
  }
}

/** Choices that come in one chunk make one event. */
function joined(one: TokenEvent | null, other: TokenEvent | null): TokenEvent | null {
  if (one === null || other === null) return one ?? other;
  const tokens = one.tokens === null || other.tokens === null ? null : one.tokens + other.tokens;
  return { tokens, isOutput: one.isOutput || other.isOutput };
}

function sumOfKnown(counts: readonly (number | null)[]): number | null {
  const known = counts.filter((count) => count !== null);
  return known.length === 0 ? null : known.reduce((sum, count) => sum + count, 0);
}
