/**
 * scripts/benchmark/ owns the figures that scripts/bench prints: what the program costs beside the least that could do
 * the same, measured in turns so that both see the same machine. It judges nothing: the aim stands beside each figure.
 */
import { measureClaims } from "./claims.ts";
import { measureCrowd } from "./crowd.ts";
import { type Figure, figureLine, figuresJson } from "./figure.ts";
import { measureFrames } from "./frames.ts";
import { measureGeneration } from "./generation.ts";
import { measureKillLateness } from "./kill_lateness.ts";
import { measureLoad } from "./load.ts";
import { measureLongStudy } from "./long_study.ts";
import { measureMeter } from "./metering.ts";
import { measureOverhead } from "./overhead.ts";
import { measureOverheadSplit } from "./overhead_split.ts";
import { measurePlanning } from "./planning.ts";
import { measurePoolDecisions } from "./pool_decisions.ts";
import { measurePoolSlots } from "./pool_slots.ts";
import { measurePytorch } from "./pytorch.ts";
import { measureRunnerDeath } from "./runner_death.ts";
import { measureServing } from "./serving.ts";
import { measureStart } from "./start.ts";
import { measureVllm } from "./vllm.ts";
import { measureWorkerStart } from "./worker_start.ts";

/** Below so many runs the caller wants to see that it works, or a rough figure soon. */
const QUICK_BELOW_RUNS = 600;

type Part = () => readonly Figure[] | Promise<readonly Figure[]>;

/** What can be measured, by the name that scripts/bench takes; in this order. */
function makeParts(runs: number): Readonly<Record<string, Part>> {
  const quick = runs < QUICK_BELOW_RUNS;
  return {
    start: () => measureStart({ rounds: quick ? 20 : 30 }),
    planning: () => measurePlanning({ rounds: quick ? 1 : 3 }),
    decisions: () => measurePoolDecisions(),
    pool: () => measurePoolSlots(),
    claims: () =>
      measureClaims(quick ? { early: 100, late: 500, over: 200 } : { early: 100, late: 2000, over: 400 }),
    overhead: async () => [
      ...await measureOverhead({ rounds: quick ? 3 : 10, runsPerRound: quick ? 20 : 40 }),
      ...await measureOverheadSplit({ runs: quick ? 100 : 600 }),
    ],
    crowd: () => measureCrowd({ rounds: quick ? 1 : 6, runsPerRound: quick ? 21 : 101 }),
    limits: () => measureKillLateness({ idleRuns: quick ? 20 : 100, busyRuns: quick ? 10 : 60 }),
    death: () => measureRunnerDeath({ rounds: quick ? 5 : 40 }),
    meter: () =>
      measureMeter({ seconds: quick ? 20 : 60, rounds: quick ? 3 : 10, runsPerRound: quick ? 20 : 40 }),
    frames: () => measureFrames({ megabytes: quick ? 32 : 256 }),
    worker: () => measureWorkerStart({ runs: quick ? 5 : 15 }),
    generation: () =>
      measureGeneration({ rounds: quick ? 3 : 12, inputTokens: 16, outputTokens: quick ? 32 : 48 }),
    pytorch: () =>
      measurePytorch({
        rounds: quick ? 6 : 30,
        starts: quick ? 2 : 5,
        inputTokens: 16,
        outputTokens: 16,
      }),
    vllm: () =>
      measureVllm({
        pairs: quick ? 3 : 6,
        rounds: quick ? 4 : 8,
        starts: quick ? 1 : 3,
        inputTokens: 32,
        outputTokens: 32,
      }),
    serving: () => measureServing({ rounds: quick ? 1 : 3, seconds: quick ? 4 : 5 }),
    long: () => measureLongStudy({ runs }),
  };
}

if (import.meta.main) {
  const [runs, ...names] = Deno.args;
  const all = makeParts(Number(runs));
  const chosen = names.length > 0 ? names : Object.keys(all);
  const parts = chosen.map((name) => all[name]).filter((part) => part !== undefined);
  if (parts.length < chosen.length) {
    console.error(`scripts/bench: there are only these parts: ${Object.keys(all).join(", ")}`);
    Deno.exit(2);
  }
  const figures: Figure[] = [];
  for (const part of [() => measureLoad("before"), ...parts, () => measureLoad("after")]) {
    const found = await part();
    for (const figure of found) console.log(figureLine(figure));
    figures.push(...found);
  }
  console.log(figuresJson(figures));
}
