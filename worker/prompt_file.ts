import { sha256Hex } from "../lib/base/canonical_json.ts";
import { isJsonObject } from "../lib/base/json.ts";
import type { RunInputs } from "../lib/experiment/inputs.ts";
import { WorkerError } from "./worker_error.ts";
import { lineWithoutPrompt, noPromptsGiven, promptsChanged, promptsUnreadable } from "./messages.ts";

/** The texts that the runner wrote down for the whole study, in the order to run. */
export function readPromptFile({ prompts }: RunInputs): readonly string[] {
  if (prompts === null) {
    throw new WorkerError(
      "no_prompts",
      noPromptsGiven(),
    );
  }
  const bytes = readBytes(prompts.path);
  if (sha256Hex(bytes) !== prompts.sha256) {
    throw new WorkerError(
      "no_prompts",
      promptsChanged(prompts.path),
    );
  }
  return new TextDecoder().decode(bytes).trimEnd().split("\n").map(promptOf);
}

function readBytes(path: string): Uint8Array {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    throw new WorkerError(
      "no_prompts",
      promptsUnreadable(path, (error as Error).message),
      { cause: error },
    );
  }
}

function promptOf(line: string): string {
  const value: unknown = JSON.parse(line);
  if (isJsonObject(value) && typeof value["prompt"] === "string") return value["prompt"];
  throw new WorkerError("no_prompts", lineWithoutPrompt(line.slice(0, 100)));
}
