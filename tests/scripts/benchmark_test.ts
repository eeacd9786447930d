import assert from "node:assert/strict";
import { spanOf } from "../../scripts/benchmark/claims.ts";
import { cpuPerRun } from "../../scripts/benchmark/cpu_per_run.ts";
import { ratioFigure } from "../../scripts/benchmark/pairs.ts";
import { type Seen, ttftErrors } from "../../scripts/benchmark/serving/truth.ts";
import { sumSyncs } from "../../scripts/benchmark/trace_syncs.ts";
import type { TruthRecord } from "../../lib/servers/mock/truth.ts";
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

Deno.test("spanOf() tells what agents read for a claim and how many they make a second, between two counts of runs done", () => {
  const looks = [[0, 90, 500], [500, 110, 1000], [1000, 160, 2000], [1500, 210, 4000], [9000, 900, 0]]
    .map(([atMs = 0, done = 0, bytes = 0]) => ({ atMs, done, bytes }));
  assert.deepEqual(spanOf(looks, 100, 100), { claimsPerS: 100, bytesPerClaim: 30 });
  assert.throws(() => spanOf(looks, 900, 100), /1000 runs were not seen done/);
});

Deno.test("ratioFigure() tells the ratio of pairs with its interval", () => {
  const same = ratioFigure("x", [1, 2, 4].map((old) => ({ old, new: 1.1 * old })));
  assert.equal(same.value?.toFixed(6), "1.100000");
  assert.match(same.remark, /^1\.100 to 1\.100 \(95 %\), 3 pairs; medians 2\.00 ms, 2\.20 ms$/);
  const { value, remark } = ratioFigure("x", [0.9, 1, 1.1].map((ratio) => ({ old: 10, new: 10 * ratio })));
  const [low = NaN, high = NaN] = remark.match(/[\d.]+/g)?.map(Number) ?? [];
  assert.ok(value !== null && low < 0.9 && high > 1.1 && Math.abs(low * high - value ** 2) < 1e-3, remark);
});

Deno.test("ttftErrors() pairs requests with the server's truth by their lengths, and leaves out what has no pair", () => {
  const came = (input_tokens: number, arrived: number, written: number | null): TruthRecord => ({
    id: null,
    connection: 0,
    status: 200,
    end: "whole",
    arrived_ns: BigInt(arrived),
    started_ns: null,
    headers_ns: null,
    first_write_ns: written === null ? null : BigInt(written),
    last_write_ns: null,
    ended_ns: 0n,
    input_tokens,
    cached_tokens: 0,
    output_tokens: 4,
    chunks: 4,
    late_ms: 0,
    queued_writes: 0,
  });
  const sent = (input_tokens: number, ttft_ms: number | null, stampNs: number | null): Seen => ({
    input_tokens,
    output_tokens: 4,
    ttft_ms,
    t_first_token_ns: stampNs === null ? null : BigInt(stampNs),
  });
  const { reported, stamped } = ttftErrors(
    [
      sent(8, 3, null),
      sent(9, 7, 7_500_000),
      sent(8, 5, null),
      sent(10, null, null),
      sent(11, 1, 1),
      sent(12, 1, null),
    ],
    [
      came(8, 0, 2e6),
      came(8, 1e6, 5e6),
      came(9, 1e6, 7e6),
      came(10, 0, null),
      came(12, 0, 1),
      came(12, 0, 1),
    ],
  );
  // 3 ms said for 2, 5 said for 4, 7 said for 6, and one stamp half a millisecond after the write.
  assert.deepEqual(reported, [1, 1, 1]);
  assert.deepEqual(stamped, [0.5]);
});
