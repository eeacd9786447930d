import { cpuPerRun } from "./cpu_per_run.ts";
import type { Figure } from "./figure.ts";
import { noopStudy } from "./noop_study.ts";
import { medianSpacing } from "./median_spacing.ts";
import { slope } from "./slope.ts";
import { readRunEndsMs, startStudy } from "./study.ts";
import { type ProcessSample, watchProcess } from "./watch_process.ts";

/** In fewer the samples and the ticks of CPU time are too coarse. */
const LEAST_RUNS_FOR_CPU = 100;

/** Whether the program slows down or grows over a long study of a no-op worker. */
export async function measureLongStudy({ runs }: { readonly runs: number }): Promise<Figure[]> {
  const { pid, finished } = startStudy(noopStudy(runs));
  using watch = watchProcess(pid);
  const endsMs = readRunEndsMs(await finished);
  const sixth = Math.floor(endsMs.length / 6);
  const parts = { first: endsMs.slice(0, sixth + 1), last: endsMs.slice(-sixth - 1) };
  const [first, last] = [medianSpacing(parts.first), medianSpacing(parts.last)];
  const cpuOf = (ends: readonly number[]): number => cpuPerRun(ends, watch.samples, ({ cpuMs }) => cpuMs);
  const [firstCpu, lastCpu] = [cpuOf(parts.first), cpuOf(parts.last)];
  const cpu = { name: "drift_of_cpu_time", aim: null };
  const end = watch.samples.at(-1);
  return [
    {
      name: "drift_last_sixth_over_first_sixth",
      value: last / first,
      aim: "<= 1.1",
      remark: `${runs} no-op runs: ${first.toFixed(2)} ms a run, then ${last.toFixed(2)} ms`,
    },
    sixth < LEAST_RUNS_FOR_CPU
      ? { ...cpu, value: null, remark: `not run: needs ${6 * LEAST_RUNS_FOR_CPU} runs` }
      : {
        ...cpu,
        value: lastCpu / firstCpu,
        remark: `the same in CPU time: ${firstCpu.toFixed(2)} ms a run, then ${lastCpu.toFixed(2)} ms`,
      },
    ...leaks(endsMs, watch.samples),
    { name: "runner_rss_mb_end", value: end?.rssMb ?? null, aim: "<= 300", remark: `after ${runs} runs` },
    { name: "runner_rss_mb_peak", value: end?.peakRssMb ?? null, aim: null, remark: `over ${runs} runs` },
  ];
}

/** What grows from run to run in the second half, when everything is warm; each should be 0. */
function leaks(endsMs: readonly number[], samples: readonly ProcessSample[]): Figure[] {
  const half = endsMs.slice(endsMs.length >> 1);
  const [from = NaN, to = NaN] = [half[0], half.at(-1)];
  const perMs = half.length / (to - from);
  const seen = samples.filter(({ atMs }) => atMs >= from && atMs <= to);
  const growth = (pick: (sample: ProcessSample) => number): number =>
    slope(seen.map((sample) => ({ x: (sample.atMs - from) * perMs / 1000, y: pick(sample) })));
  const remark = `growth per 1,000 runs over the last ${half.length}, ${seen.length} looks`;
  return [
    { name: "rss_mb_per_1000_runs", value: growth(({ rssMb }) => rssMb), aim: "about 0", remark },
    {
      name: "descriptors_per_1000_runs",
      value: growth((sample) => sample.descriptors),
      aim: "about 0",
      remark,
    },
    { name: "children_per_1000_runs", value: growth((sample) => sample.children), aim: "about 0", remark },
    {
      name: "descriptors_most",
      value: Math.max(...seen.map((sample) => sample.descriptors)),
      aim: null,
      remark: "open at once in those runs",
    },
    {
      name: "children_most",
      value: Math.max(...seen.map((sample) => sample.children)),
      aim: null,
      remark: "at once in those runs: the guard and a worker, and one that is to be collected",
    },
  ];
}
