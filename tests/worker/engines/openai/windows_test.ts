/** When a steady window opens and ends, and what is in it, on time lines whose truth is known by construction. */
import assert from "node:assert/strict";
import { hasEndedAll, isIn, tokensIn } from "../../../../worker/engines/openai/windows/populations.ts";
import type { Settled } from "../../../../lib/protocol/settled.ts";
import { stampNs } from "../../../../lib/base/stamp.ts";
import { type Point, slopeOf, trendOf } from "../../../../lib/base/slope.ts";
import {
  type LineRequest,
  type TimeLine,
  timeLineOf,
} from "../../../../worker/engines/openai/windows/time_line.ts";
import { countedBetween } from "../../../../worker/engines/openai/run/counted_tokens.ts";
import type { Made } from "../../../../worker/engines/openai/run/made.ts";
import { isHopeless, openWindow } from "../../../../worker/engines/openai/run/steady.ts";
import { judgeWindow, windowEndNs } from "../../../../worker/engines/openai/windows/window_end.ts";
import {
  type LoadHold,
  type WindowStart,
  windowStart,
} from "../../../../worker/engines/openai/windows/window_start.ts";
import { drawSchedule } from "../../../../worker/engines/openai/load/schedule.ts";
import { uniformFrom } from "../../../../worker/engines/openai/load/uniform.ts";

// Opened once for all, and not within the first test.
stampNs();

const S = 1_000_000_000n;
const seconds = (value: number): bigint => BigInt(Math.round(value * 1e9));

/** Requests of a Poisson load on a server with so many slots, each taking an exponential time: an M/M/c queue. */
function queue(
  { rate, slots, meanS, lengthS, seed }: Readonly<
    Record<"rate" | "slots" | "meanS" | "lengthS" | "seed", number>
  >,
): LineRequest[] {
  const uniform = uniformFrom(seed + 1000);
  const free = new Array<number>(slots).fill(0);
  const schedule = drawSchedule({ kind: "poisson", rate, seed }, { kind: "seconds", seconds: lengthS });
  return Array.from(schedule, (offset) => {
    const arrival = offset / 1e9;
    const slot = free.indexOf(Math.min(...free));
    const begin = Math.max(arrival, free[slot] ?? 0);
    const end = begin - Math.log1p(-uniform()) * meanS;
    free[slot] = end;
    return {
      t_sched_ns: seconds(arrival),
      t_send_ns: seconds(arrival),
      t_first_token_ns: seconds(begin + 0.02),
      t_done_ns: seconds(end + 0.02),
      failed: false,
    };
  });
}

const SEEDS = Array.from({ length: 50 }, (_, seed) => seed);

Deno.test("a queue at 60 % load is steady, one at 130 % overloaded, whatever the seed", () => {
  const verdicts = (rate: number): string[] =>
    SEEDS.map((seed) => {
      const line = timeLineOf(queue({ rate, slots: 4, meanS: 0.4, lengthS: 140, seed }));
      return judgeWindow(line, { t0_ns: 20n * S, t1_ns: 140n * S }).kind;
    });
  const count = (kinds: readonly string[], kind: string): number => kinds.filter((it) => it === kind).length;
  const [steady, overloaded] = [verdicts(6), verdicts(13)];
  assert.ok(count(steady, "steady") >= 48, `steady in ${count(steady, "steady")} of 50`);
  assert.ok(count(overloaded, "overloaded") === 50, `overloaded in ${count(overloaded, "overloaded")} of 50`);
});

