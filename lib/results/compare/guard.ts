import { flatten } from "../varied.ts";
import type { ExperimentConfig } from "../../experiment/config.ts";
import { canonicalJson } from "../../base/canonical_json.ts";
import type { Json } from "../../base/json.ts";
import { refusesAt, WHERE_UNTOLD } from "../circumstances.ts";
import { isOnSameBoards } from "./blocks.ts";
import type { Pair, SampleRun } from "./samples.ts";
import type { CompareOptions, Difference } from "./study_comparison.ts";

/** A difference that nobody set. */
export interface UndeclaredDifference extends Difference {
  readonly refuses: boolean;
}

/** What differs between two rows. */
export interface PairDifferences {
  readonly declared: readonly Difference[];
  readonly undeclared: readonly UndeclaredDifference[];
}

/** Settings that bring a circumstance with them, by the beginning of their path; `*` is any setting. */
const BROUGHT_BY: Readonly<Record<string, readonly string[]>> = {
  "model content": ["model", "lora", "revision", "backend"],
  engine: [
    "backend",
    "runners",
    "*.image",
    "*.python",
    "*.argv",
    "*.library",
    "*.server",
    "*.version",
    "*.env",
  ],
  device: ["backend", "*"],
  prompts: ["dataset", "n", "dataset_order", "max_input_tokens", "random_seed"],
  input_hash: [
    "dataset",
    "n",
    "dataset_order",
    "max_input_tokens",
    "random_seed",
    "model",
    "backend",
    "*.tokenizer",
  ],
};

/**
 * Compares what two rows were run with. `paired`: cycle by cycle, so that a driver that was changed between two cycles of one
 * study, for both rows alike, is no difference. What only one side tells is none either.
 */
export function differencesOf(
  pair: Pair,
  design: "paired" | "unpaired",
  options: Pick<CompareOptions, "allow" | "across_boards">,
): PairDifferences {
  const declared = design === "paired"
    ? variedDifferences(pair)
    // Equal hashes mean the same, whatever a later version of llem writes out.
    : pair.base.side.config_hash === pair.other.side.config_hash
    ? []
    : configDifferences(pair.base.config, pair.other.config);
  const settings = declared.map(({ what }) => what);
  const all = design === "paired" ? byCycle(pair) : [[pair.base.runs, pair.other.runs] as const];
  const found = new Map<string, Difference>();
  for (const [base, other] of all) {
    for (const difference of undeclaredBetween(base, other)) {
      const { what } = difference;
      if (!found.has(what) && !isBrought(what, settings)) found.set(what, difference);
    }
  }
  if (pair.base.join_hash !== null && pair.base.join_hash === pair.other.join_hash) {
    found.delete("model content");
  }
  const onGpu = [...pair.base.runs, ...pair.other.runs].some(({ circumstances }) => "GPU" in circumstances);
  const refuses = (difference: Difference): boolean => {
    const { what } = difference;
    // Where boards are known by their UUIDs the worker's own words for its device say no more; without any the CPU computes.
    const counts = what === "device"
      ? !onGpu || found.has("GPU")
      : what === "CPU"
      ? !onGpu
      : refusesAt(what, String(difference.base), String(difference.other));
    return counts && !isAllowed(difference, options);
  };
  return {
    declared,
    undeclared: [...found.values()].map((difference) => ({ ...difference, refuses: refuses(difference) })),
  };
}

/** Two names of a difference mean the same where only case, blanks and dashes tell them apart. */
export function isSameName(one: string, other: string): boolean {
  return spelt(one) === spelt(other);
}

function spelt(name: string): string {
  return name.toLowerCase().replace(/[\s_-]+/g, "_");
}

const knownFlat = new WeakMap<ExperimentConfig, ReadonlyMap<string, Json>>();

function flat(config: ExperimentConfig): ReadonlyMap<string, Json> {
  const found = knownFlat.get(config) ?? flatten(config);
  knownFlat.set(config, found);
  return found;
}

/** Of rows of one study, whose differences are known already. */
function variedDifferences({ base, other }: Pair): Difference[] {
  const [a, b] = [base.side.varied, other.side.varied];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((what) =>
    differing(what, a[what] ?? null, b[what] ?? null)
  );
}

function configDifferences(base: ExperimentConfig, other: ExperimentConfig): Difference[] {
  const [a, b] = [flat(base), flat(other)];
  return [...new Set([...a.keys(), ...b.keys()])].flatMap((what) =>
    differing(what, a.get(what) ?? null, b.get(what) ?? null)
  );
}

function differing(what: string, base: Json, other: Json): Difference[] {
  return base === other || canonicalJson(base) === canonicalJson(other) ? [] : [{ what, base, other }];
}

type Runs = readonly SampleRun[];

function byCycle({ base, other }: Pair): (readonly [Runs, Runs])[] {
  const theirs = new Map(base.runs.map((run) => [run.cycle, run]));
  return other.runs.flatMap((run): (readonly [Runs, Runs])[] => {
    const partner = theirs.get(run.cycle);
    return partner === undefined || !isOnSameBoards(partner, run) ? [] : [[[partner], [run]]];
  });
}

function undeclaredBetween(base: Runs, other: Runs): Difference[] {
  // Runs that agree share their circumstances, so that this compares one object with itself mostly.
  const [a, b] = [
    new Set(base.map((run) => run.circumstances)),
    new Set(other.map((run) => run.circumstances)),
  ];
  const isSame = a.size === 1 && b.size === 1 && a.values().next().value === b.values().next().value;
  const names = isSame ? [] : [...new Set([...a, ...b].flatMap((all) => Object.keys(all)))];
  const told = (all: Iterable<Readonly<Record<string, string>>>, name: string): string =>
    [...new Set([...all].flatMap((one) => one[name] ?? WHERE_UNTOLD[name] ?? []))].sort().join(", ");
  const inputs = (runs: Runs): string =>
    [...new Set(runs.flatMap(({ summary: { input_hash } }) => input_hash ?? []))].sort().join(", ");
  return [
    ...names.map((what) => ({ what, base: told(a, what), other: told(b, what) })),
    { what: "input_hash", base: inputs(base), other: inputs(other) },
  ].filter((found) => found.base !== "" && found.other !== "" && found.base !== found.other);
}

function isBrought(what: string, settings: readonly string[]): boolean {
  return (BROUGHT_BY[what] ?? []).some((start) =>
    settings.some((path) =>
      start === "*" || path === start || path.startsWith(`${start}.`) ||
      start.startsWith("*.") && path.split(".").slice(1).includes(start.slice(2))
    )
  );
}

function isAllowed(
  { what, base, other }: Difference,
  { allow, across_boards }: Pick<CompareOptions, "allow" | "across_boards">,
): boolean {
  if (allow.some((name) => isSameName(name, what))) return true;
  if (what === "GPU" && isPartOf(String(base), String(other))) return true;
  return across_boards && (what === "GPU" || what === "device");
}

/** More boards of the same machine are what a setting asks for; other boards are not. */
function isPartOf(base: string, other: string): boolean {
  const [a, b] = [new Set(base.split(", ")), new Set(other.split(", "))];
  return a.isSubsetOf(b) || b.isSubsetOf(a);
}
