import assert from "node:assert/strict";
import { cpuPerRun } from "../../scripts/benchmark/cpu_per_run.ts";
import { ratioFigure } from "../../scripts/benchmark/pairs.ts";
import { sumSyncs } from "../../scripts/benchmark/trace_syncs.ts";
import type { ProcessSample } from "../../scripts/benchmark/watch_process.ts";

Deno.test("sumSyncs() counts each call once, also where another thread's came between", () => {
  const trace = `15162 fsync(19)                        = 0 <0.000860>
15162 fdatasync(16 <unfinished ...>
15170 fsync(20)                        = 0 <0.001000>
15162 <... fdatasync resumed>)         = 0 <0.000140>
15162 fsync(19)                        = -1 EINVAL (Invalid argument) <0.000100>
15171 +++ exited with 0 +++
`;
  const { count, waitMs } = sumSyncs(trace);
  assert.deepEqual([count, waitMs.toFixed(3)], [3, "2.000"]);
});

Deno.test("cpuPerRun() is the CPU time between the ends of runs, read between the samples", () => {
  const sample = (atMs: number, cpuMs: number): ProcessSample => ({
    atMs,
    cpuMs,
    ownCpuMs: cpuMs / 2,
    rssMb: 1,
    peakRssMb: 1,
    descriptors: 1,
    children: 0,
  });
  const samples = [sample(0, 0), sample(100, 40), sample(200, 120)];
  assert.equal(cpuPerRun([50, 120, 150], samples, ({ cpuMs }) => cpuMs), (80 - 20) / 2);
  assert.equal(cpuPerRun([50, 120, 150], samples, ({ ownCpuMs }) => ownCpuMs), (40 - 10) / 2);
});

Deno.test("ratioFigure() tells the ratio of pairs with its interval", () => {
  const same = ratioFigure("x", [1, 2, 4].map((old) => ({ old, new: 1.1 * old })));
  assert.equal(same.value?.toFixed(6), "1.100000");
  assert.match(same.remark, /^1\.100 to 1\.100 \(95 %\), 3 pairs; medians 2\.00 ms, 2\.20 ms$/);
  const { value, remark } = ratioFigure("x", [0.9, 1, 1.1].map((ratio) => ({ old: 10, new: 10 * ratio })));
  const [low = NaN, high = NaN] = remark.match(/[\d.]+/g)?.map(Number) ?? [];
  assert.ok(value !== null && low < 0.9 && high > 1.1 && Math.abs(low * high - value ** 2) < 1e-3, remark);
});
