import { deepStrictEqual } from "node:assert/strict";
import { type AuditedRun, judgeAudit } from "../../lib/results/audit.ts";

/** Six pairs of equal runs, those beside others with so much of their window beside them. */
function runs(beside_share: number): AuditedRun[] {
  return Array.from({ length: 6 }, (_, place) =>
    (["alone", "beside"] as const).map((arm): AuditedRun => ({
      run_id: `p${place + 1}_${arm}`,
      config_hash: "a",
      pair: place + 1,
      arm,
      devices: ["b0"],
      kind: "completed",
      result_file: "",
      values: { output_tokens_per_s: 100 + 0.01 * place },
      beside_share: arm === "alone" ? null : beside_share,
    }))).flat();
}

Deno.test("judgeAudit() takes for beside others only what had them beside it", () => {
  const settings = { tolerance: 0.01, pairs: 6 };
  const judged = [1, 0.8, 0.3].map((share) => judgeAudit(runs(share), settings));
  deepStrictEqual(judged.map(({ answer }) => answer), [
    "within_tolerance",
    "within_tolerance",
    "not_resolvable",
  ]);
  deepStrictEqual(judged.map(({ numbers }) => numbers[0]?.n), [6, 6, 0]);
});
