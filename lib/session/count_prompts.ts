import { isFile } from "../base/files.ts";
import { isJsonObject } from "../base/json.ts";

const CHUNK_BYTES = 256 * 1024;

/**
 * How many prompts a file with one JSON object a line holds, up to `most`; null where it cannot be read. No more of it is
 * read than that takes. Whether they are prompts is checked before the run.
 */
export function countPrompts(path: string, most: number): number | null {
  if (!isFile(path)) return null;
  try {
    using file = Deno.openSync(path);
    return countLines(file, most);
  } catch {
    return null;
  }
}

function countLines(file: Deno.FsFile, most: number): number {
  const chunk = new Uint8Array(CHUNK_BYTES);
  const decoder = new TextDecoder();
  let count = 0;
  let rest = "";
  for (let size = file.readSync(chunk); size !== null && count < most; size = file.readSync(chunk)) {
    const lines = (rest + decoder.decode(chunk.subarray(0, size), { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    count += lines.filter(holdsPrompt).length;
  }
  return Math.min(holdsPrompt(rest) ? count + 1 : count, most);
}

/** False for a blank line, and for one that describes the file: an object with a name that begins with an underscore. */
function holdsPrompt(line: string): boolean {
  if (line.trim() === "") return false;
  if (!line.includes('"_')) return true;
  try {
    const row: unknown = JSON.parse(line);
    return !isJsonObject(row) || !Object.keys(row).some((name) => name.startsWith("_"));
  } catch {
    return true;
  }
}
