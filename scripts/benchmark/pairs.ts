/**
 * Compares two programs in interleaved pairs, so that both see the same machine: what a run costs, a start, a large plan.
 *
 *     deno run -A scripts/benchmark/pairs.ts OLD NEW
 */
import { spread } from "../../lib/statistics/spread.ts";
import { assignmentLike } from "./assignment_like.ts";
import { timeBareSpawn } from "./bare_spawn.ts";
import { type Figure, figureLine, figuresJson } from "./figure.ts";
import { measureLoad } from "./load.ts";
import { median } from "./median.ts";
import { NOOP_WORKER, noopStudy } from "./noop_study.ts";
import { meanSpacing } from "./overhead.ts";
import { writeLargePlan } from "./planning.ts";
import { timeCommand } from "./run_command.ts";
import { readFirstResult, readRunEndsMs, startStudy } from "./study.ts";

const PAIRS = 5;
const RUNS = 200;
const STARTS = 20;

/** One figure of both programs, by the same measurement. */
type Measure = (program: string) => Promise<number>;

/** A figure in every pair. */
interface Pair {
  readonly old: number;
  readonly new: number;
}

/** Milliseconds that a no-op run costs beyond a bare spawn of its worker. */
async function overheadMs(program: string): Promise<number> {
  const studyDir = await startStudy(noopStudy(RUNS), { program }).finished;
  const line = assignmentLike(readFirstResult(studyDir), studyDir);
  const bareMs: number[] = [];
  for (let spawn = 0; spawn < RUNS / 4; spawn++) bareMs.push(await timeBareSpawn(NOOP_WORKER, line));
  return meanSpacing(readRunEndsMs(studyDir)) - median(bareMs);
}

async function versionMs(program: string): Promise<number> {
  const timesMs: number[] = [];
  for (let start = 0; start < STARTS; start++) timesMs.push(await timeCommand(program, ["--version"]));
  return median(timesMs);
}

/** The ratio new over old with its 95 % interval, from the logarithms of the pairs' ratios. */
export function ratioFigure(name: string, pairs: readonly Pair[]): Figure {
  const logs = spread(pairs.map((pair) => Math.log(pair.new / pair.old)));
  const half = logs?.ci95 ?? NaN;
  const center = logs?.mean ?? NaN;
  const [low, high] = [Math.exp(center - half), Math.exp(center + half)];
  const [before, after] = [median(pairs.map((pair) => pair.old)), median(pairs.map((pair) => pair.new))];
  return {
    name,
    value: Math.exp(center),
    aim: "<= 1.03 or in interval",
    remark:
      `${low.toFixed(3)} to ${high.toFixed(3)} (95 %), ${pairs.length} pairs; medians ${
        before.toFixed(2)
      } ms, ` +
      `${after.toFixed(2)} ms`,
  };
}

async function comparePairs(
  name: string,
  measure: Measure,
  programs: readonly [string, string],
): Promise<Figure> {
  const [old, next] = programs;
  const pairs: Pair[] = [];
  for (let pair = 0; pair < PAIRS; pair++) pairs.push({ old: await measure(old), new: await measure(next) });
  return ratioFigure(name, pairs);
}

if (import.meta.main) {
  const [old, next] = Deno.args;
  if (old === undefined || next === undefined) throw new Error("usage: pairs.ts OLD NEW");
  const plan = writeLargePlan();
  const measures: readonly (readonly [name: string, measure: Measure])[] = [
    ["overhead_ratio", overheadMs],
    ["version_ratio", versionMs],
    ["plan_100k_ratio", (program) => timeCommand(program, ["plan", plan, "--json"])],
  ];
  const figures: Figure[] = measureLoad("before");
  for (const program of [old, next]) await timeCommand(program, ["--version"]); // reads the files into memory
  for (const [name, measure] of measures) figures.push(await comparePairs(name, measure, [old, next]));
  figures.push(...measureLoad("after"));
  for (const figure of figures) console.log(figureLine(figure));
  console.log(figuresJson(figures));
}
