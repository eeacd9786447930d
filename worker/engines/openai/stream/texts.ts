import { createHash } from "node:crypto";
import type { ChoiceDelta } from "./chunk.ts";

/** The texts of an answer as they grow, choice by choice. */
export class TextParts {
  readonly #outputs = new Map<number, string>();
  readonly #reasonings = new Map<number, string>();

  add({ index, text, reasoning, toolCall }: ChoiceDelta): void {
    const output = text + toolCall;
    if (output !== "") this.#outputs.set(index, (this.#outputs.get(index) ?? "") + output);
    if (reasoning !== "") this.#reasonings.set(index, (this.#reasonings.get(index) ?? "") + reasoning);
  }

  /** What the user reads, tool calls included, in order of the choices. */
  get outputs(): string[] {
    return inOrder(this.#outputs);
  }

  get reasonings(): string[] {
    return inOrder(this.#reasonings);
  }
}

/** SHA-256 over both lists as JSON: equal where every text is; null where there is none. */
export function hashOfTexts(outputs: readonly string[], reasonings: readonly string[]): string | null {
  if (outputs.length === 0 && reasonings.length === 0) return null;
  return createHash("sha256").update(JSON.stringify([outputs, reasonings])).digest("hex");
}

function inOrder(texts: ReadonlyMap<number, string>): string[] {
  return [...texts].sort(([one], [other]) => one - other).map(([, text]) => text);
}
