import type { ProofRequest, ServerWish } from "../server_wish.ts";
import { serverKindFacts } from "./server_kinds.ts";

/** The keys of `openai.server`, with what else of an experiment makes its server. */
export interface ServerPart {
  readonly kind: string;
  readonly argv: readonly string[];
  readonly image?: string | null;
  readonly env: Readonly<Record<string, string>>;
  readonly lifetime: "run" | "group";
  readonly ready_path?: string | null;
}

/** What the wish is made of besides the server part. */
export interface WishContext {
  readonly model: string;
  readonly api: "completions" | "chat";
  /** Seconds until it has to be ready, where the runner names none. */
  readonly ready_s: number;
  /** `openai.api_key_env`. */
  readonly key_variable?: string | null;
  /** Headers of every request of the experiment. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The server that an experiment with such a server part asks for. */
export function serverWish(part: ServerPart, context: WishContext): ServerWish {
  const { health_path, version_paths, usual_port, idle } = serverKindFacts(part.kind);
  return {
    kind: part.kind,
    argv: part.argv,
    env: part.env,
    image: part.image ?? null,
    usual_port,
    idle,
    model: context.model,
    lifetime: part.lifetime,
    health_path: part.ready_path ?? health_path,
    proof: proofRequest(context),
    version_paths,
    ready_s: context.ready_s,
  };
}

/** Two tokens, streamed, whatever the model would like to say. */
function proofRequest({ model, api, headers = {}, key_variable = null }: WishContext): ProofRequest {
  const common = { model, stream: true, temperature: 0, max_tokens: 2 };
  return api === "chat"
    ? {
      path: "/v1/chat/completions",
      body: (prompt) => JSON.stringify({ ...common, messages: [{ role: "user", content: prompt }] }),
      headers,
      key_variable,
    }
    : {
      path: "/v1/completions",
      body: (prompt) => JSON.stringify({ ...common, prompt }),
      headers,
      key_variable,
    };
}
