import { member, wholeNumber } from "../../../../lib/base/json.ts";
import { askJson, type AskLimits, type Call, type JsonAnswer } from "../server/call.ts";
import { chatMeasure } from "./chat_extra.ts";
import { completionMeasure } from "./exact_text.ts";
import { drawIds } from "./id_prompt.ts";
import { type PromptKind, promptKind } from "./kinds.ts";
import type { PromptSource } from "./prompt_source.ts";
import { recordedSource, type RecordedWish } from "./recorded.ts";
import { drawnFrom } from "./seeds.ts";
import { findSingleWords } from "./single_words.ts";
import { idSource, type SyntheticWish } from "./synthetic_ids.ts";
import { type MakingOptions, type TextMaking, textSource } from "./synthetic_texts.ts";
import { findTokenizer, type ServerTokenizer } from "./tokenizer.ts";
import { findIdRange, type IdRange } from "./vocabulary.ts";

/** The server as prompts see it. */
export interface PromptServer {
  readonly call: Call;
  /** `openai.server.kind`, or `other`. */
  readonly kind: string;
  readonly api: "completions" | "chat";
  /** As sent in `model`. */
  readonly model: string;
  readonly limits?: AskLimits;
  readonly making?: MakingOptions;
}

/** The prompts of a run, and the tokenizer that made them (for later turns of a session). */
export interface MadePrompts {
  readonly source: PromptSource;
  readonly tokenizer: ServerTokenizer | null;
}

/**
 * Synthetic prompts: by token ids where the server takes them, else texts counted by its tokenizer, else that many
 * words with a warning. Whatever the server answers to questions about tokens, this resolves.
 */
export async function makeSyntheticPrompts(server: PromptServer, wish: SyntheticWish): Promise<MadePrompts> {
  const kind = promptKind(server.kind);
  const tokenizer = await findTokenizer(server.call, kind, server.model, server.limits);
  const range = await idRangeFor(server, kind, tokenizer);
  if (range !== null) return { source: idSource(wish, range), tokenizer };
  const making = tokenizer === null ? null : await makingWith(server, tokenizer);
  return { source: await textSource(server.api, wish, making, server.making), tokenizer };
}

/** Recorded prompts, cut where they are longer than the study allows. */
export async function makeRecordedPrompts(server: PromptServer, wish: RecordedWish): Promise<MadePrompts> {
  const tokenizer = await findTokenizer(server.call, promptKind(server.kind), server.model, server.limits);
  const making = tokenizer === null ? null : await measureWith(server, tokenizer);
  return { source: await recordedSource(server.api, wish, making?.measure ?? null), tokenizer };
}

async function idRangeFor(
  server: PromptServer,
  kind: PromptKind,
  tokenizer: ServerTokenizer | null,
): Promise<IdRange | null> {
  if (server.api !== "completions" || !kind.takesIds) return null;
  const range = await findIdRange(server.call, tokenizer, server.limits);
  return range !== null && await takesIds(server, range) ? range : null;
}

const PROBE_IDS = 8;
/** The first request to a server may compile what it runs. */
const PROBE_LIMITS: AskLimits = { limitMs: 60_000, maxChars: 2 ** 20 };
/** A server that is busy says nothing of ids: equal runs would be given other prompts by chance. */
const PROBE_TRIES = 5;
const PROBE_WAIT_MS = 100;

/** A request of eight ids: a server that refuses them, or counts another number, is given texts. */
async function takesIds(
  { call, model, limits = PROBE_LIMITS }: PromptServer,
  range: IdRange,
): Promise<boolean> {
  const prompt = drawIds(
    PROBE_IDS,
    drawnFrom({ seed: Math.floor(performance.now()), salt: 1 }, "prompt", 0, 0),
    range,
  );
  const ask = (): ReturnType<typeof askJson> =>
    askJson(call, "/v1/completions", "POST", { model, prompt, max_tokens: 1 }, limits);
  let answer = await ask();
  for (let tries = 1; tries < PROBE_TRIES && isBusy(answer); tries++) {
    await new Promise((resolve) => setTimeout(resolve, tries * PROBE_WAIT_MS));
    answer = await ask();
  }
  if (answer.kind === "none") return false;
  const counted = wholeNumber(member(member(answer.value, "usage"), "prompt_tokens"));
  return counted === null || counted === PROBE_IDS;
}

function isBusy(answer: JsonAnswer): boolean {
  return answer.kind === "none" && (answer.status === 429 || answer.status === 503);
}

type Measured = Pick<TextMaking, "measure" | "extraBy">;

async function measureWith(server: PromptServer, tokenizer: ServerTokenizer): Promise<Measured | null> {
  if (server.api === "completions") {
    return { measure: await completionMeasure(tokenizer), extraBy: "tokenizer" };
  }
  const measure = await chatMeasure(server.call, tokenizer, server.model, server.limits);
  return measure === null ? null : { measure, extraBy: measure.source };
}

async function makingWith(server: PromptServer, tokenizer: ServerTokenizer): Promise<TextMaking | null> {
  const measured = await measureWith(server, tokenizer);
  if (measured === null) return null;
  const words = await findSingleWords(tokenizer);
  return { api: server.api, tokenizer: tokenizer.dialect, ...measured, words };
}
