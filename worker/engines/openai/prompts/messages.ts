/**
 * `counted` null: nobody could count; else how many of how many prompts miss their length, and the tokens that each has
 * beside its text.
 */
export function lengthsApproximate(
  wanted: number,
  counted: Readonly<Record<"wrong" | "of" | "extra", number>> | null,
): string {
  const told = counted === null
    ? `The server takes no token ids and has no tokenizer to ask: each prompt has ${wanted} words instead of ` +
      `${wanted} tokens.`
    : `${counted.wrong} of ${counted.of} prompts could not be made exactly ${wanted} tokens long with the server's ` +
      "tokenizer.";
  const remedy = counted === null || counted.extra < wanted
    ? ""
    : ` The chat template alone takes ${counted.extra} tokens: make dataset.input_len larger.`;
  return `${told}${remedy} input_length is approximate; input_tokens are what the server counted.`;
}

export function promptsNotCut(uncut: number, of: number, most: number): string {
  return `${uncut} of ${of} prompts may be longer than max_input_tokens (${most}) and were sent whole: the server ` +
    "has no tokenizer to cut them with.";
}

export function noCacheReset(kind: string): string {
  return `prefix_cache: reset: a server of kind ${kind} has no call to reset its prefix cache; prompts begin ` +
    "differently in every run instead (prefix_cache: unique).";
}

export function cacheNotReset(path: string, reason: string, hint: string): string {
  return `prefix_cache: reset: ${path} answered ${reason}; prompts begin differently in every run instead ` +
    `(prefix_cache: unique).${hint === "" ? "" : ` ${hint}`}`;
}

export function prefixCacheHit(share: number, mode: string): string {
  return `${(100 * share).toFixed(1)} % of the input tokens came from the server's prefix cache, though ` +
    `prefix_cache is ${mode}: latencies and energy are lower than for new prompts. Switch the server's prefix ` +
    "cache off, or say prefix_cache: allow.";
}

export function devModeNeeded(): string {
  return "Start the server with VLLM_SERVER_DEV_MODE=1.";
}
