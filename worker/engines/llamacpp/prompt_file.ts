import { sha256Hex } from "../../../lib/base/canonical_json.ts";
import { isJsonObject } from "../../../lib/base/json.ts";
import type { RunInputs } from "../../../lib/experiment/inputs.ts";
import { WorkerError } from "../../worker_error.ts";

/** The texts that the runner wrote down for the whole study, in the order to run. */
export function readPromptFile({ prompts }: RunInputs): readonly string[] {
  if (prompts === null) {
    throw new WorkerError(
      "no_prompts",
      "The assignment names no prompts (inputs.prompts is null), and the dataset is not synthetic. " +
        "Start the worker with llem run, or use dataset: { n, input_len, output_len }.",
    );
  }
  const bytes = readBytes(prompts.path);
  if (sha256Hex(bytes) !== prompts.sha256) {
    throw new WorkerError(
      "no_prompts",
      `${prompts.path} was changed after the study began: its runs would not be comparable. Start a new study.`,
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
      `Cannot read prompts from ${path}: ${(error as Error).message}. Start a new study.`,
      { cause: error },
    );
  }
}

function promptOf(line: string): string {
  const value: unknown = JSON.parse(line);
  if (isJsonObject(value) && typeof value["prompt"] === "string") return value["prompt"];
  throw new WorkerError("no_prompts", `No {"prompt": "..."} in a file of prompts: ${line.slice(0, 100)}`);
}
