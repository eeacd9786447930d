import { deepStrictEqual } from "node:assert/strict";
import { untilMetricIssues } from "../../lib/session/until/metrics.ts";
import { makePlan } from "../../lib/plan/make_plan.ts";
import { readStudy } from "../../lib/study/read_study.ts";
import { formatIssue } from "../../lib/base/issue.ts";

/** What is said of the metrics of a study, on a machine with or without a meter. */
function said(until: string, { worker = "model: m", hasMeter = true } = {}): string[] {
  const text = `${worker}\nexecution: { until: { ${until} } }\n`;
  const { study } = readStudy({ file: "s.yaml", text }, []);
  const plan = study === null ? null : makePlan(study, { gaps: { experiment_s: 0, cycle_s: 0 } }).plan;
  if (study === null || plan === null) throw new Error(`No plan of ${text}`);
  const { issues, warnings } = untilMetricIssues(study, plan, () => hasMeter);
  return [...issues.map((issue) => `error ${formatIssue(issue)}`), ...warnings.map(formatIssue)];
}

const OWN = "model: m\nbackend: command\ncommand: { argv: [w] }";
const NOT_METERED = "s.yaml:2:23 execution.until.energy_j: needs an energy meter, and none is found here " +
  "(if no run has it, the study ends after 6 cycles; see llem doctor)";

Deno.test("a metric of until is one of llem's, or the worker's own; a slip is a mistake", () => {
  deepStrictEqual(said("ttft_p99_ms: 5%"), []);
  deepStrictEqual(said("score: 5%", { worker: OWN }), []);
  deepStrictEqual(said("score: 5%"), [
    "s.yaml:2:23 execution.until.score: is no metric of llem, so the worker must give it " +
    "(if no run does, the study ends after 6 cycles)",
  ]);
  for (const [worker, line] of [[OWN, 4], ["model: m", 2]] as const) {
    deepStrictEqual(said("output_token_per_s: 5%", { worker }), [
      `error s.yaml:${line}:23 execution.until.output_token_per_s: is no metric of llem (did you mean "output_tokens_per_s"?)`,
    ]);
  }
});

Deno.test("a metric of until that needs a meter is warned of where there is none", () => {
  deepStrictEqual(said("energy_j: 5%"), []);
  deepStrictEqual(said("energy_j: 5%", { hasMeter: false }), [NOT_METERED]);
  deepStrictEqual(said("energy_j: 5%", { worker: "model: m\nenergy: { backend: null }" }), [
    NOT_METERED.replace("2:23", "3:23"),
  ]);
  deepStrictEqual(said("ttft_ms: 5%", { hasMeter: false }), []);
});