Deno.test("an overload behind a limit of requests in flight shows, although their number stays the same", () => {
  // 8 slots of a second each get 10 requests a second: the limit keeps all but 8 of them in the client.
  const held = Array.from({ length: 1200 }, (_, i): LineRequest => {
    const sendS = Math.floor(i / 8) + i % 8 / 8;
    return {
      t_sched_ns: seconds(Math.min(i / 10, sendS)),
      t_send_ns: seconds(sendS),
      t_first_token_ns: seconds(sendS + 0.2),
      t_done_ns: seconds(sendS + 1),
      failed: false,
    };
  });
  const { kind, in_flight } = judgeWindow(timeLineOf(held), { t0_ns: 20n * S, t1_ns: 110n * S });
  assert.equal(kind, "overloaded");
  assert.ok(in_flight !== null && trendOf(in_flight, 1) === "flat");
});

Deno.test("a slope is that of the line, with Student's p; noise without a slope has p below 0.01 once in 100", () => {
  const points: Point[] = Array.from(
    { length: 1000 },
    (_, i) => ({ t_ns: BigInt(i) * 10_000_000n, value: i }),
  );
  const line = slopeOf(points, 0n, 10n * S);
  assert.ok(line !== null && Math.abs(line.rise - 1000) < 1e-6 && Math.abs(line.mean - 499.5) < 1e-6);
  assert.ok(line.p < 1e-9);
  assert.equal(trendOf(line, 1), "rising");
  const falling = slopeOf(points.map(({ t_ns, value }) => ({ t_ns, value: -value })), 0n, 10n * S);
  assert.ok(falling !== null && trendOf(falling, 1) === "falling");
  const same = slopeOf(points.map(({ t_ns }) => ({ t_ns, value: 3 })), 0n, 10n * S);
  assert.deepEqual(same, { rise: 0, mean: 3, p: 1 });
  const y = [2, 1, 4, 3, 7, 2, 5, 8, 3, 5];
  const ten = slopeOf(y.map((value, i) => ({ t_ns: BigInt(i) * S + S / 2n, value })), 0n, 10n * S);
  assert.ok(ten !== null && Math.abs(ten.rise / 10 - LINREGRESS.slope) < 1e-5, `slope ${ten?.rise}`);
  assert.ok(Math.abs(ten.p - LINREGRESS.p) < 1e-5, `p ${ten.p}`);
  assert.equal(slopeOf(points.slice(0, 500), 0n, 10n * S)?.p ?? null, null);
  assert.equal(slopeOf([], 0n, 0n), null);
  const small = SEEDS.flatMap((seed) => Array.from({ length: 10 }, (_, part) => seed * 10 + part)).filter(
    (seed) => {
      const uniform = uniformFrom(seed);
      const noise = slopeOf(points.map(({ t_ns }) => ({ t_ns, value: uniform() })), 0n, 10n * S);
      return noise !== null && noise.p < 0.01;
    },
  );
  assert.ok(small.length <= 13, `${small.length} of 500`);
  // A slope that is certain and changes nothing is none.
  assert.equal(trendOf({ rise: 0.5, mean: 100, p: 1e-9 }, 1), "flat");
  assert.equal(trendOf({ rise: 50, mean: 100, p: 0.02 }, 1), "flat");
});

/** Of these ten values over 1 ... 10, in closed form; Student's density of 8 degrees integrated numerically beyond t = 1.647. */
const LINREGRESS = { slope: 0.375758, p: 0.138163 };

const LINE: TimeLine = { in_flight: [], ttft_sched_ms: [], request_s: [] };
const NOBODY: Settled = { power: null, temperature: null };

function startOf(line: TimeLine, hold: LoadHold, atS: number, settled = NOBODY): string {
  const start: WindowStart = windowStart({ line, hold, settled, startNs: 0n, nowNs: seconds(atS) });
  return start.kind === "wait" ? start.for : `open at ${Number(start.t0_ns) / 1e9}`;
}

