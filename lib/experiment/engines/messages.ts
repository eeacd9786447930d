/** The texts of lib/experiment/engines for people: one pure function for each message. Rules follow the path of a field. */
import type { RuleText } from "../rule.ts";

/** What a required section is for, and what to add. */
interface SectionText {
  readonly what: string;
  readonly hint: string;
}

export function programNeeded(): SectionText {
  return { what: "a program to run", hint: "add command: { argv: [program, argument] }" };
}

export function serverNeeded(): SectionText {
  return { what: "the address of a server", hint: "add openai: { base_url: http://127.0.0.1:8000/v1 }" };
}

export function alreadySet(names: readonly string[]): RuleText {
  return {
    message: `names ${names.join(", ")}, which command.env also sets`,
    hint: names.length === 1 ? "keep one" : "keep one of each",
  };
}

export function flashAttentionNeeded(cacheType: string): RuleText {
  return {
    message: `is ${cacheType}, which needs flash attention, but llamacpp.flash_attn is off`,
    hint: "set flash_attn: auto",
  };
}

export function ubatchTooLarge(batch: number, found: number): RuleText {
  return { message: `must be at most llamacpp.n_batch (${batch}), found ${found}`, hint: null };
}

export function bothQuantised(): RuleText {
  return { message: "cannot be true together with pytorch.load_in_4bit", hint: "keep one" };
}

export function cacheNeeded(): RuleText {
  return { message: "needs the cache, but pytorch.use_cache is false", hint: "remove one of them" };
}

export function speculativeTokensNeeded(path: string): RuleText {
  return { message: `needs ${path}`, hint: "add num_speculative_tokens" };
}
