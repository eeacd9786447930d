import { type Random, randomFrom } from "../../../../lib/base/random.ts";

/** What a prompt's words are drawn from. */
export interface PromptSeeds {
  /** `dataset.seed`. */
  readonly seed: number;
  /** 0 for prompts that every run has; else drawn from the run, so that no run's prompts begin as another's. */
  readonly salt: number;
}

/** Purposes that draw from sequences of their own. */
const PURPOSE = { prompt: 1, prefix: 2, salt: 3, block: 4 } as const;

/** The sequence of a prompt's text; `pass` counts how often the prompts have been gone through. */
export function drawnFrom(
  { seed, salt }: PromptSeeds,
  purpose: keyof typeof PURPOSE,
  index: number,
  pass: number,
): Random {
  return randomFrom(seed, Math.floor(seed / 2 ** 32), salt, PURPOSE[purpose], index, pass);
}

/** A salt from what no other attempt has: a number from 1 to 2^32 - 1. */
export function saltOf(token: string): number {
  let hash = 0x811c9dc5;
  for (const unit of token) hash = Math.imul(hash ^ (unit.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0) || 1;
}
