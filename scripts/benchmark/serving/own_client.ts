/**
 * The client of the `openai` engine as a process of its own: its pool, its traces, its loops, its frames on stdout; no
 * prompts, no windows, no counters. The argument says the load; a line on stderr says what it cost.
 */
import process from "node:process";
import { stampNs } from "../../../lib/base/stamp.ts";
import { HttpPool } from "../../../worker/engines/openai/http/pool.ts";
import { apiPath, parseTarget } from "../../../lib/experiment/engines/openai/target.ts";
import { closedLoop } from "../../../worker/engines/openai/load/closed_loop.ts";
import { dispatch, type Dispatched } from "../../../worker/engines/openai/load/dispatch.ts";
import { loadFacts, type SendTimes } from "../../../worker/engines/openai/load/load_facts.ts";
import { drawSchedule } from "../../../worker/engines/openai/load/schedule.ts";
import { uniformFrom } from "../../../worker/engines/openai/load/uniform.ts";
import { requestFrame } from "../../../worker/engines/openai/stream/request_record.ts";
import { RequestTrace } from "../../../worker/engines/openai/stream/request_trace.ts";
import { reportTo } from "../../../worker/report.ts";
import type { Load } from "./load.ts";

const SEED = 42;
/** Between the making of the schedule and its first request. */
const LEAD_NS = 50_000_000n;
/** In flight before an open loop begins. */
const WARMUP_STREAMS = 64;

const [baseUrl = "", loadText = ""] = Deno.args;
const load: Load = JSON.parse(loadText);
const target = parseTarget(baseUrl);
const path = apiPath(target, "/completions");
const headers = { "Content-Type": "application/json" };
const uniform = uniformFrom(SEED);
const drawn = (most: number): number => {
  const least = Math.ceil(most / 2);
  return least + Math.floor(uniform() * (most - least + 1));
};
const lengths = Array.from({ length: load.warmup + load.requests }, () => ({
  input: drawn(load.input_most),
  output: drawn(load.output_most),
}));
const encoder = new TextEncoder();
const report = reportTo("bench");
const never = new AbortController().signal;
let times: SendTimes[] = [];

using pool = new HttpPool(target);

const send = async (index: number, t_sched_ns: bigint): Promise<void> => {
  const { input, output } = lengths[index] ?? { input: 1, output: 1 };
  const body = encoder.encode(JSON.stringify({
    model: "mock",
    prompt: Array.from({ length: input }, (_, at) => 10_000 + at),
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: output,
    ignore_eos: true,
    temperature: 0,
  }));
  const isOpen = load.shape.kind === "open";
  const trace = new RequestTrace({
    index,
    tSchedNs: isOpen ? t_sched_ns : null,
    askedInputTokens: input,
  });
  const end = await pool.exchange({ method: "POST", path, headers, body }, trace);
  const record = trace.end(end, end.t_ns ?? stampNs());
  times.push({ t_sched_ns, t_send_ns: record.t_send_ns });
  report(requestFrame(record, { keepTexts: false }));
};

const closed = (concurrency: number, count: number, first: number): Promise<Dispatched> =>
  closedLoop({
    concurrency,
    count,
    send: (index, t_sched_ns) => send(first + index, t_sched_ns),
    stop: never,
    nowNs: stampNs,
  });

const { shape, requests, warmup } = load;

async function drive(): Promise<Dispatched> {
  if (shape.kind === "closed") return await closed(shape.concurrency, requests, warmup);
  const end = { kind: "count", count: requests } as const;
  return await dispatch({
    schedule: drawSchedule({ kind: "poisson", rate: shape.rate, seed: SEED }, end),
    startNs: stampNs() + LEAD_NS,
    send: (index, t_sched_ns) => send(warmup + index, t_sched_ns),
    maxInFlight: null,
    stop: never,
    nowNs: stampNs,
  });
}

const streams = shape.kind === "closed" ? shape.concurrency : WARMUP_STREAMS;
await pool.open(streams);
if (warmup > 0) await closed(streams, warmup, 0);
times = [];
const before = process.cpuUsage();
const dispatched = await drive();
const { user, system } = process.cpuUsage(before);
const status = Deno.readTextFileSync("/proc/self/status");
const peakKb = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]);
console.error(JSON.stringify({
  cpu_s: (user + system) / 1e6,
  rss_mb: peakKb * 1024 / 1e6,
  facts: loadFacts(times, dispatched, shape.kind),
}));
