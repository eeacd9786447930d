/** Arrivals against the distributions they are drawn from, traces, and the dispatcher on a real event loop. */
import assert from "node:assert/strict";
import jstat from "jstat";
import { sleep } from "../../../../lib/base/abort.ts";
import { monotonicNs } from "../../../../lib/base/clock.ts";
import type { Arrivals } from "../../../../worker/engines/openai/load/arrivals.ts";
import { closedLoop } from "../../../../worker/engines/openai/load/closed_loop.ts";
import { dispatch, type Dispatched, type Send } from "../../../../worker/engines/openai/load/dispatch.ts";
import {
  judgeLateness,
  loadFacts,
  type SendTimes,
} from "../../../../worker/engines/openai/load/load_facts.ts";
import {
  drawSchedule,
  ratePerSecond,
  type Schedule,
  traceSchedule,
} from "../../../../worker/engines/openai/load/schedule.ts";
import { parseTrace } from "../../../../lib/experiment/traces/trace.ts";
import { loadTrace } from "../../../../worker/engines/openai/load/trace.ts";
import { prepareWaits } from "../../../../worker/engines/openai/load/wait_until.ts";
import { sized } from "../../../support/sampled.ts";
import { WorkerError } from "../../../../worker/worker_error.ts";

const RATE = 8;
const COUNT = 20_000;
const never = new AbortController().signal;

// Loads both libraries before any test: one that a test loads counts as a leak.
monotonicNs();
prepareWaits();

const drawn = (arrivals: Arrivals, count = COUNT): Schedule =>
  drawSchedule(arrivals, { kind: "count", count });

function gapsOf(schedule: Schedule): number[] {
  return Array.from(
    schedule,
    (offset, index) => (offset - (index === 0 ? 0 : schedule[index - 1] ?? 0)) / 1e9,
  );
}

/** Kolmogorov-Smirnov: the distance from a distribution, times the root of n. 1.95 is passed once in a thousand. */
function ksStatistic(values: readonly number[], cdf: (value: number) => number): number {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  let most = 0;
  sorted.forEach((value, index) => {
    const share = cdf(value);
    most = Math.max(most, share - index / n, (index + 1) / n - share);
  });
  return most * Math.sqrt(n);
}

const MOST_KS = 1.95;

Deno.test("poisson: gaps are exponential with the mean of the rate, counts a second have variance = mean, none rescaled", () => {
  const schedule = drawn({ kind: "poisson", rate: RATE, seed: 42 });
  assert.ok(ksStatistic(gapsOf(schedule), (gap) => 1 - Math.exp(-RATE * gap)) < MOST_KS);
  const counts = new Array<number>(2000).fill(0);
  for (const offset of schedule) {
    const second = Math.floor(offset / 1e9);
    if (second < counts.length) counts[second] = (counts[second] ?? 0) + 1;
  }
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (counts.length - 1);
  assert.ok(Math.abs(variance / mean - 1) < 0.12, `dispersion ${variance / mean}`);
  // The time for n requests is random: rescaled gaps would all end at n / rate.
  const ends = [1, 2, 3].map((seed) => drawn({ kind: "poisson", rate: RATE, seed }, 1000).at(-1) ?? 0);
  assert.ok(
    ends.every((end) => Math.abs(end / 1e9 - 1000 / RATE) < 4 * Math.sqrt(1000) / RATE),
    String(ends),
  );
  assert.equal(new Set(ends).size, 3);
  const rate = ratePerSecond(schedule.length, schedule[0] ?? 0, schedule.at(-1) ?? 0) ?? 0;
  assert.ok(Math.abs(rate / RATE - 1) < 0.03, `rate ${rate}`);
});

Deno.test("gamma: gaps follow the distribution for every shape; shape 1 is poisson", () => {
  for (const shape of [0.2, 0.5, 3]) {
    const gaps = gapsOf(drawn({ kind: "gamma", rate: RATE, shape, seed: 7 }, 5000));
    // Nanoseconds are whole: for a small shape many gaps are shorter than one.
    const ks = ksStatistic(
      gaps.filter((gap) => gap > 0),
      (gap) => jstat.gamma.cdf(gap, shape, 1 / (shape * RATE)),
    );
    assert.ok(ks < MOST_KS, `shape ${shape}: ${ks}`);
  }
  const [gamma, poisson] = [
    drawn({ kind: "gamma", rate: RATE, shape: 1, seed: 7 }, 100),
    drawn({ kind: "poisson", rate: RATE, seed: 7 }, 100),
  ];
  gamma.forEach((offset, index) =>
    assert.ok(Math.abs(offset - (poisson[index] ?? 0)) < 100, `request ${index}`)
  );
});

