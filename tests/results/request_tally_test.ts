/** What a run's requests come to: failures by kind, the window's population, rates over the window's tokens, the verdict. */
import assert from "node:assert/strict";
import type { RequestFrame } from "../../lib/protocol/frame.ts";
import { NO_ITL } from "../../lib/protocol/messages.ts";
import { headline } from "../../lib/results/headline.ts";
import { readRequests } from "../../lib/results/read_requests.ts";
import { reanalysed } from "../../lib/results/reanalysed.ts";
import type { ResultRecord } from "../../lib/results/record.ts";
import { RequestTally } from "../../lib/results/request_tally.ts";
import type { Slo } from "../../lib/study/slo_schema.ts";
import { measurementOf, recordOf } from "../support/records.ts";
import { TempFolder } from "../support/temp_folder.ts";

const SLO: Slo = { ttft_ms: 50, tpot_ms: null, itl_ms: null, e2e_ms: null, share: 0.5 };

function frame(index: number, fields: Partial<RequestFrame> = {}): RequestFrame {
  return {
    type: "request",
    index,
    input_tokens: 10,
    output_tokens: 4,
    t_start_ns: null,
    ttft_ms: 20,
    e2e_ms: 50,
    itl_ms: [10, 10, 10],
    error: null,
    ...fields,
  };
}

const failed = (index: number, error: string): RequestFrame =>
  frame(index, { error, output_tokens: 1, ttft_ms: null, e2e_ms: null, itl_ms: [] });

const REQUESTS: readonly RequestFrame[] = [
  frame(0, { ttft_ms: 10, ttft_sched_ms: 15, tpot_ms: 2, chunk_gap_ms: [7], ttfo_ms: 30 }),
  frame(1, { ttft_ms: 30, ttft_sched_ms: 30, tpot_ms: null, chunk_gap_ms: [8, 9] }),
  frame(2, { ttft_ms: 90, e2e_ms: 120 }),
  failed(3, "timeout"),
  failed(4, "timeout"),
  failed(5, "http_429"),
  frame(6, { in_window: false, ttft_ms: 9999 }),
  { ...failed(7, "truncated"), in_window: false },
];

function tallyOf(frames: readonly RequestFrame[], slo: Slo | null = SLO): RequestTally {
  const tally = new RequestTally(slo);
  for (const each of frames) tally.add(each);
  return tally;
}

function recordFrom(
  { samples, counts, slo, totals, itlUntold: itl_untold }: RequestTally,
  window?: object,
): ResultRecord {
  return recordOf({
    samples,
    requests: counts,
    slo,
    itl_untold,
    measurement: measurementOf({ ...totals, ...window === undefined ? {} : { window } }),
    phases: [{ name: "measure", begin_ns: 0n, end_ns: 2_000_000_000n }],
  });
}

Deno.test("failed requests are counted by kind, and latencies are of those that succeeded in the window", () => {
  const record = recordFrom(tallyOf(REQUESTS));
  const { percentiles, ...counts } = record.requests ?? { percentiles: {} };
  assert.deepEqual(counts, {
    total: 8,
    failed: 4,
    failed_by: { timeout: 2, http_429: 1, truncated: 1 },
    failed_output_tokens: 4,
    in_window: { succeeded: 3, failed: 3 },
  });
  const { latency } = record;
  assert.deepEqual([latency?.ttft_ms?.n, latency?.ttft_ms?.median, latency?.ttft_ms?.max], [3, 30, 90]);
  // The first says its own, the second that it has none, the third leaves it to the times that it gives.
  assert.deepEqual([latency?.tpot_ms?.n, latency?.tpot_ms?.max], [2, 10]);
  assert.deepEqual([latency?.ttft_sched_ms?.n, latency?.ttft_sched_ms?.median], [2, 22.5]);
  assert.deepEqual([latency?.chunk_gap_ms?.n, latency?.ttfo_ms?.mean], [3, 30]);
  assert.deepEqual(Object.keys(percentiles), ["ttft_ms", "tpot_ms", "e2e_ms", "ttft_sched_ms", "ttfo_ms"]);
  const { ttft_ms } = percentiles;
  assert.deepEqual([ttft_ms?.succeeded, ttft_ms?.failed, ttft_ms?.of_successes.p50], [3, 3, 30]);
  // With three of six failed, the median lies between the slowest success and infinity.
  assert.deepEqual([ttft_ms?.of_all.p50, ttft_ms?.of_all_infinite.includes("p50")], [null, true]);
  assert.deepEqual(ttft_ms?.certified_too_few.includes("p99"), true);
  assert.deepEqual(JSON.parse(JSON.stringify(record)), record);
});

