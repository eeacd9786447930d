import { startMock } from "../../lib/servers/mock/start_mock.ts";
import type { Figure } from "./figure.ts";
import { median } from "./median.ts";
import { percentile } from "./percentile.ts";
import { BENCH, LLEM } from "./places.ts";
import {
  type LoadReport,
  type Outcome,
  runOwnClient,
  runPeerClient,
  whatIsMissing,
} from "./serving/clients.ts";
import type { Load } from "./serving/load.ts";
import { readTruth, type TtftErrors, ttftErrors } from "./serving/truth.ts";
import { measureWorkers } from "./serving/worker.ts";

/** Streams at once, and the time between two tokens of each: about 13,000 tokens a second at most, which the mock can do. */
const SETTINGS = [
  { streams: 64, tick_ms: 20 },
  { streams: 256, tick_ms: 20 },
  { streams: 1024, tick_ms: 80 },
] as const;
/** Where the aims are set. */
const JUDGED_STREAMS = 256;
const RATES = [50, 200, 500] as const;
const TTFT_MS = 50;
const INPUT_MOST = 256;
const OUTPUT_MOST = 128;
/** Of a request by the clock: many requests and few tokens. */
const SHORT_OUTPUT_MOST = 8;

/** Size of the work. */
export interface ServingLoad {
  readonly rounds: number;
  /** Of one client's load. */
  readonly seconds: number;
}

/**
 * What the client of served models costs and how late it is, beside SGLang's client in Rust: both on the same mock server,
 * each on a process of it of its own, in turns. The machine's other work raises all of it, so that ratios count.
 */
export async function measureServing(wish: ServingLoad): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const setting of SETTINGS) figures.push(...await compareClients(setting, wish));
  for (const rate of RATES) figures.push(await measureRate(rate, wish.seconds));
  return [...figures, ...await measureWorkers(wish.seconds)];
}

type Setting = typeof SETTINGS[number];

/** One client's load, and what the mock knows of it. */
interface Trial {
  readonly outcome: Outcome;
  readonly us_per_token: number;
  readonly errors: TtftErrors;
  /** By how much the mock was late, of the latest chunk of each request, ms. */
  readonly mock_late_ms: readonly number[];
}

async function compareClients(setting: Setting, { rounds, seconds }: ServingLoad): Promise<Figure[]> {
  const { streams, tick_ms } = setting;
  const answer_s = (TTFT_MS + 0.75 * OUTPUT_MOST * tick_ms) / 1000;
  const requests = streams * Math.max(1, Math.round(seconds / answer_s));
  const load: Load = {
    shape: { kind: "closed", concurrency: streams },
    requests,
    warmup: Math.max(streams, 256),
    input_most: INPUT_MOST,
    output_most: OUTPUT_MOST,
  };
  const runOwn = (): Promise<Trial> => tryClient(setting, load.warmup, (url) => runOwnClient(url, load));
  const runPeer = (): Promise<Trial> => tryClient(setting, 0, (url) => runPeerClient(url, load, streams));
  const missing = whatIsMissing();
  const own: Trial[] = [];
  const peer: Trial[] = [];
  for (let round = 0; round < rounds; round++) {
    const turns = [async () => own.push(await runOwn()), async () => peer.push(await runPeer())];
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) {
      if (missing === null || turn === turns[0]) await turn();
    }
  }
  return clientFigures(streams, own, peer, missing);
}

async function tryClient(
  { tick_ms }: { readonly tick_ms: number },
  warmup: number,
  run: (baseUrl: string) => Promise<Outcome>,
): Promise<Trial> {
  const truth = `${BENCH}/truth.jsonl`;
  let outcome: Outcome;
  {
    await using mock = await startMock({ truth, tick_ms, ttft_ms: TTFT_MS }, { program: LLEM, args: [] });
    outcome = await run(mock.base_url);
  }
  const records = readTruth(truth).slice(warmup);
  const tokens = records.reduce((sum, { output_tokens }) => sum + output_tokens, 0);
  return {
    outcome,
    us_per_token: outcome.cpu_s * 1e6 / tokens,
    errors: ttftErrors(outcome.seen, records),
    mock_late_ms: records.map(({ late_ms }) => late_ms),
  };
}

function clientFigures(
  streams: number,
  own: readonly Trial[],
  peer: readonly Trial[],
  missing: string | null,
): Figure[] {
  const isJudged = streams === JUDGED_STREAMS;
  const cost = (trials: readonly Trial[]): number => median(trials.map(({ us_per_token }) => us_per_token));
  const paired = (of: (trial: Trial) => number): number | null =>
    peer.length === 0 ? null : median(own.map((trial, round) => of(trial) / of(peer[round] ?? trial)));
  const absent = missing === null ? null : `not run: ${missing}`;
  const errorOf = (percent: number) => ({ errors }: Trial): number => percentile(errors.reported, percent);
  const errorFigure = (percent: 50 | 99): Figure => ({
    name: `serving_ttft_error_p${percent}_ratio_${streams}`,
    value: paired(errorOf(percent)),
    aim: isJudged ? "<= 1.0" : null,
    remark: absent ??
      `${ms(median(own.map(errorOf(percent))))} over ${
        ms(median(peer.map(errorOf(percent))))
      } of SGLang's client`,
  });
  const stamped = own.flatMap(({ errors }) => errors.stamped);
  return [
    {
      name: `serving_cpu_us_per_token_${streams}`,
      value: cost(own),
      aim: null,
      remark: `our client, warmed up, ${own.length} runs, frames written`,
    },
    {
      name: `serving_cpu_ratio_${streams}`,
      value: paired(({ us_per_token }) => us_per_token),
      aim: isJudged ? "<= 1.0" : null,
      remark: absent ?? `over SGLang's client: ${cost(peer).toFixed(1)} us per token`,
    },
    errorFigure(50),
    errorFigure(99),
    {
      name: `serving_stamp_error_p50_ms_${streams}`,
      value: percentile(stamped, 50),
      aim: null,
      remark: `our stamp of the first token less the server's at its write; p99 ${
        ms(percentile(stamped, 99))
      }`,
    },
    {
      name: `serving_mock_late_p50_ms_${streams}`,
      value: percentile(own.flatMap(({ mock_late_ms }) => mock_late_ms), 50),
      aim: null,
      remark: "of each request the chunk that the mock wrote latest; counts for neither client",
    },
  ];
}

async function measureRate(rate: number, seconds: number): Promise<Figure> {
  const load: Load = {
    shape: { kind: "open", rate },
    requests: Math.round(rate * seconds),
    warmup: 128,
    input_most: INPUT_MOST,
    output_most: SHORT_OUTPUT_MOST,
  };
  await using mock = await startMock({ tick_ms: 20, ttft_ms: TTFT_MS }, { program: LLEM, args: [] });
  const { facts }: { readonly facts: LoadReport } = await runOwnClient(mock.base_url, load);
  const { achieved_share, never_sent, capped, due_unsent, lateness } = facts;
  const skipped = never_sent + capped + due_unsent;
  return {
    name: `serving_achieved_share_${rate}`,
    value: achieved_share,
    aim: ">= 0.999, none skipped",
    remark: `of ${rate} requests/s, ${skipped} of ${load.requests} skipped, late p99 ${ms(lateness.p99_ms)}`,
  };
}

function ms(value: number | null): string {
  return value === null ? "-" : `${value.toPrecision(3)} ms`;
}
