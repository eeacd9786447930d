import { sha256Hex } from "../base/canonical_json.ts";
import type { PromptsFile } from "../experiment/inputs.ts";
import type { LocatedText } from "./located_text.ts";

/** Prompts as they are written down for a study, named by what they hold. */
export interface WrittenPrompts {
  readonly file: PromptsFile;
  readonly text: Uint8Array<ArrayBuffer>;
}

/** `origin` is a few words for people. */
export function writePrompts(prompts: readonly LocatedText[], origin: string): WrittenPrompts {
  const lines = prompts.map(({ text, source }) =>
    `${JSON.stringify(source === "" ? { prompt: text } : { prompt: text, source })}\n`
  );
  const text = new TextEncoder().encode(lines.join(""));
  const sha256 = sha256Hex(text);
  const path = `prompts/${sha256.slice(0, 16)}.jsonl`;
  return { file: { path, sha256, count: prompts.length, source: origin }, text };
}
