import type { ProcessSample } from "./watch_process.ts";

/** CPU time in ms for each run but the first, whose end only opens the window. `pick` says whose. */
export function cpuPerRun(
  endsMs: readonly number[],
  samples: readonly ProcessSample[],
  pick: (sample: ProcessSample) => number,
): number {
  return cpuBetween(endsMs[0] ?? NaN, endsMs.at(-1) ?? NaN, samples, pick) / (endsMs.length - 1);
}

/** CPU time in ms between two moments. `pick` says whose. */
export function cpuBetween(
  fromMs: number,
  toMs: number,
  samples: readonly ProcessSample[],
  pick: (sample: ProcessSample) => number,
): number {
  return cpuMsAt(samples, toMs, pick) - cpuMsAt(samples, fromMs, pick);
}

/** Between two samples the CPU time is taken to grow evenly. */
function cpuMsAt(
  samples: readonly ProcessSample[],
  atMs: number,
  pick: (sample: ProcessSample) => number,
): number {
  const next = samples.findIndex((sample) => sample.atMs >= atMs);
  const after = samples.at(next);
  const before = samples[next === -1 ? samples.length - 1 : Math.max(0, next - 1)];
  if (after === undefined || before === undefined) return NaN;
  const share = after.atMs === before.atMs ? 0 : (atMs - before.atMs) / (after.atMs - before.atMs);
  return pick(before) + share * (pick(after) - pick(before));
}
