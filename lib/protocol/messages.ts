export function frameTooLargeWhenCut(mostMiB: number): string {
  return `holds more than the limit of ${mostMiB} MiB after its long texts were cut`;
}

export function frameWithTooManyKeys(most: number): string {
  return `holds more keys than the limit of ${most}`;
}

export function frameTooDeep(most: number): string {
  return `is nested deeper than the limit of ${most} levels`;
}

export function frameWithTooManyValues(most: number): string {
  return `holds more values than the limit of ${most}`;
}

export function assignmentOfOtherVersion(found: unknown, needed: number): string {
  return `Cannot read assignment: protocol version is ${found}, ${needed} is needed`;
}

export function assignmentIncomplete(): string {
  return "Cannot read assignment: token or config is missing";
}

/** What the parser said is left out where it could quote a secret. */
export function frameNotJson(parserMessage: string | null): string {
  return parserMessage === null ? "not JSON" : `not JSON: ${parserMessage}`;
}

export function frameWithoutType(): string {
  return "a frame without a type";
}

export function frameNestedTooDeep(type: string, most: number): string {
  return `${type} frame: nested deeper than the limit of ${most} levels`;
}

export function frameInvalid(type: string, reason: string): string {
  return `${type} frame: ${reason}`;
}

export function fieldNotFinite(path: string, found: string | null): string {
  return `${path} is ${found}, and a finite number is needed`;
}

export function fieldInvalid(path: string, expected: string, found: number | null): string {
  return `${path}: ${expected}${found === null ? "" : ` (it is ${found})`}`;
}

export function frameNotAsExpected(): string {
  return "it does not match the protocol";
}

/** What a field of a frame has to be. */
export const MUST_BE = {
  nanoseconds: "must be whole nanoseconds of CLOCK_MONOTONIC, as a number or as a string of digits",
  mapping: "must be a mapping",
  list: "must be a list",
  time: "must be a number, 0 or more",
} as const;

/** Why the times between single tokens are not known. */
export const NO_ITL = {
  failed: "the request failed",
  one_token: "fewer than two tokens came, so there is nothing between them",
  several_tokens: "some chunks hold several tokens",
  counts_differ: "there are more or fewer chunks than tokens, so a chunk is not a token",
  untold: "the server told neither token ids nor usage, so nobody knows what a chunk holds",
  several_choices: "a request asked for several texts (n), and their tokens came mixed",
  long: "there are too many chunks to list them twice: chunk_at_ns has them all",
} as const;
