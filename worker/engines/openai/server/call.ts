/**
 * worker/engines/openai/server asks a server what it is, beside the load: small questions, its facts, its kind and version.
 * Whatever it answers is taken as far as it makes sense; nothing here throws. It sends no load and opens no connection.
 */
import { answerTooLarge, answerTooSlow, notJson, statusInstead } from "./messages.ts";

/** What a server answered: its status and its body as text. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

/**
 * Asks a server once. `path` begins at the server's root (`/tokenize`); one that begins with `/v1/` is below the
 * study's `base_url`. `body` is sent as JSON where it is not null. `signal` gives the question up. Rejects where no
 * answer came.
 */
export type Call = (
  path: string,
  method: "GET" | "POST",
  body: unknown,
  signal?: AbortSignal,
) => Promise<Answer>;

/** An answer with status 200, or why there is none. */
export type TextAnswer = { readonly kind: "text"; readonly text: string } | NoAnswer;

/** An answer that is JSON, or why there is none. */
export type JsonAnswer = { readonly kind: "json"; readonly value: unknown } | NoAnswer;

/** Why there is no answer. */
export interface NoAnswer {
  readonly kind: "none";
  /** For people: `HTTP 404`. */
  readonly reason: string;
  /** Null where nothing came back. */
  readonly status: number | null;
}

/** Beyond these an answer is none. */
export interface AskLimits {
  readonly limitMs: number;
  readonly maxChars: number;
}

/** A tokenizer that takes longer than this is of no use for thousands of prompts. */
const ASK_LIMITS: AskLimits = { limitMs: 5000, maxChars: 16 * 2 ** 20 };

/** The text of an answer with a status of 200 ... 299. Slow, large and failed answers are told, never thrown. */
export async function askText(
  call: Call,
  path: string,
  method: "GET" | "POST" = "GET",
  body: unknown = null,
  { limitMs, maxChars }: AskLimits = ASK_LIMITS,
): Promise<TextAnswer> {
  let timer: number | undefined;
  const over = new AbortController();
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => {
      resolve(null);
      over.abort();
    }, limitMs);
  });
  const ask = (): Promise<Answer> => call(path, method, body, over.signal);
  try {
    // A kept connection may be closed as it is used (llama-server after 100 requests): asked anew once.
    const asked = ask().catch((error) => {
      if (over.signal.aborted) throw error;
      return ask();
    });
    const answer = await Promise.race([asked, late]);
    if (answer === null) return none(answerTooSlow(limitMs / 1000));
    const { status, text } = answer;
    if (status < 200 || status > 299) return none(statusInstead(status), status);
    if (text.length > maxChars) return none(answerTooLarge(text.length), status);
    return { kind: "text", text };
  } catch (error) {
    return none(error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(timer);
  }
}

/** The same, as JSON. */
export async function askJson(
  call: Call,
  path: string,
  method: "GET" | "POST" = "GET",
  body: unknown = null,
  limits: AskLimits = ASK_LIMITS,
): Promise<JsonAnswer> {
  const answer = await askText(call, path, method, body, limits);
  if (answer.kind === "none") return answer;
  try {
    return { kind: "json", value: JSON.parse(answer.text) };
  } catch {
    return none(notJson(answer.text.trimStart().slice(0, 40)), 200);
  }
}

function none(reason: string, status: number | null = null): NoAnswer {
  return { kind: "none", reason: reason.slice(0, 300), status };
}
