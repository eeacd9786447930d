import { createHash } from "node:crypto";
import type { JsonObject } from "../../../../lib/base/json.ts";
import type { OpenaiConfig } from "../../../../lib/experiment/engines/openai/declaration.ts";
import type { ServedLoad } from "../../../../lib/experiment/engines/openai/load.ts";
import type { ResultFrame } from "../../../../lib/protocol/frame.ts";
import { type ClientTokens, compareTokens } from "../counters/compare_tokens.ts";
import { hitCounters } from "../counters/counter_summary.ts";
import type { CounterScraper } from "../counters/scraper.ts";
import { type ClientHealth, judgeHealth } from "../health/client_health.ts";
import { fileFacts } from "../health/open_files.ts";
import { portFacts } from "../health/ports.ts";
import type { PoolCounts } from "../http/pool.ts";
import { judgeLateness, loadFacts } from "../load/load_facts.ts";
import { cacheVerdict } from "../prompts/cache_verdict.ts";
import type { Warning } from "../warning.ts";
import type { CachePreparation } from "../prompts/prefix_cache.ts";
import { type BodyWish, overridden } from "../prompts/request_body.ts";
import type { RunPrompts } from "../prompts/run_prompts.ts";
import { countedBetween, countedInAll } from "./counted_tokens.ts";
import type { Made } from "./made.ts";
import type { Measured } from "./measure.ts";
import type { MetServer } from "./prepare.ts";
import type { Service } from "./service.ts";
import {
  judgeClient,
  judgeEmptiness,
  judgeFailures,
  judgeLengths,
  judgeSteadiness,
  judgeTurns,
  ttftMedianMs,
} from "./verdicts.ts";
import type { WarmedUp } from "./warm_up.ts";

/** What a finished load knows. */
export interface RunFacts {
  readonly section: OpenaiConfig;
  readonly service: Service;
  readonly server: MetServer;
  readonly load: ServedLoad;
  readonly prompts: RunPrompts;
  readonly bodyWish: BodyWish;
  readonly cache: CachePreparation;
  /** Null where there was none. */
  readonly warmup: WarmedUp | null;
  readonly measured: Measured;
  readonly scraper: CounterScraper;
  readonly health: Pick<ClientHealth, "cpu_s" | "cpu_share" | "loop_lag">;
  readonly pool: { readonly before: PoolCounts; readonly after: PoolCounts };
}

/** So much of the first answer tells people whether it is a text. */
const SAMPLE_CHARS = 300;

/** The result of a run, and what its reader should be warned of. Throws a WorkerError where no request succeeded. */
export function makeResult(run: RunFacts): {
  readonly result: ResultFrame;
  readonly warnings: readonly Warning[];
} {
  const { measured: { made, steady, dispatched, window, sample }, prompts: { source }, server, section } =
    run;
  const failures = judgeFailures(made, run.service.base_url, section);
  const lengths = judgeLengths(made, source.facts);
  const load = loadFacts(made, dispatched, run.load.kind === "closed" ? "closed" : "open");
  const ttftMs = ttftMedianMs(made);
  const health = clientHealth(run);
  const verdict = judgeHealth(health, judgeLateness(load.lateness, ttftMs), ttftMs);
  const counters = run.scraper.summary();
  const cache = cacheVerdict(
    section.prefix_cache,
    made.filter(({ error }) => error === null),
    hitCounters(counters),
  );
  const totals = totalsOf(made);
  const compared = compareTokens(counters, countedTokens(run, totals));
  const { warnings: _, ...serverTokens } = compared;
  const result: ResultFrame = {
    type: "result",
    input_tokens: totals.input_tokens,
    output_tokens: totals.output_tokens,
    requests: made.length,
    model: { name: server.model },
    metrics: {
      passes: Math.ceil(made.length / Math.max(1, source.count)),
      input_hash: inputHash(run),
      output_hash: outputHash(made, source.count),
      sample_output: sample === null ? null : { text: sample.slice(0, SAMPLE_CHARS) },
      warmup: run.warmup,
    },
    settings: {
      base_url: run.service.base_url,
      server_kind: server.kind,
      server_version: server.version,
      api: section.api,
      load: { ...run.load },
      overridden_fields: [...overridden(source.at(0, 0), run.bodyWish)],
    },
    ...steady === null
      ? {}
      : { window: { input_tokens: steady.tokens.input_tokens, output_tokens: steady.tokens.output_tokens } },
    serving: {
      load,
      prompts: source.facts,
      lengths: lengths.verdict,
      prefix_cache: { mode: section.prefix_cache, done: preparationOf(run.cache), ...withoutWarning(cache) },
      counters,
      server_tokens: serverTokens,
      health: { ...health, verdict: verdict.latency, causes: verdict.causes },
      connections: differenceOf(run.pool.before, run.pool.after),
      window: {
        t0_ns: String(window.t0_ns),
        t1_ns: String(window.t1_ns),
        seconds: Number(window.t1_ns - window.t0_ns) / 1e9,
        steady: steady === null ? null : {
          verdict: steady.verdict.kind,
          is_short: steady.verdict.is_short,
          in_flight: steady.verdict.in_flight,
          ttft_sched_ms: steady.verdict.ttft_sched_ms,
          lead_in_s: steady.lead_in_s,
          opened_despite: steady.opened_despite,
          requests_cut: steady.tokens.requests_cut,
        },
      },
      server_facts: server.facts,
    },
  };
  return {
    result,
    warnings: [
      ...failures,
      ...lengths.warnings,
      ...judgeEmptiness(made),
      ...cache.warning === null ? [] : [cache.warning],
      ...compared.warnings,
      ...run.scraper.warnings(),
      ...judgeTurns(run.measured.turnsWithoutAnswers),
      ...judgeClient(verdict, load),
      ...judgeSteadiness(run.measured),
    ],
  };
}

