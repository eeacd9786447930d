/**
 * scripts/soaking owns the long test of what survives: studies that are struck at random moments, resumed, and judged by
 * their files and by /proc. It trusts nothing that llem says about itself.
 */
import { Random } from "../../tests/support/random.ts";
import { playRound, type Round } from "./round.ts";
import { STRIKES } from "./strike.ts";

/** What a soak came to. */
export interface SoakTotals {
  readonly rounds: number;
  readonly lost: number;
  readonly doubled: number;
  readonly orphans: number;
  readonly other: number;
}

/** How much, and which: the same seed draws the same studies, strikes and moments. */
export interface SoakOptions {
  readonly rounds: number;
  readonly seed: number;
}

/** Plays the rounds, the strikes by turns, and tells of each as it ends. */
export async function soak(
  options: SoakOptions,
  onRound: (round: Round, totals: SoakTotals) => void,
): Promise<SoakTotals> {
  const random = new Random(options.seed);
  let totals: SoakTotals = { rounds: 0, lost: 0, doubled: 0, orphans: 0, other: 0 };
  while (totals.rounds < options.rounds) {
    const kind = STRIKES[totals.rounds % STRIKES.length];
    if (kind === undefined) throw new RangeError("There is no strike of that number");
    const round = await playRound(random, kind);
    totals = add(totals, round);
    onRound(round, totals);
  }
  return totals;
}

function add(totals: SoakTotals, { verdict }: Round): SoakTotals {
  return {
    rounds: totals.rounds + 1,
    lost: totals.lost + verdict.lost.length,
    doubled: totals.doubled + verdict.doubled.length,
    orphans: totals.orphans + verdict.orphans.length,
    other: totals.other + verdict.other.length,
  };
}

/** `rounds 10: lost 0, doubled 0, orphans 0`, and what else went wrong. */
export function totalsText({ rounds, lost, doubled, orphans, other }: SoakTotals): string {
  const more = other === 0 ? "" : `, other trouble ${other}`;
  return `rounds ${rounds}: lost ${lost}, doubled ${doubled}, orphans ${orphans}${more}`;
}

/** Everything that went wrong in a round, a line each; empty where nothing did. */
export function roundText({ kind, atMs, workers, verdict, folder }: Round, number: number): string {
  const complaints = Object.entries(verdict).flatMap(([what, texts]: [string, string[]]) =>
    texts.map((text) => `  ${what}: ${text}\n`)
  );
  if (complaints.length === 0) return "";
  return `round ${number} (${kind} at ${atMs} ms; ${workers.join(", ")}), kept in ${folder}:\n${
    complaints.join("")
  }`;
}