Deno.test("a closed load's window opens when all slots are busy and one median request time has passed", () => {
  const hold = { kind: "closed", concurrency: 4 } as const;
  const busy = (most: number): Point[] =>
    Array.from({ length: most }, (_, i) => ({ t_ns: seconds(i), value: i + 1 }));
  assert.equal(startOf(LINE, hold, 9), "all_slots_busy");
  assert.equal(startOf({ ...LINE, in_flight: busy(3) }, hold, 9), "all_slots_busy");
  const full = { ...LINE, in_flight: busy(4) };
  assert.equal(startOf(full, hold, 9), "first_requests");
  const known = { ...full, request_s: [2, 3, 9] };
  // The fourth slot is busy from 3 s on.
  assert.equal(startOf(known, hold, 5.9), "one_median_request");
  assert.equal(startOf(known, hold, 6), "open at 6");
  assert.equal(startOf(known, hold, 6, { ...NOBODY, power: false }), "power");
  assert.equal(startOf(known, hold, 6, { power: true, temperature: false }), "temperature");
  assert.equal(startOf(known, hold, 6, { power: true, temperature: true }), "open at 6");
});

Deno.test("an open load's window opens once the queue has filled up, and never while it grows", () => {
  const hold = { kind: "open" } as const;
  /** What can be seen at a time: what came later is not known yet. */
  const seenAt = (requests: readonly LineRequest[], nowNs: bigint): TimeLine =>
    timeLineOf(
      requests.filter(({ t_send_ns }) => t_send_ns <= nowNs).map((request) => ({
        ...request,
        t_first_token_ns: (request.t_first_token_ns ?? nowNs) <= nowNs ? request.t_first_token_ns : null,
        t_done_ns: (request.t_done_ns ?? nowNs) <= nowNs ? request.t_done_ns : null,
      })),
    );
  const steady = SEEDS.slice(0, 20).map((seed) => {
    const requests = queue({ rate: 6, slots: 4, meanS: 0.4, lengthS: 40, seed });
    const opened = Array.from({ length: 40 }, (_, i) => i + 1).find((atS) =>
      startOf(seenAt(requests, seconds(atS)), hold, atS).startsWith("open")
    );
    return opened ?? Infinity;
  });
  assert.ok(steady.every((atS) => atS <= 30), String(steady));
  const growing = queue({ rate: 20, slots: 4, meanS: 0.4, lengthS: 40, seed: 1 });
  for (const atS of [10, 20, 30, 40]) {
    assert.match(startOf(seenAt(growing, seconds(atS)), hold, atS), /^(in_flight|ttft)$/);
  }
  assert.equal(startOf(LINE, hold, 9), "first_requests");
  assert.equal(startOf({ ...LINE, request_s: [5, 5, 5] }, hold, 9), "two_median_requests");
  // Nothing to be seen is no proof.
  assert.equal(startOf({ ...LINE, request_s: [5, 5, 5] }, hold, 10), "in_flight");
});

Deno.test("a window ends after its seconds and ten medians, and says where it is short", () => {
  const end = (minSeconds: number, mostSeconds: number, requestSeconds: number[]): bigint =>
    windowEndNs(5n * S, { minSeconds, mostSeconds, requestSeconds });
  assert.equal(end(30, 600, [1, 2, 3]), 35n * S);
  assert.equal(end(30, 600, [10, 20, 30]), 205n * S);
  assert.equal(end(30, 100, [10, 20, 30]), 105n * S);
  assert.equal(end(30, 10, []), 35n * S);
  const judged = (t1: bigint, request_s: number[]): boolean =>
    judgeWindow({ ...LINE, request_s }, { t0_ns: 0n, t1_ns: t1 }).is_short;
  assert.deepEqual(
    [judged(30n * S, [3]), judged(29n * S, [1]), judged(30n * S, [3.1]), judged(30n * S, [])],
    [
      false,
      true,
      true,
      true,
    ],
  );
  assert.equal(judgeWindow(LINE, { t0_ns: 0n, t1_ns: S }).kind, "unknown");
  const fall = Array.from({ length: 100 }, (_, i) => ({ t_ns: BigInt(i) * S / 10n, value: 100 - i }));
  assert.equal(judgeWindow({ ...LINE, in_flight: fall }, { t0_ns: 0n, t1_ns: 10n * S }).kind, "drifting");
});