Deno.test("a worker that does not tell of failures has no such counts, and its record is what it was", () => {
  const frames = REQUESTS.slice(0, 3).map(({ error: _, ...rest }) => rest);
  const record = recordFrom(tallyOf(frames, null));
  assert.deepEqual([record.requests, record.slo, record.throughput?.requests_per_s], [
    undefined,
    undefined,
    1.5,
  ]);
});

Deno.test("rates are of the tokens of the window, failed requests' included, and of the requests that succeeded", () => {
  const whole = recordFrom(tallyOf(REQUESTS));
  assert.deepEqual(whole.throughput, {
    // Four requests with four tokens and four with one.
    output_tokens_per_s: 10,
    total_tokens_per_s: 50,
    requests_per_s: 1.5,
    window_s: 2,
  });
  const steady = recordFrom(tallyOf(REQUESTS), { input_tokens: 30, output_tokens: 12.5 });
  assert.deepEqual([steady.throughput?.output_tokens_per_s, steady.throughput?.total_tokens_per_s], [
    6.25,
    21.25,
  ]);
  assert.deepEqual([steady.measurement?.output_tokens, steady.measurement?.requests], [20, 8]);
});

Deno.test("the promise is judged over the requests of the window, and stands among the headline numbers", () => {
  const record = recordFrom(tallyOf(REQUESTS));
  const { limits, good, met, share, goodput_per_s } = record.slo ?? {};
  assert.deepEqual({ limits, good, met, share, goodput_per_s }, {
    limits: SLO,
    good: 2,
    met: false,
    share: 2 / 6,
    goodput_per_s: 1,
  });
  const numbers = headline(record);
  assert.deepEqual([numbers["goodput_per_s"], numbers["slo_share"], numbers["failed_requests"]], [
    1,
    2 / 6,
    4,
  ]);
});

Deno.test("what a worker sends in place of an optional number counts as nothing", () => {
  const odd = {
    ttft_sched_ms: "soon",
    chunk_gap_ms: [1, "x"],
    ttfo_ms: -1,
    error: 7,
  } as unknown as RequestFrame;
  const { samples, counts } = tallyOf([{ ...frame(0), ...odd }]);
  assert.deepEqual(
    [samples.ttft_sched_ms.n, samples.chunk_gap_ms.n, samples.ttfo_ms.n, counts?.failed],
    [0, 0, 0, 0],
  );
  const kinds = tallyOf(Array.from({ length: 100 }, (_, index) => failed(index, `kind ${index}`)));
  assert.equal(Object.keys(kinds.counts?.failed_by ?? {}).length, 33);
  assert.equal(kinds.counts?.failed_by["other"], 68);
});

Deno.test("requests.jsonl gives the same numbers again, and the verdict by another promise", () => {
  using folder = new TempFolder();
  const path = folder.at("requests.jsonl");
  Deno.writeTextFileSync(path, REQUESTS.map((each) => `${JSON.stringify(each)}\n`).join(""));
  const record = recordFrom(tallyOf(REQUESTS), { input_tokens: 30, output_tokens: 12.5 });
  const again = readRequests(path, SLO);
  assert.ok(again !== null);
  const { reanalysed: when, ...same } = reanalysed(record, again);
  assert.deepEqual(same, record);
  assert.ok(when !== undefined);
  const lenient = readRequests(path, { ...SLO, ttft_ms: 100 });
  assert.ok(lenient !== null);
  assert.deepEqual([reanalysed(record, lenient).slo?.good, reanalysed(record, lenient).slo?.met], [3, true]);
  const unpromised = readRequests(path, null);
  assert.ok(unpromised !== null);
  assert.equal(reanalysed(record, unpromised).slo, undefined);
  Deno.writeTextFileSync(path, "{}\n");
  assert.equal(readRequests(path, SLO), null);
});

