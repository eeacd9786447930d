/** The texts of lib/study for people: one pure function for each message. */

/** A message of an issue, and what to do about it. */
export interface MessageAndHint {
  readonly message: string;
  readonly hint: string;
}

/** `n` and the `n` of a synthetic dataset are one setting and say different numbers. `place` is where `n` stands. */
export function countsDiffer(
  { own, n, place }: { readonly own: string; readonly n: string; readonly place: string },
): MessageAndHint {
  return {
    message: `is ${own}, but n is ${n} (${place}): both are the number of prompts`,
    hint: "keep one of them",
  };
}

/** Why `n` says nothing where a synthetic dataset gives its own number. */
export function datasetHasOwnCount(): string {
  return "dataset.n is the number of synthetic prompts";
}

/** What to write in place of a dataset that is a number. */
export function writeCount(count: number): string {
  return `write { n: ${count} } for so many synthetic prompts`;
}

export function sweepReplaced(key: string): string {
  return `the sweep of ${key} is replaced by the value given`;
}

export function listIsSwept(count: number): string {
  return `${count} values are swept, one per experiment; for one list as the value write [[a, b]]`;
}

/** An option of synthetic prompts beside a dataset that names prompts. */
export function syntheticOption(dataset: string): MessageAndHint {
  return {
    message: `belongs to synthetic prompts, and --dataset names ${dataset}`,
    hint: "leave one of them out; max_input_tokens and max_output_tokens limit the prompts of a dataset",
  };
}
