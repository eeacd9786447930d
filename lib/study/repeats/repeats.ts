/**
 * How often a study repeats has two forms: `execution.n_cycles`, and `execution.until` with its limits. The upper layer
 * decides; both in one layer are a mistake.
 */
import type { Issue } from "../../base/issue.ts";
import type { Execution } from "../execution.ts";
import type { Findings } from "../findings.ts";
import {
  aWidth,
  cyclesAndUntil,
  cyclesTooFew,
  metricTooLong,
  needsUntil,
  sequentialUntil,
  tooManyWidths,
  untilAndSearch,
  untilIsEmpty,
} from "./messages.ts";
import { mustBe } from "../messages.ts";
import { issueAt, issueLocation } from "../source_text.ts";
import type { IssueLocation } from "../study.ts";
import {
  childOf,
  isNothing,
  locationOfPath,
  type MapEntry,
  type MapTree,
  type Tree,
  withoutKeys,
  withValue,
} from "../tree.ts";
import { readWidth } from "./width.ts";
import { found } from "../wording.ts";

/** What says nothing where the number of cycles is fixed. */
const LIMITS = ["min_cycles", "max_cycles", "time_budget_seconds"] as const;
/** A table shows no more columns than this for them, and a line of the journal stays short. */
const MOST_METRICS = 8;

/** Names stand in every look, and a line of the journal is short. */
const LONGEST_METRIC = 100;

/** The tree with one of the two forms: what the command line gives is above what the file gives. */
export function settleRepeats(root: MapTree): { readonly root: MapTree; readonly issues: readonly Issue[] } {
  const execution = childOf(root, "execution");
  if (execution?.kind !== "map") return { root, issues: [] };
  const [cycles, until] = [given(execution, "n_cycles"), given(execution, "until")];
  if (cycles === null || until === null) return { root, issues: [] };
  if (isOption(cycles.value) === isOption(until.value)) {
    const issue = issueAt(until.value, "execution.until", cyclesAndUntil(placeOf(cycles)));
    return { root, issues: [issue] };
  }
  const lost = isOption(until.value)
    ? ["n_cycles"]
    : ["until", ...LIMITS.filter((key) => !isGivenAbove(execution, key))];
  return { root: withValue(root, "execution", withoutKeys(execution, new Set(lost))), issues: [] };
}

/** Where each metric of `until` stands; mistakes of the whole are told. */
export function readUntil(
  findings: Findings,
  root: MapTree,
  { execution, kind }: { readonly execution: Execution; readonly kind: "study" | "experiment" },
): Readonly<Record<string, IssueLocation>> {
  const tell = (path: string, at: Tree | null, text: Parameters<typeof issueAt>[2]): void => {
    findings.found.push({ kind: "value", issue: issueAt(at ?? locationOfPath(root, path), path, text) });
  };
  const block = childOf(root, "execution");
  const tree = block === null ? null : childOf(block, "until");
  if (block?.kind !== "map" || tree === null || isNothing(tree)) {
    const limit = LIMITS.find((key) => block?.kind === "map" && given(block, key) !== null);
    if (limit !== undefined) tell(`execution.${limit}`, null, needsUntil());
    return {};
  }
  if (tree.kind !== "map") return {};
  if (tree.entries.size === 0) tell("execution.until", null, untilIsEmpty());
  if (tree.entries.size > MOST_METRICS) tell("execution.until", null, tooManyWidths(MOST_METRICS));
  for (const [metric, { key, value }] of tree.entries) {
    if (metric.length > LONGEST_METRIC) {
      const issue = issueAt(key, "execution.until", metricTooLong(metric.length, LONGEST_METRIC));
      findings.found.push({ kind: "value", issue });
    }
    // A number is checked by its declaration.
    const isText = value.kind === "scalar" && typeof value.value === "string";
    if (isText && readWidth(value.value) === null) {
      tell(`execution.until.${metric}`, value, mustBe(aWidth(), found(value)));
    }
  }
  const { min_cycles, max_cycles, cycle_order } = execution;
  if (max_cycles <= min_cycles) {
    const key = given(block, "max_cycles") === null ? "min_cycles" : "max_cycles";
    tell(`execution.${key}`, null, cyclesTooFew({ least: min_cycles, most: max_cycles, key }));
  }
  if (cycle_order === "sequential" && kind === "study") {
    tell("execution.cycle_order", null, sequentialUntil());
  }
  if (!isNothing(childOf(root, "search"))) tell("execution.until", null, untilAndSearch());
  return Object.fromEntries(
    [...tree.entries].map(([metric, { key }]) => [metric, issueLocation(key)]),
  );
}

function given(map: MapTree, key: string): MapEntry | null {
  const entry = map.entries.get(key);
  return entry === undefined || isNothing(entry.value) ? null : entry;
}

/** A mapping that options of the command line put together has the place of the first of its values. */
function isOption(tree: Tree): boolean {
  if (tree.kind !== "map") return tree.source.lineStarts.length === 0;
  return [...tree.entries.values()].some(({ value }) => isOption(value)) ||
    tree.source.lineStarts.length === 0;
}

function isGivenAbove(map: MapTree, key: string): boolean {
  const entry = given(map, key);
  return entry !== null && isOption(entry.value);
}

function placeOf({ value }: MapEntry): string {
  const { file, line, column } = issueLocation(value);
  return [file, line, column].filter((part) => part !== null).join(":");
}
