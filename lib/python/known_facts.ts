import type { PythonFacts } from "./python_facts.ts";

/** What an interpreter said, or why it said nothing: a clause such as `it ended with exit code 1`. */
export type Probe = { readonly facts: PythonFacts } | { readonly trouble: string };

const answers = new Map<string, Probe>();

/** Keeps what the interpreter at that path said, as long as this program lives. */
export function remember(path: string, probe: Probe): void {
  answers.set(path, probe);
}

/** What an interpreter said that was asked before; null where it was not, or said nothing. */
export function knownFacts(path: string): PythonFacts | null {
  const probe = answers.get(path);
  return probe !== undefined && "facts" in probe ? probe.facts : null;
}
