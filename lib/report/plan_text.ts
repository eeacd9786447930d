import { formatDuration } from "../base/duration.ts";
import { formatIssue, type Issue } from "../base/issue.ts";
import type { Plan } from "../plan/plan.ts";
import { runLimitSeconds } from "../plan/run_limit.ts";
import { cell, distinctConfigs, flatten, variedPaths } from "../results/varied.ts";
import { textTable } from "./table.ts";
import { clip, plural, printable } from "./text.ts";

const MOST_ROWS = 200;

/** The plan for people: the count first, then what varies, then what is left out. */
export function planText(plan: Plan): string {
  const { runs, skipped } = plan;
  const hours = formatDuration(
    runs.reduce((sum, run) => sum + runLimitSeconds(run.config, plan.execution), 0),
  );
  const gaps = runs.reduce((sum, run) => sum + gapSeconds(plan, run.gap_before), 0);
  const count = `${plural(plan.n_experiments, "experiment")} x ${plural(plan.n_cycles, "cycle")} = ${
    plural(runs.length, "run")
  }`;
  const gapText = gaps > 0 ? `, gaps ${formatDuration(gaps)}` : ", no gaps";
  const order = `order ${plan.cycle_order}${plan.seed === null ? "" : ` (seed ${plan.seed})`}`;
  const head =
    `${count}, at most ${hours} by their time limits${gapText}; ${order}; design ${plan.study_design_hash}\n`;
  return `${head}\n${runTable(plan)}${skippedText(skipped)}`;
}

function runTable({ runs }: Plan): string {
  const paths = variedPaths(distinctConfigs(runs));
  const shown = runs.slice(0, MOST_ROWS);
  const rows = shown.map((run) => {
    const flat = flatten(run.config);
    const values = paths.map((path) => printable(clip(cell(flat.get(path)), 40)));
    return [String(run.index), String(run.cycle), run.config.backend, printable(run.config.model), ...values];
  });
  const columns = paths.filter((path) => path !== "backend" && path !== "model");
  const kept = rows.map((
    row,
  ) => [...row.slice(0, 4), ...row.slice(4).filter((_, at) => columns.includes(paths[at] ?? ""))]);
  const more = runs.length > shown.length
    ? `... and ${plural(runs.length - shown.length, "more run")}\n`
    : "";
  return textTable(["run", "cycle", "backend", "model", ...columns], kept) + more;
}

function skippedText(skipped: Plan["skipped"]): string {
  if (skipped.length === 0) return "";
  const lines = skipped.slice(0, MOST_ROWS).map(({ label, reason }) =>
    `  ${printable(label)}: ${printable(reason)}\n`
  );
  return `\n${plural(skipped.length, "point")} skipped:\n${lines.join("")}`;
}

function gapSeconds(plan: Plan, gap: "experiment" | "cycle" | null): number {
  if (gap === null) return 0;
  return gap === "cycle" ? plan.gaps.cycle_s : plan.gaps.experiment_s;
}

/** `plan --json`: one document; the field names are contract (DESIGN, Records). */
export function planRecord(plan: Plan, warnings: readonly Issue[]): Record<string, unknown> {
  const { name, study_design_hash, n_experiments, n_cycles, runs, cycle_order, seed, gaps, skipped } = plan;
  return {
    study: { name, study_design_hash, n_experiments, n_cycles, n_runs: runs.length, cycle_order, seed, gaps },
    runs: runs.map(({ index, config_hash, cycle, config, gap_before }) => ({
      index,
      config_hash,
      cycle,
      backend: config.backend,
      model: config.model,
      gap_before,
      config,
    })),
    skipped,
    warnings: warnings.map(formatIssue),
  };
}
