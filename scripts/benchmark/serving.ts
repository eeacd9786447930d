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
/** Where the aim of the CPU time is set. */
const JUDGED_STREAMS = 256;
const RATES = [50, 200, 500] as const;
/**
 * Requests a second of which the time to the first token is compared. In a closed loop a request goes out the moment that
 * the mock has written the last token of another one, and is held up by its burst of writes the more, the faster a client is.
 */
const TTFT_RATE = 100;
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
  figures.push(...await compareTtft(wish));
  for (const rate of RATES) figures.push(await measureRate(rate, wish.seconds));
  return [...figures, ...await measureWorkers(wish.seconds)];
}

/** One client's load, and what the mock knows of it. */
interface Trial {
  readonly outcome: Outcome;
  readonly us_per_token: number;
  readonly errors: TtftErrors;
  /** By how much the mock was late, of the latest chunk of each request, ms. */
  readonly mock_late_ms: readonly number[];
}

interface Pairs {
  readonly own: readonly Trial[];
  readonly peer: readonly Trial[];
}

async function compareClients(
  { streams, tick_ms }: typeof SETTINGS[number],
  { rounds, seconds }: ServingLoad,
): Promise<Figure[]> {
  const answer_s = (TTFT_MS + 0.75 * OUTPUT_MOST * tick_ms) / 1000;
  const pairs = await inTurns(rounds, tick_ms, {
    shape: { kind: "closed", concurrency: streams },
    requests: streams * Math.max(1, Math.round(seconds / answer_s)),
    warmup: Math.max(streams, 256),
    input_most: INPUT_MOST,
    output_most: OUTPUT_MOST,
  });
  const { own, peer } = pairs;
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
      value: ratio(pairs, ({ us_per_token }) => us_per_token),
      aim: streams === JUDGED_STREAMS ? "<= 1.0" : null,
      remark: whyNot() ?? `over SGLang's client: ${cost(peer)?.toFixed(1)} us per token`,
    },
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

async function compareTtft({ rounds, seconds }: ServingLoad): Promise<Figure[]> {
  const pairs = await inTurns(rounds, 20, {
    shape: { kind: "open", rate: TTFT_RATE },
    requests: Math.round(TTFT_RATE * seconds),
    warmup: 128,
    input_most: INPUT_MOST,
    output_most: SHORT_OUTPUT_MOST,
  });
  const errorOf = (percent: number) => ({ errors }: Trial): number => percentile(errors.reported, percent);
  const told = (trials: readonly Trial[], percent: number): string =>
    ms(median(trials.map(errorOf(percent))));
  const stamped = pairs.own.flatMap(({ errors }) => errors.stamped);
  return [
    ...[50, 99].map((percent): Figure => ({
      name: `serving_ttft_error_p${percent}_ratio`,
      value: ratio(pairs, errorOf(percent)),
      aim: "<= 1.0",
      remark: whyNot() ??
        `${told(pairs.own, percent)} over ${told(pairs.peer, percent)} at ${TTFT_RATE} requests/s`,
    })),
    {
      name: "serving_stamp_error_p50_ms",
      value: percentile(stamped, 50),
      aim: null,
      remark: `of the same, our stamp less the server's at its write; p99 ${ms(percentile(stamped, 99))}`,
    },
  ];
}

/** Both clients with one load after the other, the first of a round in turns. Without SGLang's client only ours. */
async function inTurns(rounds: number, tick_ms: number, load: Load): Promise<Pairs> {
  const [own, peer]: [Trial[], Trial[]] = [[], []];
  const runOwn = async (): Promise<void> => {
    own.push(await tryClient(tick_ms, load.warmup, (baseUrl) => runOwnClient(baseUrl, load)));
  };
  const runPeer = async (): Promise<void> => {
    if (whyNot() === null) peer.push(await tryClient(tick_ms, 0, (baseUrl) => runPeerClient(baseUrl, load)));
  };
  for (let round = 0; round < rounds; round++) {
    for (const run of round % 2 === 0 ? [runOwn, runPeer] : [runPeer, runOwn]) await run();
  }
  return { own, peer };
}

async function tryClient(
  tick_ms: number,
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

function cost(trials: readonly Trial[]): number | null {
  return trials.length === 0 ? null : median(trials.map(({ us_per_token }) => us_per_token));
}

/** Ours over the other's, round by round; null without the other. */
function ratio({ own, peer }: Pairs, of: (trial: Trial) => number): number | null {
  const ratios = own.flatMap((trial, round) => {
    const other = peer[round];
    return other === undefined ? [] : [of(trial) / of(other)];
  });
  return ratios.length === 0 ? null : median(ratios);
}

function whyNot(): string | null {
  const missing = whatIsMissing();
  return missing === null ? null : `not run: ${missing}`;
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
