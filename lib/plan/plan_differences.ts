import { canonicalJson } from "../base/canonical_json.ts";
import type { Json } from "../base/json.ts";
import type { Plan } from "./plan.ts";

const MOST_NAMED = 10;

/** What tells two plans apart, one line each; empty where the same experiments run in the same cycles. */
export function planDifferences(before: Plan, now: Plan): string[] {
  const differences: string[] = [];
  if (before.n_cycles !== now.n_cycles) {
    differences.push(`n_cycles was ${before.n_cycles}, is ${now.n_cycles}`);
  }
  const old = experiments(before);
  const fresh = experiments(now);
  for (const [hash, config] of fresh) {
    if (!old.has(hash)) differences.push(`experiment ${hash} is new: ${config}`);
  }
  for (const [hash, config] of old) {
    if (!fresh.has(hash)) differences.push(`experiment ${hash} is gone: ${config}`);
  }
  const more = differences.length - MOST_NAMED;
  return more > 0 ? [...differences.slice(0, MOST_NAMED), `and ${more} more`] : differences;
}

function experiments(plan: Plan): Map<string, string> {
  return new Map(plan.runs.map((run) => [run.config_hash, brief(run.config as unknown as Json)]));
}

function brief(config: Json): string {
  const text = canonicalJson(config);
  return text.length <= 200 ? text : `${text.slice(0, 200)}...`;
}
