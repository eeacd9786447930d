/** The client on trial: what of a latency is the client's own, measured against a server that stamps what it writes. */
import { LinkedAbort } from "../../../lib/base/abort.ts";
import { stampNs } from "../../../lib/base/stamp.ts";
import { apiPath, parseTarget, type Target } from "../../../lib/experiment/engines/openai/target.ts";
import { CpuMeter } from "./health/cpu_share.ts";
import { HttpPool } from "./http/pool.ts";
import { closedLoop } from "./load/closed_loop.ts";
import { delaysOf } from "./load/delays.ts";
import { dispatch, type Dispatched, type Send } from "./load/dispatch.ts";
import { loadFacts } from "./load/load_facts.ts";
import { drawSchedule } from "./load/schedule.ts";
import type { RequestRecord } from "./stream/request_record.ts";
import { RequestTrace } from "./stream/request_trace.ts";

/** Before anything counts: the code is compiled and the connections are open. */
const WARM_UP = { concurrency: 32, ms: 200, requests: 20, tokens: 8 };
/** Sent by the clock: 200 requests a second, about 32 streams at once, 6,000 tokens a second. */
const TRIAL = { rate: 200, requests: 100, tokens: 32 };
const TICK_MS = 5;
const START_IN_NS = 10_000_000n;
/** A mock that never answers keeps nobody waiting. */
const LIMIT_MS = 8_000;
/** The mock's stamp of its write, in the first event with a token. */
const WRITTEN = /"written_ns":"(\d+)"/;

/** What the trial found: one line of JSON. Milliseconds are those by which the client is later than the truth. */
export interface ClientFloor {
  readonly requests: number;
  readonly failed: number;
  readonly tokens: number;
  readonly streams: number;
  /** Our stamp of the first token less the server's stamp of its write. */
  readonly ttft_error_p50_ms: number | null;
  readonly ttft_error_p99_ms: number | null;
  /** Sent less due. */
  readonly lateness_p99_ms: number | null;
  /** CPU time of the whole process over the tokens that came. */
  readonly cpu_us_per_token: number | null;
  readonly offered_rate: number | null;
  readonly achieved_rate: number | null;
}

/**
 * Tries the client against a mock server at the address that is the first argument, and says on stdout what came of it,
 * or `{"error": ...}`; true where it could be tried.
 */
export async function checkOpenai([baseUrl = ""]: readonly string[]): Promise<boolean> {
  try {
    console.log(JSON.stringify(await measureFloor(parseTarget(baseUrl))));
    return true;
  } catch (error) {
    console.log(JSON.stringify({ error: (error as Error).message }));
    return false;
  }
}

interface Sample {
  readonly record: RequestRecord;
  readonly t_sched_ns: bigint;
  /** When the server wrote the first token; null where that did not come. */
  readonly written_ns: bigint | null;
}

async function measureFloor(target: Target): Promise<ClientFloor> {
  using pool = new HttpPool(target);
  const end = new AbortController();
  const timer = setTimeout(() => end.abort(), LIMIT_MS);
  try {
    return await tryClient(pool, target, end.signal);
  } finally {
    clearTimeout(timer);
  }
}

async function tryClient(pool: HttpPool, target: Target, limit: AbortSignal): Promise<ClientFloor> {
  const samples: Sample[] = [];
  let { tokens } = WARM_UP;
  const send: Send = async (index, t_sched_ns) => {
    samples.push(await request(pool, target, { index, tokens, t_sched_ns }, limit));
  };
  const byClock = (count: number): Promise<Dispatched> => {
    const schedule = drawSchedule({ kind: "constant", rate: TRIAL.rate }, { kind: "count", count });
    const startNs = stampNs() + START_IN_NS;
    return dispatch({ schedule, startNs, send, maxInFlight: null, stop: limit, nowNs: stampNs });
  };
  using warm = new LinkedAbort([limit]);
  const timer = setTimeout(() => warm.abort(null), WARM_UP.ms);
  const { concurrency } = WARM_UP;
  await closedLoop({ concurrency, count: null, send, stop: warm.signal, nowNs: stampNs });
  clearTimeout(timer);
  await byClock(WARM_UP.requests);
  samples.length = 0;
  ({ tokens } = TRIAL);
  const cpu = new CpuMeter();
  const sent = await byClock(TRIAL.requests);
  const { cpu_s } = cpu.facts();
  const times = samples.map(({ record, t_sched_ns }) => ({ t_sched_ns, t_send_ns: record.t_send_ns }));
  const { lateness, offered_rate, achieved_rate } = loadFacts(times, sent, "open");
  const received = samples.reduce((sum, { record }) => sum + record.output_tokens, 0);
  const errors = delaysOf(samples.map(ttftError).filter((ms) => ms !== null));
  return {
    requests: samples.length,
    failed: samples.filter(({ record }) => record.error !== null).length,
    tokens: received,
    streams: sent.most_in_flight,
    ttft_error_p50_ms: errors.p50_ms,
    ttft_error_p99_ms: errors.p99_ms,
    lateness_p99_ms: lateness.p99_ms,
    cpu_us_per_token: received === 0 ? null : cpu_s * 1e6 / received,
    offered_rate,
    achieved_rate,
  };
}

function ttftError({ record: { t_first_token_ns }, written_ns }: Sample): number | null {
  return t_first_token_ns === null || written_ns === null
    ? null
    : Number(t_first_token_ns - written_ns) / 1e6;
}

async function request(
  pool: HttpPool,
  target: Target,
  { index, tokens, t_sched_ns }: {
    readonly index: number;
    readonly tokens: number;
    readonly t_sched_ns: bigint;
  },
  limit: AbortSignal,
): Promise<Sample> {
  const trace = new RequestTrace({ index, tSchedNs: t_sched_ns, askedInputTokens: null });
  let written_ns: bigint | null = null;
  const body = JSON.stringify({
    model: "mock",
    prompt: `p${index}`,
    max_tokens: tokens,
    stream: true,
    stream_options: { include_usage: true },
    mock: { ttft_ms: TICK_MS, tick_ms: TICK_MS, stamps: true },
  });
  const end = await pool.exchange(
    {
      method: "POST",
      path: apiPath(target, "/completions"),
      headers: { "Content-Type": "application/json" },
      body: new TextEncoder().encode(body),
    },
    {
      sent: (t_ns) => trace.sent(t_ns),
      head: (status, headers, t_ns) => trace.head(status, headers, t_ns),
      body: (bytes, t_ns) => {
        trace.body(bytes, t_ns);
        const [, stamp] = written_ns === null ? WRITTEN.exec(new TextDecoder().decode(bytes)) ?? [] : [];
        if (stamp !== undefined) written_ns = BigInt(stamp);
      },
    },
    limit,
  );
  return { record: trace.end(end, end.t_ns ?? stampNs()), t_sched_ns, written_ns };
}
