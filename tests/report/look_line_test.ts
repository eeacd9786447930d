import { deepStrictEqual } from "node:assert/strict";
import { lookLine } from "../../lib/report/until/look_line.ts";
import type { Look, LookMetric } from "../../lib/statistics/look.ts";

const METRIC: LookMetric = {
  metric: "score",
  target: 0.02,
  met: 1,
  of: 2,
  widest: [{ config_hash: "b", n: 20, width: 0.031 }],
};
const LOOK: Look = { cycle: 20, decision: "continue", metrics: [METRIC], left_out: [], n_left_out: 0 };
const of = (look: Partial<Look>): string =>
  lookLine({ ...LOOK, ...look }, { varied: { a: { "params.x": 1 }, b: { "params.x": 2 } }, most: 30 });

Deno.test("lookLine() says how far a study is, what is known at its end, and what is missing", () => {
  const met = (width: number): LookMetric => ({
    ...METRIC,
    met: 2,
    widest: [{ config_hash: "a", n: 20, width }],
  });
  deepStrictEqual([
    of({}),
    // What is claimed is not below the target, nor below what one experiment has.
    of({ decision: "met", metrics: [met(0.012)] }),
    of({ decision: "max_cycles" }),
    of({ decision: "max_cycles", metrics: [{ ...met(0.012), met: 1 }] }),
    of({
      decision: "time_budget",
      cycle: 12,
      metrics: [met(0.012), { ...METRIC, metric: "other", target: 0.03 }],
    }),
    of({
      decision: "max_cycles",
      cycle: 13,
      metrics: [{ ...METRIC, target: 0.03, widest: [{ config_hash: "b", n: 13, width: 0.031 }] }],
    }),
    of({
      decision: "none_left",
      metrics: [{ ...METRIC, of: 0, met: 0, widest: [] }],
      left_out: [{ config_hash: "a", metric: "score", reason: "no_value" }],
      n_left_out: 2,
    }),
  ], [
    "20 cycles of up to 30: score within +-2 % at two looks for 1 of 2 experiments; widest +-3.1 % (x=2)",
    "score known to +-2 % after 20 cycles",
    "not reached after 20 cycles: score of x=2 is known to +-3.1 %, not +-2 %, about 25 more cycles would do",
    "not reached after 20 cycles: score of x=1 is within +-2 % at one look and needs two, one more cycle may do",
    "not reached after 12 cycles (execution.time_budget_seconds): other of x=2 is known to +-3.1 %, not +-3 %, " +
    "about 2 more cycles would do",
    "not reached after 13 cycles: score of x=2 is known to +-3.1 %, not +-3 %, one more cycle may do",
    "the study ends after 20 cycles: no experiment is left whose interval could be looked at; not looked at: x=1 " +
    "for score (fewer than half of its runs gave it), and 1 other",
  ]);
});
