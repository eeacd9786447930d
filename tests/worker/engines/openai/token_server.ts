/** A server whose tokenizer is known: a token is at most four letters of one word. */
import type { Call } from "../../../../worker/engines/openai/server/call.ts";
import { isJsonObject, type JsonObject } from "../../../../lib/base/json.ts";

export interface TokenServerOptions {
  /** Words in which its tokenizer is asked; null: /tokenize is 404. */
  readonly dialect: "vllm" | "llama-server" | "tgi" | null;
  readonly takesIds?: boolean;
  /** Told in /v1/models. */
  readonly vocabulary?: number;
  /** A beginning token in front of each text. */
  readonly bos?: boolean;
  /** Can count whole chats. */
  readonly countsChats?: boolean;
  /** Letters of a token; 20: all words are one token each. */
  readonly letters?: number;
  /** Instead of every answer but those of completions. */
  readonly instead?: (request: Request) => Response | Promise<Response>;
}

export interface TokenServer extends AsyncDisposable {
  readonly call: Call;
  /** Paths asked, in order. */
  readonly asked: string[];
}

const TEMPLATE = ["<|im_start|>", "user\n", "<|im_end|>", "<|im_start|>", "assistant\n"] as const;

export function startTokenServer(options: TokenServerOptions): TokenServer {
  const { dialect, bos = false, letters = 4, instead } = options;
  const pieces: string[] = ["<s>", ...TEMPLATE];
  const ids = new Map(pieces.map((piece, id) => [piece, id]));
  const idOf = (piece: string): number => {
    const known = ids.get(piece);
    if (known !== undefined) return known;
    ids.set(piece, pieces.length);
    return pieces.push(piece) - 1;
  };
  const pattern = new RegExp(` ?[^ ]{1,${letters}}| `, "g");
  const encode = (text: string, special: boolean): number[] => {
    const own = (text.match(pattern) ?? []).map(idOf);
    return special && bos ? [0, ...own] : own;
  };
  const chatTokens = (messages: unknown): number =>
    (Array.isArray(messages) ? messages : []).reduce(
      (sum: number, { content }) => sum + encode(content, false).length,
      TEMPLATE.length,
    );
  const answers: Record<string, (body: JsonObject) => unknown> = {
    "/v1/models": () => ({ data: [{ id: "m", meta: { n_vocab: options.vocabulary } }] }),
    "/v1/completions": ({ prompt }) => {
      if (Array.isArray(prompt)) return options.takesIds === true ? usage(prompt.length) : null;
      return usage(encode(String(prompt), true).length);
    },
    "/v1/chat/completions": ({ messages }) => usage(chatTokens(messages)),
    "/tokenize": (body) => {
      const special = body["add_special_tokens"] === true || body["add_special"] === true;
      if (dialect === "vllm") {
        if (body["messages"] !== undefined) {
          return options.countsChats === true
            ? { tokens: Array(chatTokens(body["messages"])).fill(1) }
            : null;
        }
        return { tokens: encode(String(body["prompt"]), special) };
      }
      if (dialect === "llama-server") return { tokens: encode(String(body["content"] ?? ""), special) };
      if (dialect !== "tgi" || body["inputs"] === undefined) return null;
      return encode(String(body["inputs"]), special).map((id) => ({ id, text: pieces[id] }));
    },
    "/detokenize": ({ tokens }) => {
      if (dialect === "tgi" || dialect === null || !Array.isArray(tokens)) return null;
      const text = tokens.map((id) => pieces[Number(id)] ?? "").join("");
      return dialect === "vllm" ? { prompt: text } : { content: text };
    },
  };
  const asked: string[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
    const { pathname } = new URL(request.url);
    asked.push(pathname);
    if (instead !== undefined && !pathname.includes("completions")) return await instead(request);
    const body: unknown = request.method === "POST" ? await request.json().catch(() => ({})) : {};
    const answer = answers[pathname]?.(isJsonObject(body) ? body : {}) ?? null;
    return answer === null ? Response.json({ error: "no" }, { status: 400 }) : Response.json(answer);
  });
  return {
    asked,
    call: callTo(server.addr.port),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** The client's half: a plain fetch. */
export function callTo(port: number): Call {
  return async (path, method, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(body === null ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text() };
  };
}

/** A call that nobody answers: the port was just given back. */
export function callToNobody(): Call {
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  return callTo(listener.addr.port);
}

function usage(prompt_tokens: number): unknown {
  return { choices: [{ text: "x" }], usage: { prompt_tokens, completion_tokens: 1 } };
}