Deno.test("lists that a request of very many chunks leaves out count from its stamps, as they do when it is read again", () => {
  const long = {
    ...frame(0, { chunk_gap_ms: [], itl_ms: [], itl_reason: NO_ITL.long, output_tokens: 3 }),
    t_send_ns: 0,
    t_first_token_ns: 1e6,
    t_last_token_ns: 8e6,
    t_done_ns: 9e6,
    chunk_at_ns: [1e6, 3e6, 8e6],
    chunk_tokens: null,
    output_tokens_from: "usage",
    n_choices: 1,
  };
  const { samples, slo } = tallyOf([long], { ...SLO, itl_ms: 5 });
  assert.deepEqual([[...samples.itl_ms.values], [...samples.chunk_gap_ms.values]], [[2, 5], [2, 5]]);
  assert.equal(slo?.verdict({ windowS: 1, energyJ: null }).met, true);
});

Deno.test("requests are read in pieces, whatever the length of a line", () => {
  using folder = new TempFolder();
  const path = folder.at("requests.jsonl");
  const long = frame(0, { chunk_gap_ms: Array(200_000).fill(1.5) });
  const frames = [long, ...Array.from({ length: 3000 }, (_, index) => frame(index + 1)), long];
  const text = frames.map((each) => JSON.stringify(each)).join("\n");
  Deno.writeTextFileSync(path, text);
  const tally = readRequests(path, null);
  assert.deepEqual([tally?.totals.requests, tally?.samples.chunk_gap_ms.n], [3002, 400_000]);
});

/** As an engine inside the worker tells its requests: no stamps, and no word of failures. */
const inProcess = (index: number, fields: Partial<RequestFrame> = {}): RequestFrame => {
  const { error: _, ...plain } = frame(index, fields);
  return plain;
};
const IN_CHUNKS: readonly RequestFrame[] = [
  inProcess(0, { itl_ms: [], itl_reason: NO_ITL.several_tokens, chunk_gap_ms: [30], tpot_ms: 7.5 }),
  inProcess(1, { itl_ms: [], itl_reason: NO_ITL.several_tokens, chunk_gap_ms: [], tpot_ms: null }),
  inProcess(2, { itl_ms: [], itl_reason: NO_ITL.several_choices, n_choices: 2, tpot_ms: null }),
  inProcess(3, { itl_ms: [], output_tokens: 1 }),
];

Deno.test("chunks of an engine in the worker: no ITL and why, times per token as told, read back as they were", () => {
  const { latency, requests } = recordFrom(tallyOf(IN_CHUNKS, null));
  assert.equal(requests, undefined);
  assert.equal(latency?.itl_ms, null);
  assert.deepEqual(latency?.itl_untold, { requests: 3, reason: NO_ITL.several_tokens });
  assert.deepEqual([latency?.tpot_ms?.n, latency?.tpot_ms?.median], [1, 7.5]);
  assert.deepEqual([latency?.chunk_gap_ms?.n, latency?.ttft_ms?.n], [1, 4]);

  using folder = new TempFolder();
  const path = folder.write("requests.jsonl", IN_CHUNKS.map((each) => JSON.stringify(each) + "\n").join(""));
  const again = readRequests(path, null);
  assert.ok(again !== null);
  const record = recordFrom(tallyOf(IN_CHUNKS, null));
  assert.deepEqual(reanalysed(record, again).latency, record.latency);
});

Deno.test("where some requests tell the times between their tokens, those that do not are counted", () => {
  const { latency } = recordFrom(tallyOf([...IN_CHUNKS, inProcess(4)], null));
  assert.deepEqual([latency?.itl_ms?.n, latency?.itl_untold?.requests], [3, 3]);
  const all = recordFrom(tallyOf([inProcess(0), inProcess(1, { output_tokens: 1, itl_ms: [] })], null));
  assert.equal(all.latency?.itl_untold, undefined);
});
