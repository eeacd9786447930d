import { createHash, type Hash } from "node:crypto";
import { monotonicNs } from "../../../lib/base/clock.ts";
import type { Engine } from "./engine.ts";
import { generate, type Generation } from "./generate.ts";
import { groups } from "./groups.ts";
import { type Outbox, phase } from "./outbox.ts";
import { Progress } from "./progress.ts";
import type { Prompt } from "./prompts.ts";
import { requestFrame } from "./request_frame.ts";
import { addUp, NOTHING, type Totals } from "./totals.ts";

/** What the measured window held. */
export interface Measured {
  readonly totals: Totals;
  /** SHA-256 over the token ids of all prompts: equal where two engines were given the same work. */
  readonly inputHash: string;
  /** How often the whole workload was run. */
  readonly passes: number;
  /** SHA-256 over the token ids that one pass generated, in request order: equal work gives equal hashes. */
  readonly outputHash: string;
  /** The first tokens that the first request gave. */
  readonly sample: readonly number[];
}

/** So many tokens of the first request tell people whether the text is one. */
const SAMPLE_TOKENS = 32;

/** The workload and how long to keep at it. */
export interface Workload {
  readonly prompts: readonly Prompt[];
  /** Prompts of a static batch. */
  readonly parallel: number;
  /** The workload is repeated whole until the window is at least this long; null runs it once. */
  readonly minSeconds: number | null;
}

/** Runs the workload in static batches and reports every request. */
export function measure(engine: Engine, workload: Workload, outbox: Outbox): Measured {
  const { prompts, parallel, minSeconds } = workload;
  outbox.send(phase("measure", "begin"));
  const beginNs = monotonicNs();
  const endNs = beginNs + BigInt(Math.ceil((minSeconds ?? 0) * 1e9));
  const hash = createHash("sha256");
  let totals = NOTHING;
  let passes = 0;
  let sample: readonly number[] = [];
  do {
    const note = repeatNote(passes, { beginNs, nowNs: monotonicNs(), endNs });
    const progress = new Progress(outbox, prompts, note);
    for (const group of groups(prompts, parallel)) {
      const generation = generate(engine, group, (tokens, nowNs) => progress.add(tokens, nowNs));
      totals = addUp(totals, generation);
      if (passes === 0) {
        generation.sequences.forEach(({ tokens }) => addTokens(hash, tokens));
        sample = generation.sequences.find(({ prompt }) => prompt.index === 0)?.tokens ?? sample;
      }
      report(outbox, generation, passes * prompts.length);
      progress.forget(missedTokens(generation));
    }
    passes++;
  } while (monotonicNs() < endNs);
  outbox.send(phase("measure", "end"));
  const inputHash = hashOf(prompts.map((prompt) => prompt.tokens));
  return {
    totals,
    passes,
    inputHash,
    outputHash: hash.digest("hex"),
    sample: sample.slice(0, SAMPLE_TOKENS),
  };
}

/** Which repeat of the workload begins, and of how many if all take as long as those so far; none for the first pass. */
function repeatNote(
  passes: number,
  { beginNs, nowNs, endNs }: Readonly<Record<"beginNs" | "nowNs" | "endNs", bigint>>,
): string | undefined {
  if (passes === 0) return undefined;
  const all = Math.ceil(Number(endNs - beginNs) / (Number(nowNs - beginNs) / passes));
  return `repeat ${passes} of about ${Math.max(passes, all - 1)}`;
}

/** Phases and requests of a batch; they wait in the outbox, so that posting them does not slow the next batch. */
function report(outbox: Outbox, generation: Generation, firstIndex: number): void {
  const { sequences, beginNs, prefillEndNs, endNs } = generation;
  outbox.queue(phase("prefill", "begin", beginNs), phase("prefill", "end", prefillEndNs));
  if (sequences.some(({ tokens }) => tokens.length > 1)) {
    outbox.queue(phase("decode", "begin", prefillEndNs), phase("decode", "end", endNs));
  }
  outbox.queueAll(sequences.map((sequence) => requestFrame(sequence, beginNs, firstIndex)));
  if (outbox.isDue(endNs)) outbox.flush(endNs);
}

/** Tokens that were planned and never came, because the text ended before. */
function missedTokens({ sequences }: Generation): number {
  return sequences.reduce((sum, { prompt, tokens }) => sum + prompt.maxOutput - tokens.length, 0);
}

function hashOf(lists: readonly ArrayLike<number>[]): string {
  const hash = createHash("sha256");
  for (const tokens of lists) addTokens(hash, tokens);
  return hash.digest("hex");
}

function addTokens(hash: Hash, tokens: ArrayLike<number>): void {
  hash.update(new Uint8Array(Int32Array.from([tokens.length, ...Array.from(tokens)]).buffer));
}
