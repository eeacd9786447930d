import { isJsonObject } from "../../../lib/base/json.ts";
import { WorkerError } from "../../worker_error.ts";

const LF = 0x0a;
const CHUNK_BYTES = 256 * 1024;
const MAX_LINE_BYTES = 64 * 1024 * 1024;
/** Names under which a line may hold its prompt; the first that is there counts. */
const FIELDS = ["prompt", "text", "instruction", "input", "question"] as const;

/** A prompt's text and where it stands, as `file:line`. */
export interface PlacedText {
  readonly text: string;
  readonly place: string;
}

/** The first `count` prompts of a file with one JSON object a line; reads no further. Blank lines are skipped. */
export function readJsonlPrompts(path: string, count: number): readonly PlacedText[] {
  const prompts: PlacedText[] = [];
  let line = 0;
  for (const bytes of readLines(path)) {
    line++;
    const text = decode(bytes, `${path}:${line}`).trim();
    if (text !== "") prompts.push({ text: promptOf(text, `${path}:${line}`), place: `${path}:${line}` });
    if (prompts.length === count) return prompts;
  }
  throw new WorkerError(
    "bad_dataset",
    `${path} holds ${prompts.length} prompts, ${count} are needed. Add prompts or set n to ${prompts.length}.`,
  );
}

function promptOf(line: string, place: string): string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw bad(place, `not JSON (${(error as Error).message})`);
  }
  if (!isJsonObject(value)) throw bad(place, "not a JSON object");
  const field = FIELDS.find((name) => value[name] !== undefined);
  if (field === undefined) throw bad(place, `none of ${FIELDS.join(", ")} is there`);
  const prompt = value[field];
  if (typeof prompt !== "string") throw bad(place, `"${field}" is no text`);
  return prompt;
}

function decode(bytes: Uint8Array, place: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw bad(place, "not UTF-8");
  }
}

function* readLines(path: string): Generator<Uint8Array> {
  using file = open(path);
  const chunk = new Uint8Array(CHUNK_BYTES);
  let rest = new Uint8Array(0);
  for (let size = file.readSync(chunk); size !== null; size = file.readSync(chunk)) {
    let bytes = concat(rest, chunk.subarray(0, size));
    for (let end = bytes.indexOf(LF); end !== -1; end = bytes.indexOf(LF)) {
      yield bytes.subarray(0, end);
      bytes = bytes.subarray(end + 1);
    }
    if (bytes.length > MAX_LINE_BYTES) throw bad(path, `a line is longer than ${MAX_LINE_BYTES} bytes`);
    rest = bytes;
  }
  if (rest.length > 0) yield rest;
}

function open(path: string): Deno.FsFile {
  try {
    if (Deno.statSync(path).isDirectory) throw new Error("it is a directory");
    return Deno.openSync(path);
  } catch (error) {
    throw new WorkerError(
      "bad_dataset",
      `Cannot read prompts from ${path}: ${(error as Error).message}. ` +
        'Name a file with one {"prompt": "..."} a line, relative to the study file.',
      { cause: error },
    );
  }
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}

function bad(place: string, problem: string): WorkerError {
  return new WorkerError(
    "bad_dataset",
    `${place}: ${problem}. Every line must be an object such as {"prompt": "Hello"}.`,
  );
}