Deno.test("constant: request i is due at i / rate without a drift, also after 100,000", () => {
  const schedule = drawn({ kind: "constant", rate: 30 }, 5);
  assert.deepEqual([...schedule], [0, 33_333_333, 66_666_667, 100_000_000, 133_333_333]);
  const long = drawn({ kind: "constant", rate: 1e7 }, 100_001);
  assert.equal(long.at(-1), 1e7);
});

Deno.test("ramp: the rate at every time is on the line, then stays; the transformed times are exponential", () => {
  for (const [rate, to] of [[2, 18], [18, 2], [5, 5]] as const) {
    const seconds = 400;
    const ramp = { kind: "ramp", rate, to, seconds, seed: 11 } as const;
    const times = Array.from(drawn(ramp, 8000), (offset) => offset / 1e9);
    const expected = (t: number): number => {
      const inside = Math.min(t, seconds);
      return rate * inside + (to - rate) / seconds * inside ** 2 / 2 + Math.max(0, t - seconds) * to;
    };
    const units = times.map((time, index) => expected(time) - expected(times[index - 1] ?? 0));
    assert.ok(ksStatistic(units, (gap) => 1 - Math.exp(-gap)) < MOST_KS, `${rate} to ${to}`);
    for (const from of [0, 100, 200, 300, 400]) {
      const count = times.filter((time) => time >= from && time < from + 100).length;
      const mean = expected(from + 100) - expected(from);
      assert.ok(Math.abs(count - mean) < 4 * Math.sqrt(mean), `${from} s: ${count}, expected ${mean}`);
    }
  }
});

Deno.test("a schedule is the same for the same seed, another for another; a longer one begins with the shorter one", () => {
  const kinds: readonly ((seed: number) => Arrivals)[] = [
    (seed) => ({ kind: "poisson", rate: RATE, seed }),
    (seed) => ({ kind: "gamma", rate: RATE, shape: 0.5, seed }),
    (seed) => ({ kind: "ramp", rate: 1, to: 9, seconds: 60, seed }),
  ];
  for (const of of kinds) {
    const [one, longer, other] = [drawn(of(42), 100), drawn(of(42), 200), drawn(of(43), 100)];
    assert.deepEqual(one, longer.slice(0, 100));
    assert.notDeepEqual(one, other);
    const until = drawSchedule(of(42), { kind: "seconds", seconds: 10 });
    assert.deepEqual(until, longer.slice(0, until.length));
    assert.ok((until.at(-1) ?? 0) < 10e9 && (longer[until.length] ?? 0) >= 10e9);
    assert.ok(
      longer.every((offset, index) => Number.isInteger(offset) && offset >= (longer[index - 1] ?? 0)),
    );
  }
  // Written down once, so that a study gets the same load from every version.
  assert.deepEqual([...drawn({ kind: "poisson", rate: RATE, seed: 42 }, 3)], FIRST_OF_42);
});

/** -ln(1 - u) / 8 of Python's random.Random(42).random(), summed. */
const FIRST_OF_42 = [127_507_536, 130_673_641, 170_876_649];

const AZURE = "TIMESTAMP,ContextTokens,GeneratedTokens\r\n" +
  "2023-11-16 18:17:03.9799600,4808,10\r\n2023-11-16 18:17:04.0319600,110,27\r\n";
const BURSTGPT = "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n" +
  '5,ChatGPT,472,18,490,"Conversation\nlog"\n45.5,"GPT-4, turbo",1087,0,1087,API log\n';
const MOONCAKE = '{"timestamp": 0, "input_length": 6758, "output_length": 500, "hash_ids": [0, 1]}\n' +
  '{"timestamp": 3052, "input_length": 7322, "output_length": 490}\n\n';

