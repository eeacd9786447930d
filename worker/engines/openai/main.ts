/**
 * worker/engines/openai/ is the client of servers that speak the OpenAI protocol: it makes a load, follows every request
 * by the stamps of its reads, and says what the load came to. It starts no server and measures no energy. Nothing here
 * reads a clock other than CLOCK_MONOTONIC.
 *
 * | folder | holds |
 * |---|---|
 * | `run` | one run from its preparation to its result: where the others meet |
 * | `windows` | when a steady window opens and ends, and what is in it |
 * | `counters` | the server's own counters over the window |
 * | `prompts` | prompts of exact lengths, request bodies, the prefix cache, conversations |
 * | `server` | what the server says of itself |
 * | `load` | when requests are sent |
 * | `health` | whether the client was the limit |
 * | `stream` | one answer: events, tokens, its record |
 * | `http` | connections and HTTP/1.1, a stamp for every read |
 */
import { join } from "node:path";
import { append } from "../../../lib/base/numbers.ts";
import { stampNs } from "../../../lib/base/stamp.ts";
import { LLEM_VERSION } from "../../../lib/base/version.ts";
import { promptCount } from "../../../lib/experiment/config.ts";
import type { OpenaiConfig } from "../../../lib/experiment/engines/openai/declaration.ts";
import { servedLoad } from "../../../lib/experiment/engines/openai/load.ts";
import type { Assignment } from "../../../lib/protocol/assignment.ts";
import type { HelloFrame } from "../../../lib/protocol/frame.ts";
import { parseSettled, SETTLED_FILE } from "../../../lib/protocol/settled.ts";
import { passGate } from "../../gate.ts";
import type { Report } from "../../report.ts";
import { WorkerError } from "../../worker_error.ts";
import { CounterScraper } from "./counters/scraper.ts";
import { CpuMeter } from "./health/cpu_share.ts";
import { LoopLag } from "./health/loop_lag.ts";
import { preparePrefixCache } from "./prompts/prefix_cache.ts";
import type { BodyWish } from "./prompts/request_body.ts";
import { sessionCount } from "./prompts/session.ts";
import { loadedIdle } from "./run/idle.ts";
import { type LoadLength, loadSchedule, traceOf } from "./run/load_schedule.ts";
import { measure } from "./run/measure.ts";
import { noSection } from "./run/messages.ts";
import { Outbox, phase } from "./run/outbox.ts";
import { connectionsOf, meetServer, openConnections, preparePrompts } from "./run/prepare.ts";
import { Requester } from "./run/requester.ts";
import { makeResult } from "./run/result.ts";
import { openService } from "./run/service.ts";
import { MOST_GROWTH, type WindowWish } from "./run/steady.ts";
import { judgeFailures } from "./run/verdicts.ts";
import { warmUp } from "./run/warm_up.ts";
import { noteOf } from "./warning.ts";

/** `measure.min_seconds` of a steady window that names none. */
const STEADY_SECONDS = 30;
/** A load that has not settled after so long, or after three windows, is measured as it is. */
const LEAST_LEAD_IN_S = 60;
/** Requests that are due in the window end after it, with the load going on. */
const TAIL_S = 600;
/** After the measurement a shorter look shows whether the level has moved. */
const LAST_IDLE_S = 10;