Deno.test("the number in flight follows every send and end; a request without a token has no TTFT", () => {
  const line = timeLineOf([
    {
      t_sched_ns: 7n,
      t_send_ns: 10n,
      t_first_token_ns: 2_000_007n,
      t_done_ns: 3_000_000_010n,
      failed: false,
    },
    { t_sched_ns: 5n, t_send_ns: 5n, t_first_token_ns: null, t_done_ns: 10n, failed: true },
    { t_sched_ns: 20n, t_send_ns: 20n, t_first_token_ns: null, t_done_ns: null, failed: false },
  ]);
  assert.deepEqual(line.in_flight.map(({ value }) => value), [1, 0, 1, 2, 1]);
  assert.deepEqual(line.ttft_sched_ms, [{ t_ns: 7n, value: 2 }]);
  assert.deepEqual(line.request_s, [3]);
});

Deno.test("tokens count by their time, whoever asked for them; latencies by when the request was due", () => {
  const window = { t0_ns: 10n * S, t1_ns: 20n * S };
  const request = (
    schedS: number,
    firstS: number | null,
    chunks: number,
    output: number | null,
    first = 1,
  ) => ({
    t_sched_ns: seconds(schedS),
    t_first_token_ns: firstS === null ? null : seconds(firstS),
    chunk_gap_ms: new Array<number>(Math.max(0, chunks - 1)).fill(1000),
    first_chunk_tokens: first,
    input_tokens: 100,
    output_tokens: output,
  });
  // Began before: chunks at 8 ... 12, of which 10, 11, 12 are inside.
  const before = request(7, 8, 5, 5);
  // Three tokens in the first chunk, two in each other: chunks at 18 ... 21, inside 18 and 19.
  const across = request(17, 18, 4, 9, 3);
  // Due inside, first token after the end.
  const after = request(19.5, 20, 3, 3);
  const silent = request(15, null, 0, null);
  const failed = request(12, 13, 2, 2);
  const unknown = request(12, 13, 2, null);
  const all = [before, across, after, silent, failed, unknown];
  assert.deepEqual(tokensIn(window, all), {
    input_tokens: 300,
    output_tokens: 3 + (3 + 2) + 2 + 2,
    requests_cut: 2,
  });
  assert.deepEqual(all.filter(({ t_sched_ns }) => isIn(window, t_sched_ns)), [
    across,
    after,
    silent,
    failed,
    unknown,
  ]);
  // Told of each chunk: at 18, 19, 20, 21; unless it comes to another sum.
  const told = (chunk_tokens: readonly (number | null)[]): number =>
    tokensIn(window, [{ ...across, chunk_tokens }]).output_tokens;
  assert.deepEqual([told([3, 4, 1, 1]), told([3, 4, 1, 2]), told([3, 4, null, 1])], [7, 5, 5]);
  // Neighbouring windows share no token and lose none.
  const parts = [[0, 10], [10, 20], [20, 30]].map(([from = 0, to = 0]) =>
    tokensIn({ t0_ns: seconds(from), t1_ns: seconds(to) }, all)
  );
  assert.equal(parts.reduce((sum, { output_tokens }) => sum + output_tokens, 0), 5 + 9 + 3 + 2 + 2);
  assert.equal(parts.reduce((sum, { input_tokens }) => sum + input_tokens, 0), 500);
  assert.equal(hasEndedAll(window, [], 19n * S), false);
  assert.equal(hasEndedAll(window, [after], 21n * S), false);
  assert.equal(hasEndedAll(window, [request(20, null, 0, null)], 21n * S), true);
});

const NEVER_SENT: Made = {
  index: 0,
  t_sched_ns: 0n,
  t_send_ns: null,
  t_first_token_ns: null,
  t_done_ns: null,
  ttft_ms: null,
  e2e_ms: null,
  asked_input: null,
  input_tokens: null,
  max_output: 1,
  output_tokens: 0,
  cached_tokens: null,
  shared_tokens: 0,
  forced: false,
  finish_reason: null,
  error: "connect",
  error_message: null,
  output_sha256: null,
  chunks: null,
};

