/** Reads the chunks of one stream, most of which differ from the one before in their text only. */
import { type ChoiceDelta, type Chunk, readChunk } from "./chunk.ts";

/** A chunk whose text can be put in the place of another one's. */
interface Template {
  /** All before the text, its opening quote included, and all from its closing quote on. */
  readonly before: string;
  readonly after: string;
  readonly chunk: Chunk;
  readonly choice: ChoiceDelta;
}

/** A stream whose chunks were different in more than their text so many times in a row is read the usual way. */
const MOST_MISSES = 8;
/** What ends a JSON string or stands for something else in it. */
const NOT_LITERAL = /["\\\p{Cc}]/u;

/**
 * `readChunk` for one event after the other. What begins and ends as the event before, around a text that JSON writes as it
 * is, is that event with this text: to parse it again would cost more than all else that a token costs.
 */
export class ChunkReader {
  #template: Template | null = null;
  #misses = 0;

  read(data: string): Chunk | null {
    const known = this.#template;
    if (known !== null && data.startsWith(known.before) && data.endsWith(known.after)) {
      const end = data.length - known.after.length;
      const text = end < known.before.length ? "" : data.slice(known.before.length, end);
      // An empty one may be no text at all.
      if (text !== "" && !NOT_LITERAL.test(text)) {
        this.#misses = 0;
        return { ...known.chunk, choices: [{ ...known.choice, text }] };
      }
    }
    const chunk = readChunk(data);
    this.#misses += 1;
    this.#template = chunk === null || this.#misses > MOST_MISSES ? null : templateOf(data, chunk);
    return chunk;
  }
}

/** Null where it is not certain which characters are the text. */
function templateOf(data: string, chunk: Chunk): Template | null {
  const [choice, ...others] = chunk.choices;
  if (choice === undefined || others.length > 0 || choice.text === "") return null;
  // Without a backslash every string stands there as it is, and what is there once is the text.
  const quoted = `"${choice.text}"`;
  const at = data.indexOf(quoted);
  if (at === -1 || data.includes("\\") || data.includes(quoted, at + 1)) return null;
  const end = at + quoted.length - 1;
  return { before: data.slice(0, at + 1), after: data.slice(end), chunk, choice };
}