/** Runs one assignment. Rejects with a WorkerError. */
export async function runOpenai(assignment: Assignment, report: Report): Promise<void> {
  const { config, base_dir, run_dir } = assignment;
  const section = sectionOf(assignment);
  using outbox = new Outbox(report);
  using service = openService(assignment, section, Deno.env.toObject());
  outbox.send(hello(assignment), phase("load", "begin", stampNs()));

  const questions = service.openCall();
  const server = await meetServer(assignment, service, questions.call);
  const load = servedLoad(section);
  const trace = traceOf(load, base_dir, promptCount(config));
  const prompts = await preparePrompts(assignment, section, server, questions.call, trace, (done, total) => {
    outbox.send({ type: "progress", done, total, unit: "prompts" });
  });
  const notes = [...prompts.source.warnings];
  const requester = new Requester({
    service,
    api: section.api,
    limit_s: assignment.request_timeout_s ?? null,
  });
  const bodyWish: BodyWish = {
    kind: server.kind,
    api: section.api,
    model: server.model,
    temperature: prompts.source.facts.made_by === "recorded" ? config.decoder.temperature : 0,
    seed: config.random_seed,
    user: section.body,
    cache: {},
  };
  outbox.send(phase("load", "end", stampNs()));

  await passGate(assignment.gate, (ready) => outbox.send(ready));
  const idleSeconds = config.baseline.enabled && assignment.gpu_metered === true
    ? config.baseline.duration_seconds
    : 0;
  if (idleSeconds > 0) await loadedIdle(idleSeconds, outbox);
  const concurrency = connectionsOf(load, prompts.source.count);
  const steady = config.measure.steady ? windowWish(config.measure.min_seconds, run_dir) : null;
  const { source } = prompts;
  // A steady window is warmed up by its own load.
  const warmup = config.warmup.enabled && steady === null
    ? await warmUp({ source, wish: bodyWish, requester, concurrency, config: config.warmup, outbox })
    : null;

  const cache = await preparePrefixCache(questions.call, server.kind, section.prefix_cache);
  if (cache.kind === "unique") {
    source.useSalt();
    if (cache.warning !== null) notes.push(cache.warning);
  }
  // Small servers keep a thread for each connection. Conversations ask for the tokens of each answer.
  if (prompts.sessions.turns === 1) questions[Symbol.dispose]();
  append(notes, await openConnections(service, load, source.count));

  const length: LoadLength = steady === null
    ? {
      kind: "whole",
      units: sessionCount(source, prompts.sessions),
      minSeconds: config.measure.min_seconds,
    }
    : { kind: "stopped", mostSeconds: steady.mostLeadInSeconds + MOST_GROWTH * steady.minSeconds + TAIL_S };
  const scraper = new CounterScraper({
    call: service.openCall().call,
    kind: server.kind,
    clock: stampNs,
    rawPath: join(run_dir, "server_counters.jsonl"),
  });
  using lag = new LoopLag();
  let cpu = new CpuMeter();
  const before = service.pool.counts;
  const measured = await measure({
    conversations: {
      prompts,
      requester,
      wish: { ...bodyWish, cache: cache.kind === "body" ? cache.fields : {} },
    },
    schedule: loadSchedule(load, trace, length),
    length,
    steady,
    outbox,
    giveUp: (made) => judgeFailures(made, service.base_url, section),
    edges: {
      begin: () => {
        lag.restart();
        cpu = new CpuMeter();
        return scraper.begin();
      },
      end: () => scraper.end(),
    },
  });
  const health = { ...cpu.facts(), loop_lag: lag.facts() };
  if (idleSeconds > 0) await loadedIdle(Math.min(idleSeconds, LAST_IDLE_S), outbox);
  outbox.send(phase("close", "begin", stampNs()));
  const { result, warnings } = makeResult({
    section,
    service,
    server,
    load,
    prompts,
    bodyWish,
    cache,
    warmup,
    measured,
    scraper,
    health,
    pool: { before, after: service.pool.counts },
  });
  outbox.sendAll([...notes, ...warnings].map(noteOf));
  outbox.send(result, phase("close", "end", stampNs()));
}

function hello({ server }: Assignment): HelloFrame {
  return {
    type: "hello",
    backend: "openai",
    versions: {
      llem: LLEM_VERSION,
      ...server === undefined || server.version === null ? {} : { [server.kind]: server.version },
    },
    pid: Deno.pid,
    // What the server computes on, it does not tell.
    devices: [],
  };
}

function sectionOf({ config }: Assignment): OpenaiConfig {
  if (config.openai !== null && config.openai !== undefined) return config.openai;
  throw new WorkerError("bad_setting", noSection());
}

function windowWish(min_seconds: number | null, run_dir: string): WindowWish {
  const minSeconds = min_seconds ?? STEADY_SECONDS;
  const path = join(run_dir, SETTLED_FILE);
  return {
    minSeconds,
    mostLeadInSeconds: Math.max(LEAST_LEAD_IN_S, 3 * minSeconds),
    settled: () => parseSettled(textIfThere(path)),
  };
}

function textIfThere(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return null; // nothing meters
  }
}