Deno.test("traces of Azure, BurstGPT and Mooncake are read with their times, lengths and prefix blocks", () => {
  const azure = parseTrace(AZURE, "a.csv");
  assert.equal(azure.format, "azure");
  assert.deepEqual(azure.requests.map(({ input_len, output_len }) => [input_len, output_len]), [[4808, 10], [
    110,
    27,
  ]]);
  assert.deepEqual([...traceSchedule(azure, 1, { kind: "count", count: 9 })], [0, 52_000_000]);
  assert.deepEqual([...traceSchedule(azure, 2, { kind: "count", count: 9 })], [0, 26_000_000]);
  assert.deepEqual([...traceSchedule(azure, 1, { kind: "seconds", seconds: 0.01 })], [0]);
  const year2024 = AZURE.replaceAll("\r", "").replace(/^(2.*?)60*,/gm, "$1+00:00,");
  assert.deepEqual(
    [...traceSchedule(parseTrace(`\ufeff${year2024}`, "a.csv"), 1, { kind: "count", count: 2 })],
    [0, 52_000_000],
  );

  const burst = parseTrace(BURSTGPT, "b.csv");
  assert.equal(burst.format, "burstgpt");
  assert.deepEqual(burst.requests.map(({ input_len, output_len }) => [input_len, output_len]), [[472, 18], [
    1087,
    1,
  ]]);
  assert.equal(burst.raised_to_one, 1);
  assert.deepEqual([...traceSchedule(burst, 1, { kind: "count", count: 9 })], [0, 40.5e9]);

  const mooncake = parseTrace(MOONCAKE, "m.jsonl");
  assert.equal(mooncake.format, "mooncake");
  assert.deepEqual(mooncake.requests.map(({ hash_ids }) => hash_ids), [[0, 1], null]);
  assert.deepEqual([...traceSchedule(mooncake, 1, { kind: "count", count: 9 })], [0, 3.052e9]);
  const late = parseTrace(`${MOONCAKE}{"timestamp": 7, "input_length": 1, "output_length": 2}`, "m.jsonl");
  assert.equal(late.out_of_order, 1);
  assert.deepEqual(late.requests.map(({ input_len }) => input_len), [6758, 1, 7322]);
});

Deno.test("a bad row of a trace is named with its line, a file that is no trace with the formats that are", () => {
  const cases: readonly (readonly [text: string, type: string, message: RegExp])[] = [
    [`${AZURE}2023-11-16 18:17,5,6\n`, "trace_row_bad", /line 4: TIMESTAMP "2023-11-16 18:17" is no time/],
    [`${AZURE}2023-99-16 18:17:03,5,6\n`, "trace_row_bad", /line 4: TIMESTAMP/],
    [`${AZURE}2023-11-16 18:17:05,five,6\n`, "trace_row_bad", /line 4: ContextTokens "five" is no number/],
    [`${AZURE}2023-11-16 18:17:05,5\n`, "trace_row_bad", /line 4: GeneratedTokens "" is no number/],
    // The second row has a line break in a cell.
    [`${BURSTGPT}-3,ChatGPT,5,6,11,API log\n`, "trace_row_bad", /line 5: Timestamp "-3" is no time/],
    [`${BURSTGPT}60,ChatGPT,5.5,6,11,API log\n`, "trace_row_bad", /line 5: Request tokens "5.5"/],
    [`${BURSTGPT}60,"ChatGPT,5,6,11,API log\n`, "trace_row_bad", /line \d: Quote Not Closed/],
    [`${MOONCAKE}{"timestamp": 9`, "trace_row_bad", /line 4: it is no JSON object/],
    [`${MOONCAKE}[1]`, "trace_row_bad", /line 4: it is no JSON object/],
    [`${MOONCAKE}{"timestamp": 9, "input_length": 3}`, "trace_row_bad", /line 4: output_length \(missing\)/],
    [
      `${MOONCAKE}{"timestamp": 9, "input_length": 3, "output_length": 3, "hash_ids": ["x"]}`,
      "trace_row_bad",
      /line 4: hash_ids/,
    ],
    ["time,prompt\n1,2\n", "trace_format_unknown", /"time,prompt".*Azure.*BurstGPT.*Mooncake/],
    [' \n\t"\n', "trace_format_unknown", /no format/],
    ["TIMESTAMP,ContextTokens,GeneratedTokens\n", "trace_empty", /no requests/],
    ["\n \n", "trace_empty", /no requests/],
  ];
  for (const [text, errorType, message] of cases) {
    assert.throws(() => parseTrace(text, "x"), { name: "TraceError", code: errorType, message });
  }
  const path = Deno.makeTempFileSync();
  try {
    assert.throws(
      () => loadTrace(`${path}.not`),
      (error) => error instanceof WorkerError && error.errorType === "trace_unreadable",
    );
    Deno.writeTextFileSync(path, MOONCAKE);
    assert.equal(loadTrace(path, 2).requests.length, 2);
    assert.equal(loadTrace(path, 1).requests.length, 1);
    // What is not replayed is not looked at.
    Deno.writeTextFileSync(path, `${BURSTGPT}60,ChatGPT,5.5,6,11,API log\n`);
    assert.equal(loadTrace(path, 2).requests.length, 2);
    assert.throws(() => loadTrace(path), { errorType: "trace_row_bad" });
    Deno.writeTextFileSync(path, MOONCAKE);
    assert.throws(() => loadTrace(path, 3), {
      errorType: "trace_too_short",
      message: /holds 2 requests.*asks for 3/,
    });
  } finally {
    Deno.removeSync(path);
  }
});

