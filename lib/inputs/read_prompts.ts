import type { InputsContext } from "./inputs_context.ts";
import { readHubPrompts } from "./hub_prompts.ts";
import { readJsonLines } from "./json_prompts.ts";
import type { PromptRows } from "./located_text.ts";
import { writePromptObjects } from "./messages.ts";
import type { FileSource, PromptSource } from "./prompt_source.ts";

/** At most `most` prompts of a dataset; no more is read or fetched than they need. Throws Problem. */
export function readPrompts(source: PromptSource, most: number, context: InputsContext): Promise<PromptRows> {
  return source.kind === "hub"
    ? readHubPrompts(source, most, context)
    : readFilePrompts(source, most, context);
}

async function readFilePrompts(
  { path }: FileSource,
  most: number,
  { signal }: InputsContext,
): Promise<PromptRows> {
  const choice = { column: null, remedy: writePromptObjects() };
  const prompts = await take(readJsonLines(path, choice, signal), most);
  return { origin: `file ${path}`, name: path, prompts };
}

/** The first items, and what gives them is told to end. */
async function take<T>(items: AsyncIterable<T>, most: number): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of items) {
    taken.push(item);
    if (taken.length === most) break;
  }
  return taken;
}
