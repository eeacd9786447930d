import { bytesText } from "../base/bytes.ts";
import { Problem } from "../base/problem.ts";
import { badPrompts, notJson, notJsonList, notUtf8, promptListTooLarge } from "./messages.ts";
import { openCached } from "./open_cached.ts";
import type { LocatedText, RowChoice } from "./located_text.ts";
import { promptOfRow } from "./prompt_row.ts";
import { readLines } from "./read_lines.ts";

/** About the longest text that there can be in memory. */
const MOST_LIST_BYTES = 500_000_000;

/**
 * The prompts of a file with one JSON object a line. Blank lines are skipped, and so are lines that tell of the file.
 * No more is read than the caller takes, but for the piece at hand. Throws Problem with file and line.
 */
export async function* readJsonLines(
  path: string,
  choice: RowChoice,
  signal: AbortSignal,
): AsyncGenerator<LocatedText> {
  let line = 0;
  for await (const batch of readLines(path, signal)) {
    for (const bytes of batch) {
      const location = `${path}:${++line}`;
      const text = decode(bytes, location, choice).trim();
      const prompt = text === "" ? null : promptOfRow(parse(text, location, choice), location, choice);
      if (prompt !== null) yield prompt;
    }
  }
}

/** The prompts of a file that is one JSON list of objects, or else lines of them. */
export async function* readJsonFile(
  path: string,
  choice: RowChoice,
  signal: AbortSignal,
): AsyncGenerator<LocatedText> {
  if (!await beginsWithList(path)) {
    yield* readJsonLines(path, choice, signal);
    return;
  }
  const { size } = await Deno.stat(path);
  if (size > MOST_LIST_BYTES) {
    throw new Problem(promptListTooLarge(path, bytesText(size), bytesText(MOST_LIST_BYTES)));
  }
  const rows = parse(decode(await Deno.readFile(path, { signal }), path, choice), path, choice);
  if (!Array.isArray(rows)) throw new Problem(badPrompts(path, notJsonList(), choice.remedy));
  for (const [index, row] of rows.entries()) {
    const prompt = promptOfRow(row, `${path} row ${index + 1}`, choice);
    if (prompt !== null) yield prompt;
  }
}

async function beginsWithList(path: string): Promise<boolean> {
  using file = await openCached(path);
  const start = new Uint8Array(256);
  const size = await file.read(start) ?? 0;
  return new TextDecoder().decode(start.subarray(0, size)).trimStart().startsWith("[");
}

function parse(text: string, location: string, { remedy }: RowChoice): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const fault = notJson((error as Error).message);
    throw new Problem(badPrompts(location, fault, remedy), { cause: error });
  }
}

function decode(bytes: Uint8Array, location: string, { remedy }: RowChoice): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Problem(badPrompts(location, notUtf8(), remedy));
  }
}
