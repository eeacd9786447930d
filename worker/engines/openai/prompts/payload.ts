import type { ChatMessage } from "./tokenizer.ts";

/** What a request asks the model to go on from. */
export type Payload =
  | { readonly kind: "ids"; readonly ids: readonly number[] }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "chat"; readonly messages: readonly ChatMessage[] };

/** One request's prompt. */
export interface RequestPrompt {
  readonly index: number;
  readonly payload: Payload;
  /** Input tokens as the study asks for them; null where it asks for no number (recorded prompts, later turns). */
  readonly asked_tokens: number | null;
  /** Tokens to generate at most. */
  readonly max_output: number;
  /** Exactly `max_output` tokens are wanted, so that the text's end must not end the request. */
  readonly exact_output: boolean;
  /** First tokens that other requests have too, on purpose: a prefix cache may have them. */
  readonly shared_tokens: number;
}
