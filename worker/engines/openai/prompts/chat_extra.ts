import { member, wholeNumber } from "../../../../lib/base/json.ts";
import { askJson, type AskLimits, type Call } from "../server/call.ts";
import { ownHead, type TextMeasure } from "./exact_text.ts";
import type { ServerTokenizer } from "./tokenizer.ts";
import { PROBE_TEXT } from "./words.ts";

/** How a chat's tokens are counted, and where the template's share is known from. */
export interface ChatMeasure extends TextMeasure {
  /** `tokenizer`: the server counted a whole chat; `usage`: one request told the difference. */
  readonly source: "tokenizer" | "usage";
}

/**
 * Counting for chats: by the server's template where it can be asked, else by the tokens that a request's usage has
 * more than its text. Null where neither is to be had: then no chat is exact.
 */
export async function chatMeasure(
  call: Call,
  tokenizer: ServerTokenizer,
  model: string,
  limits?: AskLimits,
): Promise<ChatMeasure | null> {
  const own = (await tokenizer.tokenize(PROBE_TEXT, false))?.length ?? null;
  if (own === null) return null;
  const whole = await tokenizer.countChat([{ role: "user", content: PROBE_TEXT }]);
  const head = ownHead(tokenizer);
  if (whole !== null && whole >= own) {
    const count = (text: string): Promise<number | null> =>
      tokenizer.countChat([{ role: "user", content: text }]);
    return { count, head, extra: whole - own, source: "tokenizer" };
  }
  const used = await promptTokensOfChat(call, model, PROBE_TEXT, limits);
  if (used === null || used < own) return null;
  const extra = used - own;
  const count = async (text: string): Promise<number | null> => {
    const ids = await tokenizer.tokenize(text, false);
    return ids === null ? null : ids.length + extra;
  };
  return { count, head, extra, source: "usage" };
}

async function promptTokensOfChat(
  call: Call,
  model: string,
  content: string,
  limits: AskLimits | undefined,
): Promise<number | null> {
  const body = { model, messages: [{ role: "user", content }], max_tokens: 1, max_completion_tokens: 1 };
  const answer = await askJson(call, "/v1/chat/completions", "POST", body, limits);
  return answer.kind === "json" ? wholeNumber(member(member(answer.value, "usage"), "prompt_tokens")) : null;
}