Deno.test("fault 80: a load that only fails is given up after 20 failures and 10 s, unless a request has been under way for long", async () => {
  const S = 1_000_000_000n;
  const failed: { readonly error: string | null } = { error: "http_429" };
  const made = Array.from({ length: 20 }, () => failed);
  const at = (seconds: number, more: Partial<Parameters<typeof isHopeless>[0]> = {}): boolean =>
    isHopeless({ made, underWay: new Map([[20, 6n * S]]), startNs: 0n, ...more }, BigInt(seconds) * S);
  assert.deepEqual([at(9), at(10), at(11)], [false, true, false]);
  assert.equal(at(10, { made: made.slice(1) }), false);
  assert.equal(at(10, { made: [...made, { error: null }] }), false);
  const wish = {
    minSeconds: 60,
    mostLeadInSeconds: 180,
    settled: (): Settled => ({ power: null, temperature: null }),
  };
  const load = {
    made: made.map(() => NEVER_SENT),
    underWay: new Map<number, bigint>(),
    startNs: stampNs() - 11n * S,
    over: new Promise<void>(() => {}),
    giveUp: () => {
      throw new Error("all failed");
    },
  };
  const edges = { open: () => Promise.resolve(), close: () => Promise.resolve(), knows: () => {} };
  await assert.rejects(openWindow(wish, { kind: "closed", concurrency: 2 }, load, edges), /all failed/);
});

Deno.test("the window is known before anything is awaited at its edge, so that a request due in it counts", async () => {
  const seen: string[] = [];
  await openWindow(
    { minSeconds: 0.01, mostLeadInSeconds: 0, settled: () => ({ power: null, temperature: null }) },
    { kind: "closed", concurrency: 1 },
    { made: [], underWay: new Map(), startNs: 0n, over: new Promise(() => {}), giveUp: () => {} },
    {
      open: async () => {
        seen.push("open begins");
        await new Promise((resolve) => setTimeout(resolve, 5));
        seen.push("open ends");
      },
      close: () => Promise.resolve(),
      knows: () => seen.push("knows"),
    },
  );
  assert.deepEqual(seen.slice(0, 3), ["knows", "open begins", "open ends"]);
});

Deno.test("between two readings of counters: the tokens that came, and those of requests under way at a reading", () => {
  const made = (sendS: number, firstS: number, doneS: number): Made => ({
    index: 0,
    t_sched_ns: seconds(sendS),
    t_send_ns: seconds(sendS),
    t_first_token_ns: seconds(firstS),
    t_done_ns: seconds(doneS),
    ttft_ms: null,
    e2e_ms: null,
    asked_input: null,
    input_tokens: 100,
    max_output: 3,
    output_tokens: 3,
    cached_tokens: 40,
    shared_tokens: 0,
    forced: true,
    finish_reason: null,
    error: null,
    error_message: null,
    output_sha256: null,
    chunks: { gaps_ms: [(doneS - firstS) * 500, (doneS - firstS) * 500], first_tokens: 1, tokens: null },
  });
  const readings = { t0_ns: seconds(10), t1_ns: seconds(20) };
  // Its first token comes after the first reading; chunks at 11, 12, 13.
  const before = made(9, 11, 13);
  // Reads its prompt at neither; chunks at 18, 20, 22.
  const across = made(16, 18, 22);
  const outside = made(1, 2, 3);
  assert.deepEqual(countedBetween(readings, [before, across, outside]), {
    input: [{ tokens: 200, open: 100 }, { tokens: 120, open: 100 }],
    // By the time of each token, or all of a request when it ends.
    output: [{ tokens: 4, open: 3 }, { tokens: 3, open: 3 }],
  });
});
