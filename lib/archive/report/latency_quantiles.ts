import { isFile } from "../../base/files.ts";
import { quantileOfSorted } from "../../base/quantile.ts";
import { MAX_SAMPLES } from "../../protocol/bounds.ts";
import { readRequests } from "../../results/read_requests.ts";
import type { Latency } from "../../results/run_numbers.ts";
import type { Samples } from "../../results/samples.ts";
import { LATENCY_TIMES, type LatencyTime, type Quantiles } from "./run_details.ts";

type RunLatency = Readonly<Partial<Record<LatencyTime, Quantiles>>>;

/** Longer files of requests take longer to read than anybody waits for a page. */
const MOST_BYTES_A_RUN = 32 * 1024 * 1024;

/** Denser where people look: at the tail. */
const SHARES: readonly number[] = [
  ...Array.from({ length: 33 }, (_, step) => step / 40),
  ...Array.from({ length: 14 }, (_, step) => 0.82 + step / 100),
  ...[0.96, 0.97, 0.975, 0.98, 0.985, 0.99, 0.9925, 0.995, 0.9975, 0.999, 1],
];

/** How many bytes of requests a page may still read. */
export interface ByteBudget {
  left: number;
}

/**
 * The distributions of a run's latencies from its requests.jsonl, as its record counts them: of those that succeeded. Where that
 * file is missing, damaged or too long, or the budget is spent, from the percentiles of the record.
 */
export function readLatency(path: string, latency: Latency | null, budget: ByteBudget): RunLatency {
  if (latency === null) return {};
  return fromRequests(path, budget) ?? fromRecord(latency);
}

function fromRequests(path: string, budget: ByteBudget): RunLatency | null {
  if (!isFile(path)) return null;
  try {
    const { size } = Deno.statSync(path);
    if (size > MOST_BYTES_A_RUN || size > budget.left) return null;
    budget.left -= size;
    const samples = readRequests(path, null)?.samples;
    return samples === undefined ? null : quantilesOf(samples);
  } catch {
    return null;
  }
}

/** Null where there were so many that a random part of them was kept: the same study gives the same page. */
function quantilesOf(samples: Readonly<Record<LatencyTime, Samples>>): RunLatency | null {
  const found: Partial<Record<LatencyTime, Quantiles>> = {};
  for (const time of LATENCY_TIMES) {
    const { n, values } = samples[time];
    if (n > MAX_SAMPLES) return null;
    if (n === 0) continue;
    const sorted = values.toSorted();
    const shares = n < SHARES.length ? [...sorted.keys()].map((at) => n === 1 ? 1 : at / (n - 1)) : SHARES;
    found[time] = {
      n,
      shares,
      values: shares.map((share) => quantileOfSorted(sorted, share)),
      source: "requests",
    };
  }
  return found;
}

function fromRecord(latency: Latency): RunLatency {
  return Object.fromEntries(LATENCY_TIMES.flatMap((time): [LatencyTime, Quantiles][] => {
    const told = latency[time];
    if (told === null || told === undefined) return [];
    const { min, median, p90, p95, p99, max, n } = told;
    const points = [[0, min], [0.5, median], [0.9, p90], [0.95, p95], [0.99, p99], [1, max]] as const;
    const known = points.filter((point) => typeof point[1] === "number");
    const [shares, values] = [known.map(([share]) => share), known.map(([, value]) => value)];
    return [[time, { n, shares, values, source: "record" }]];
  }));
}
