import type { PromptFacts } from "./prompt_source.ts";

/** Lengths of one request, as asked and as the server's usage has them. */
export interface RequestLengths {
  readonly asked_input: number | null;
  readonly input_tokens: number | null;
  readonly max_output: number;
  readonly output_tokens: number | null;
  readonly finish_reason: string | null;
  /** The body asked for exactly `max_output` tokens in words that this kind of server knows. */
  readonly forced: boolean;
}

/** Asked lengths against what the server counted, for the record. */
export interface LengthVerdict {
  /** `exact`: all as asked; `approximate`: nobody could make them exact; `differs`: made exact, counted otherwise. */
  readonly input_length: "exact" | "approximate" | "differs" | null;
  /** Requests whose usage differs from what was asked, and the largest difference in tokens. */
  readonly input_differs: number;
  readonly input_largest_difference: number;
  /** Requests without a count of the server's. */
  readonly input_unknown: number;
  /** `forced`: each generated what was asked; `free`: the server cannot be told; `differs`: told, and did not. */
  readonly output_length: "forced" | "free" | "differs" | null;
  readonly output_differs: number;
}

/** The verdict over all successful requests of a run. Both are null where no request succeeded. */
export function lengthVerdict(
  facts: Pick<PromptFacts, "input_length">,
  requests: readonly RequestLengths[],
): LengthVerdict {
  const asked = requests.filter(({ asked_input }) => asked_input !== null);
  const counted = asked.filter(({ input_tokens }) => input_tokens !== null);
  const differences = counted.map(({ asked_input, input_tokens }) =>
    Math.abs((input_tokens ?? 0) - (asked_input ?? 0))
  );
  const inputDiffers = differences.filter((difference) => difference > 0).length;
  const outputDiffers = requests.filter(isOtherLength).length;
  return {
    input_length: asked.length === 0 ? null : inputVerdict(facts, counted.length, inputDiffers),
    input_differs: inputDiffers,
    input_largest_difference: differences.reduce((most, difference) => Math.max(most, difference), 0),
    input_unknown: asked.length - counted.length,
    output_length: requests.length === 0 ? null : outputVerdict(requests, outputDiffers),
    output_differs: outputDiffers,
  };
}

function inputVerdict(
  { input_length }: Pick<PromptFacts, "input_length">,
  counted: number,
  differs: number,
): LengthVerdict["input_length"] {
  if (counted > 0 && differs === 0) return "exact";
  if (input_length !== "exact") return "approximate";
  return differs === 0 ? "exact" : "differs";
}

function outputVerdict(
  requests: readonly RequestLengths[],
  differs: number,
): LengthVerdict["output_length"] {
  if (!requests.every(({ forced }) => forced)) return "free";
  return differs === 0 ? "forced" : "differs";
}

/** A request that was told how much to generate and stopped elsewhere. */
function isOtherLength({ forced, max_output, output_tokens, finish_reason }: RequestLengths): boolean {
  if (!forced) return false;
  if (output_tokens !== null) return output_tokens !== max_output;
  return finish_reason !== null && finish_reason !== "length";
}
