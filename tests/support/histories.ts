/** A history as `llem history` computes it, of studies that are made up: for what shows it. */
import type { History } from "../../lib/results/history/history.ts";
import { metricHistory } from "../../lib/results/history/metric_history.ts";

/** J/token of each study, of which the newest two are an alarm. */
export const NIGHTS = [
  0.2310,
  0.2321,
  0.2298,
  0.2335,
  0.2316,
  0.2307,
  0.2329,
  0.2312,
  0.2300,
  0.2450,
  0.2460,
];
/** Would be something else in a page that takes it for markup. */
export const HOSTILE_NAME = `</title></script><script>alert(1)</script>'"&amp;<img src=x onerror=alert(2)>`;

/** One configuration over as many studies; the last one before the alarm changed its driver. */
export function historyOf(model = "org/model", better: "less" | "more" | null = "less"): History {
  const studies = NIGHTS.map((value, index) => ({
    study_dir: `results/${model}_${index}`,
    started_at: `2026-01-${String(index + 1).padStart(2, "0")}T02:00:00.000Z`,
    llem_version: "0.1.0",
    runs: [0.999, 1, 1.001].map((factor) => ({ j_per_output_token: value * factor })),
    circumstances: { driver: index < 9 ? "550" : "560" },
  }));
  return {
    schema: "llem.history/1",
    llem_version: "0.1.0",
    root: `results/${model}`,
    studies: NIGHTS.length + 1,
    damaged: [{ study_dir: "results/cut", problem: `The plan of ${model} is cut off.` }],
    truncated: false,
    confidence: 0.95,
    configurations: [{
      config_hash: "0123456789abcdef",
      config_hashes: ["0123456789abcdef"],
      join_hash: null,
      backend: "pytorch",
      model,
      varied: { "pytorch.batch_size": 8 },
      machine: "NVIDIA H200, AMD EPYC",
      skipped: { other_machine: 2, other_content: 0, no_runs: 0, older: 0, missing_results: 0 },
      metrics: [metricHistory(studies, { name: "j_per_output_token", better })],
    }],
    others: 0,
  };
}
