/**
 * lib/plan owns the decisions between a checked study and its runs: expansion, rules, identity, order, gaps, limits.
 * It is pure: it starts nothing, reads no file and no clock.
 */
import type { Study } from "../study/study.ts";
import type { PlanFacts, Planning } from "./plan.ts";

/** Expands a study into its ordered runs. Never throws; all mistakes come at once. */
export function makePlan(study: Study, facts: PlanFacts): Planning {
  void study;
  void facts;
  return { plan: null, issues: [], warnings: [] };
}
