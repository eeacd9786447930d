import { isJsonObject } from "../../../lib/base/json.ts";
import type { ExperimentConfig } from "../../../lib/experiment/config.ts";
import { WorkerError } from "../../worker_error.ts";
import { randomFrom, shuffled } from "./random.ts";

const LF = 0x0a;
const CHUNK_BYTES = 256 * 1024;
const MAX_LINE_BYTES = 64 * 1024 * 1024;
/** Names under which a line may hold its prompt; the first that is there counts. */
const FIELDS = ["prompt", "text", "instruction", "input", "question"] as const;

/** A prompt's text, where it stands as `file:line`, and the `source` that its line names. */
export interface PlacedText {
  readonly text: string;
  readonly place: string;
  readonly source: string;
}

/** How the prompts are chosen from the file. */
export interface PromptOrder {
  readonly kind: ExperimentConfig["dataset_order"];
  /** For `shuffled`. */
  readonly seed: number;
}

/**
 * `count` prompts of a file with one JSON object a line. Blank lines are skipped, and so are lines that hold a name
 * with a leading underscore: they tell of the file. In the file's own order no more is read than is needed.
 */
export function readJsonlPrompts(path: string, count: number, order: PromptOrder): readonly PlacedText[] {
  const most = order.kind === "interleaved" ? count : Infinity;
  const prompts: PlacedText[] = [];
  let line = 0;
  for (const bytes of readLines(path)) {
    const place = `${path}:${++line}`;
    const text = decode(bytes, place).trim();
    const prompt = text === "" ? null : readPrompt(text, place);
    if (prompt !== null) prompts.push(prompt);
    if (prompts.length === most) break;
  }
  if (prompts.length >= count) return arrange(prompts, order).slice(0, count);
  throw new WorkerError(
    "bad_dataset",
    `${path} holds ${prompts.length} prompts, ${count} are needed. Add prompts or set n to ${prompts.length}.`,
  );
}

function arrange(prompts: readonly PlacedText[], { kind, seed }: PromptOrder): readonly PlacedText[] {
  switch (kind) {
    case "interleaved":
      return prompts;
    case "grouped":
      return prompts.toSorted((a, b) => a.source < b.source ? -1 : a.source > b.source ? 1 : 0);
    case "shuffled":
      return shuffled(prompts, randomFrom(seed, Math.floor(seed / 2 ** 32)));
  }
}

/** Null for a line that tells of the file. */
function readPrompt(line: string, place: string): PlacedText | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw bad(place, `not JSON (${(error as Error).message})`);
  }
  if (!isJsonObject(value)) throw bad(place, "not a JSON object");
  if (Object.keys(value).some((name) => name.startsWith("_"))) return null;
  const field = FIELDS.find((name) => value[name] !== undefined);
  if (field === undefined) throw bad(place, `none of ${FIELDS.join(", ")} is there`);
  const text = value[field];
  if (typeof text !== "string") throw bad(place, `"${field}" is no text`);
  return { text, place, source: String(value["source"] ?? "") };
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