function clientHealth({ service: { target }, health, pool: { before, after } }: RunFacts): ClientHealth {
  return {
    ...health,
    reconnects: after.reopened - before.reopened,
    ports: portFacts({ address: target.hostname, port: target.port }),
    files: fileFacts(),
  };
}

function differenceOf(before: PoolCounts, after: PoolCounts): PoolCounts {
  return {
    opened: after.opened - before.opened,
    reopened: after.reopened - before.reopened,
    failed_to_open: after.failed_to_open - before.failed_to_open,
    reused: after.reused - before.reused,
    retried: after.retried - before.retried,
    dropped_idle: after.dropped_idle - before.dropped_idle,
    closed_idle: after.closed_idle - before.closed_idle,
    reset: after.reset - before.reset,
  };
}

interface Totals {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cached_tokens: number;
}

/** All that was received, by failed requests too; an input counts once its first token has come. */
function totalsOf(made: readonly Made[]): Totals {
  const sum = (value: (one: Made) => number): number => made.reduce((total, one) => total + value(one), 0);
  return {
    input_tokens: sum(({ input_tokens, t_first_token_ns }) =>
      t_first_token_ns === null ? 0 : input_tokens ?? 0
    ),
    output_tokens: sum(({ output_tokens }) => output_tokens),
    cached_tokens: sum(({ cached_tokens }) => cached_tokens ?? 0),
  };
}

/** Without a steady window the counters were read before the load and after it. */
function countedTokens(
  { measured: { made, steady }, scraper: { readings } }: RunFacts,
  totals: Totals,
): ClientTokens {
  const [first, last] = [readings[0], readings.at(-1)];
  return steady === null || first === undefined || last === undefined
    ? countedInAll(totals)
    : countedBetween({ t0_ns: first.t_ns, t1_ns: last.t_ns }, made);
}

/** SHA-256 over the prompts of one pass: equal where two runs asked the same. */
function inputHash({ prompts: { source } }: RunFacts): string {
  const hash = createHash("sha256");
  for (let index = 0; index < source.count; index++) {
    hash.update(JSON.stringify(source.at(index, 0).payload));
  }
  return hash.digest("hex");
}

/**
 * SHA-256 over the answers of the first pass of `count` requests by their index; null where one of them is missing, failed or
 * had no text. How many passes follow hangs on how fast the server is.
 */
function outputHash(made: readonly Made[], count: number): string | null {
  const first = made.filter(({ index }) => index < count);
  if (first.length < count) return null;
  const hash = createHash("sha256");
  for (const { output_sha256 } of first.toSorted((a, b) => a.index - b.index)) {
    if (output_sha256 === null) return null;
    hash.update(output_sha256);
  }
  return hash.digest("hex");
}

function preparationOf(cache: CachePreparation): JsonObject {
  switch (cache.kind) {
    case "reset":
      return { kind: cache.kind, path: cache.path };
    case "body":
      return { kind: cache.kind, fields: cache.fields };
    case "unique":
    case "allow":
      return { kind: cache.kind };
  }
}

function withoutWarning<Value extends { readonly warning: unknown }>(value: Value): Omit<Value, "warning"> {
  const { warning: _, ...rest } = value;
  return rest;
}
