import { resolve } from "node:path";
import { earlierSpread } from "../../archive/earlier_spread.ts";
import { earlierTimes } from "../../archive/earlier_times.ts";
import type { Issue } from "../../base/issue.ts";
import { adviseRepeats } from "../../plan/advice.ts";
import type { Plan } from "../../plan/plan.ts";
import { explanationRecord, explanationText } from "../../report/explanation_text.ts";
import { planJson, planText } from "../../report/plan_text.ts";
import { jsonText } from "../../base/text.ts";
import { explainKey } from "../../study/explain_key.ts";
import type { Command } from "../arguments.ts";
import { EXIT } from "../../base/refusal.ts";
import { printIssues, printReading, printWarnings } from "../terminal/print_issues.ts";
import { foresee } from "../../session/foresee.ts";
import { idlePowerSeconds } from "../../session/idle_power_time.ts";
import type { DemandPlace } from "../../session/parallel/demands.ts";
import { parallelOutlook } from "../../session/parallel/outlook.ts";
import type { CheckedReading } from "../../session/open_session.ts";
import { type PlanReading, readPlan } from "../../session/read_plan.ts";
import type { Streams } from "../terminal/streams.ts";

/** `llem plan`: expands and checks a study; touches nothing. */
export async function planCommand(command: Command & { kind: "plan" }, streams: Streams): Promise<number> {
  const reading = readPlan(command);
  const plan = printReading(reading, streams, command);
  if (plan === null) return EXIT.usage;
  if (command.explain !== null) return explain(command.explain, reading, command, streams);
  return await showPlan({ ...reading, plan }, command, streams);
}

/** Prints a plan after what this machine would refuse of it; exit 3 where `check` asks for that. */
export async function showPlan(
  reading: CheckedReading,
  { file, output, check, json }: {
    readonly file: string | null;
    readonly output: string | null;
    readonly check: boolean;
    readonly json: boolean;
  },
  streams: Streams,
): Promise<number> {
  const { warnings, refused } = await foresee(reading, { file, output, thorough: check });
  printWarnings(warnings, streams);
  // Where both go to one pipe, warnings come first.
  await streams.err.flush();
  const exitCode = await printPlan(reading.plan, [...reading.warnings, ...warnings], {
    json,
    results: output ?? reading.results_dir,
    place: { env: Deno.env.toObject(), base_dir: reading.base_dir },
    idle_s: idlePowerSeconds(reading.plan, { env: Deno.env.toObject(), base_dir: reading.base_dir }),
  }, streams);
  return check && refused ? EXIT.preflight : exitCode;
}

/** Prints where the values of a configuration path come from. */
function explain(
  key: string,
  { plan, study, layers }: PlanReading,
  { json }: { readonly json: boolean },
  streams: Streams,
): number {
  if (plan === null || study === null) throw new Error("Cannot explain a study that does not check");
  const { gaps: { experiment_s, cycle_s }, seed, execution } = plan;
  const settled = {
    ...execution,
    experiment_gap_seconds: experiment_s,
    cycle_gap_seconds: cycle_s,
    shuffle_seed: seed,
  };
  const explanations = explainKey(key, { layers, study, execution: settled });
  if ("message" in explanations) {
    printIssues([explanations], streams, { json });
    return EXIT.usage;
  }
  const text = json ? `${jsonText(explanationRecord(key, explanations))}\n` : explanationText(explanations);
  streams.out.write(text);
  return EXIT.ok;
}

/**
 * Prints a plan: for people, or as one JSON document. Its pieces wait for the reader, so that they do not pile up. The
 * estimate comes from studies in the folder `results`.
 */
async function printPlan(
  plan: Plan,
  warnings: readonly Issue[],
  { json, results, idle_s, place }: {
    readonly json: boolean;
    readonly results: string;
    readonly place: DemandPlace;
    /** How long idle power is metered before and after the runs. */
    readonly idle_s: number;
  },
  streams: Streams,
): Promise<number> {
  const hashes = new Set(plan.runs.map(({ config_hash }) => config_hash));
  const earlier = earlierTimes(resolve(results), hashes);
  const advice = adviseRepeats(plan, earlierSpread(resolve(results), hashes));
  const outlook = parallelOutlook(plan, place, earlier);
  if (json) {
    for (const piece of planJson(plan, warnings, earlier, idle_s, advice, outlook)) {
      streams.out.write(piece);
      await streams.out.flush();
    }
    streams.out.write("\n");
  } else streams.out.write(planText(plan, earlier, idle_s, advice, outlook));
  return EXIT.ok;
}