/** Runs a schedule and keeps when each request was sent. */
async function run(
  schedule: Schedule,
  work: (index: number) => Promise<void> | void,
  options: { readonly maxInFlight?: number; readonly stop?: AbortSignal; readonly startNs?: bigint } = {},
): Promise<
  { readonly requests: readonly SendTimes[]; readonly indices: readonly number[]; readonly done: Dispatched }
> {
  const requests: SendTimes[] = [];
  const indices: number[] = [];
  const send: Send = async (index, t_sched_ns) => {
    indices.push(index);
    requests.push({ t_sched_ns, t_send_ns: monotonicNs() });
    await work(index);
  };
  const done = await dispatch({
    schedule,
    startNs: options.startNs ?? monotonicNs() + 5_000_000n,
    send,
    maxInFlight: options.maxInFlight ?? null,
    stop: options.stop ?? never,
    nowNs: monotonicNs,
  });
  return { requests, indices, done };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

Deno.test("a real event loop sends 300 requests at 500/s in order, none early, at the rate that was offered", async () => {
  const schedule = drawn({ kind: "poisson", rate: 500, seed: 5 }, 300);
  const { requests, indices, done } = await run(schedule, () => sleep(2));
  assert.deepEqual(indices, upTo(300));
  const facts = loadFacts(requests, done, "open");
  assert.ok(requests.every(({ t_sched_ns, t_send_ns }) => t_send_ns !== null && t_send_ns >= t_sched_ns));
  // A busy machine may be late at the last request by some tens of ms; a relative sleep would be late by 300 of them.
  assert.ok((facts.achieved_share ?? 0) > 0.7, `achieved ${facts.achieved_share}`);
  assert.ok((facts.lateness.p50_ms ?? Infinity) < 20, `lateness p50 ${facts.lateness.p50_ms} ms`);
  assert.deepEqual([done.sent, done.capped, done.due_unsent], [300, 0, 0]);
});

Deno.test("a blocked event loop shows as lateness, and never as a skipped or a shifted request", async () => {
  const schedule = drawn({ kind: "constant", rate: 200 }, 60);
  const { requests, indices, done } = await run(schedule, (index) => {
    if (index !== 10) return;
    const until = performance.now() + 150;
    while (performance.now() < until);
  });
  assert.deepEqual(indices, upTo(60));
  const start = requests[0]?.t_sched_ns ?? 0n;
  assert.deepEqual(requests.map(({ t_sched_ns }) => Number(t_sched_ns - start)), [...schedule]);
  const { lateness, offered_rate } = loadFacts(requests, done, "open");
  assert.ok((lateness.max_ms ?? 0) >= 140, `max ${lateness.max_ms}`);
  assert.ok(Math.abs((offered_rate ?? 0) - 200) < 1e-6);
  // Those that were due meanwhile go at once.
  const sent = requests.slice(11, 38).map(({ t_send_ns }) =>
    Number((t_send_ns ?? 0n) - (requests[11]?.t_send_ns ?? 0n))
  );
  assert.ok((sent.at(-1) ?? Infinity) < 100e6, `the backlog took ${sent.at(-1)} ns`);
  assert.equal(judgeLateness(lateness, 50).kind, "late");
});

Deno.test("a full limit of requests in flight delays and counts, and skips none", async () => {
  const schedule = drawn({ kind: "constant", rate: 1000 }, 20);
  const { requests, indices, done } = await run(schedule, () => sleep(20), { maxInFlight: 5 });
  assert.deepEqual(indices, upTo(20));
  assert.equal(done.most_in_flight, 5);
  assert.equal(done.capped, 15);
  const { lateness, achieved_share } = loadFacts(requests, done, "open");
  // The last five wait for three rounds of 20 ms, less the 19 ms after which they were due.
  assert.ok((lateness.max_ms ?? 0) > 35, `max ${lateness.max_ms}`);
  assert.ok((achieved_share ?? 1) < 0.5);
});

Deno.test("a stop ends the sending, awaits what is under way, and tells what was due and not sent", async () => {
  const stop = new AbortController();
  let ended = 0;
  const schedule = drawn({ kind: "constant", rate: 1000 }, 5000);
  const { done } = await run(schedule, async (index) => {
    if (index === 1) setTimeout(() => stop.abort(), 30);
    await sleep(60);
    ended += 1;
  }, { maxInFlight: 2, stop: stop.signal });
  assert.equal(done.sent, 2);
  assert.equal(ended, 2);
  assert.ok(done.due_unsent >= 20 && done.due_unsent < 5000, String(done.due_unsent));

  const far = new AbortController();
  setTimeout(() => far.abort(), 10);
  const waited = await run(Float64Array.of(3600e9), () => {}, { stop: far.signal });
  assert.deepEqual(waited.done, { sent: 0, due_unsent: 0, capped: 0, most_in_flight: 0 });
});

Deno.test("a send that rejects is a defect: nothing more is sent, the others are awaited, and it comes out", async () => {
  let ended = 0;
  const schedule = drawn({ kind: "constant", rate: 1000 }, 1000);
  const work = async (index: number): Promise<void> => {
    if (index === 3) throw new Error("a defect");
    await sleep(20);
    ended += 1;
  };
  await assert.rejects(run(schedule, work), { message: "a defect" });
  assert.ok(ended >= 3 && ended < 100, String(ended));
});

Deno.test("no wait is lost among timers and garbage, at 1,000/s for as long as it goes", async () => {
  const count = sized(20_000, 200);
  const { indices } = await run(drawn({ kind: "constant", rate: 1000 }, count), () => sleep(100));
  assert.equal(indices.length, count);
});

Deno.test("an overload leaves the event loop its turns", async () => {
  let turns = 0;
  const timer = setInterval(() => turns += 1, 1);
  const startNs = monotonicNs() - 10_000_000_000n;
  const { indices } = await run(new Float64Array(20_000), () => {}, { startNs });
  clearInterval(timer);
  assert.equal(indices.length, 20_000);
  assert.ok(turns > 2, `${turns} turns`);
});

Deno.test("a closed loop keeps its requests in flight, sends the next one the moment one ends, and stops", async () => {
  let [inFlight, most] = [0, 0];
  const ends: bigint[] = [];
  const starts: bigint[] = [];
  const work: Send = async (index, t_sched_ns) => {
    starts.push(t_sched_ns);
    most = Math.max(most, inFlight += 1);
    await sleep(5 + index % 3);
    inFlight -= 1;
    ends.push(monotonicNs());
  };
  const done = await closedLoop({ concurrency: 4, count: 30, send: work, stop: never, nowNs: monotonicNs });
  assert.deepEqual([done.sent, done.most_in_flight, most, starts.length, ends.length], [30, 4, 4, 30, 30]);
  const waits = starts.slice(4).map((start, index) => Number(start - (ends[index] ?? 0n)) / 1e6);
  assert.ok(waits.every((ms) => ms >= 0), String(waits));
  // No timer lies between, the shortest of which takes 1 ms.
  assert.ok((waits.toSorted((a, b) => a - b)[13] ?? Infinity) < 0.5, String(waits));

  const stop = new AbortController();
  let sent = 0;
  const endless = await closedLoop({
    concurrency: 2,
    count: null,
    send: async (index) => {
      sent += 1;
      if (index === 9) stop.abort();
      await sleep(1);
    },
    stop: stop.signal,
    nowNs: monotonicNs,
  });
  assert.equal(endless.sent, sent);
  assert.ok(sent === 10 || sent === 11, String(sent));
  assert.equal(loadFacts([], endless, "closed").offered_rate, null);
});

Deno.test("lateness counts from the schedule, rates are gaps over time, and the verdict is a share of the TTFT", () => {
  const done = { sent: 5, due_unsent: 0, capped: 0, most_in_flight: 5 };
  const requests = [0, 1, 2, 3, 4].map((i) => ({
    t_sched_ns: BigInt(i) * 100_000_000n,
    t_send_ns: i === 4 ? null : BigInt(i) * 100_000_000n + BigInt(i) * 1_000_000n,
  }));
  const facts = loadFacts(requests, done, "open");
  assert.equal(facts.offered_rate, 10);
  assert.equal(facts.achieved_rate, 3e9 / 303_000_000);
  assert.equal(facts.never_sent, 1);
  assert.deepEqual({ ...facts.lateness, p99_ms: null }, { p50_ms: 1.5, p99_ms: null, max_ms: 3 });
  assert.ok(Math.abs((facts.lateness.p99_ms ?? 0) - 2.97) < 1e-9);
  assert.equal(judgeLateness(facts.lateness, 29).kind, "late");
  assert.equal(judgeLateness(facts.lateness, 30).kind, "in_time");
  assert.equal(judgeLateness(facts.lateness, null).kind, "unknown");
  assert.equal(judgeLateness({ p50_ms: null, p99_ms: null, max_ms: null }, 30).kind, "unknown");
});
