/**
 * scripts/benchmark/ owns the figures that scripts/bench prints: what the program costs beside the least that could do
 * the same, measured in turns so that both see the same machine. It judges nothing: the aim stands beside each figure.
 */
import { type Figure, figureLine, figuresJson } from "./figure.ts";
import { measureGeneration } from "./generation.ts";
import { measureLoad } from "./load.ts";
import { measureLongStudy } from "./long_study.ts";
import { measureOverhead } from "./overhead.ts";
import { measurePlanning } from "./planning.ts";
import { measureStart } from "./start.ts";
import { measureWorkerStart } from "./worker_start.ts";

/** Below so many runs the caller wants to see that it works, or a rough figure soon. */
const QUICK_BELOW_RUNS = 600;

if (import.meta.main) {
  const runs = Number(Deno.args[0]);
  const quick = runs < QUICK_BELOW_RUNS;
  const parts: readonly (() => readonly Figure[] | Promise<readonly Figure[]>)[] = [
    () => measureLoad("before"),
    () => measureStart({ rounds: quick ? 20 : 30 }),
    () => measurePlanning({ rounds: quick ? 1 : 3 }),
    () => measureOverhead({ rounds: quick ? 3 : 10, runsPerRound: quick ? 20 : 40 }),
    () => measureWorkerStart({ runs: quick ? 5 : 15 }),
    () => measureGeneration({ rounds: quick ? 3 : 12, inputTokens: 16, outputTokens: quick ? 32 : 48 }),
    () => measureLongStudy({ runs }),
    () => measureLoad("after"),
  ];
  const figures: Figure[] = [];
  for (const part of parts) {
    const found = await part();
    for (const figure of found) console.log(figureLine(figure));
    figures.push(...found);
  }
  console.log(figuresJson(figures));
}
