import { variation } from "../../../../lib/base/numbers.ts";
import type { JsonObject } from "../../../../lib/base/json.ts";
import type { ExperimentConfig } from "../../../../lib/experiment/config.ts";
import { stampNs } from "../../../../lib/base/stamp.ts";
import { closedLoop } from "../load/closed_loop.ts";
import type { PromptSource } from "../prompts/prompt_source.ts";
import { WARM_UP_PASS } from "../prompts/prompt_source.ts";
import type { BodyWish } from "../prompts/request_body.ts";
import type { RequestRecord } from "../stream/request_record.ts";
import { readyRequest } from "./bodies.ts";
import { warmUpProgress } from "./messages.ts";
import { type Outbox, phase } from "./outbox.ts";
import type { Requester } from "./requester.ts";

/** What is sent before anything counts. */
export interface WarmUpWish {
  readonly source: PromptSource;
  readonly wish: BodyWish;
  readonly requester: Requester;
  /** Requests in flight. */
  readonly concurrency: number;
  readonly config: ExperimentConfig["warmup"];
  readonly outbox: Outbox;
}

/** What the warm-up came to, as the result states it. */
export interface WarmedUp extends JsonObject {
  readonly prompts: number;
  /** Of requests that succeeded, in the order of their ends. */
  readonly latencies_ms: readonly number[];
  readonly failed: number;
  /** Null where nobody asked. */
  readonly converged: boolean | null;
  readonly final_cv: number | null;
}

/** Requests that are not counted: so many, or one after the other until their latencies settle. */
export async function warmUp(wish: WarmUpWish): Promise<WarmedUp> {
  const { config, outbox } = wish;
  outbox.send(phase("warmup", "begin", stampNs()));
  const result = config.convergence_detection ? await untilSettled(wish) : await byCount(wish);
  outbox.send(phase("warmup", "end", stampNs()));
  return result;
}

async function byCount(wish: WarmUpWish): Promise<WarmedUp> {
  const { config: { n_warmup }, concurrency } = wish;
  const latencies_ms: number[] = [];
  let failed = 0;
  await closedLoop({
    concurrency: Math.min(concurrency, n_warmup),
    count: n_warmup,
    stop: new AbortController().signal,
    nowNs: stampNs,
    send: async (index) => {
      const { e2e_ms } = await one(wish, index, n_warmup);
      if (e2e_ms === null) failed++;
      else latencies_ms.push(e2e_ms);
    },
  });
  return { prompts: n_warmup, latencies_ms, failed, converged: null, final_cv: null };
}

async function untilSettled(wish: WarmUpWish): Promise<WarmedUp> {
  const { cv_threshold, max_prompts, min_prompts, window_size } = wish.config;
  const latencies_ms: number[] = [];
  let [failed, final_cv, converged]: [number, number | null, boolean] = [0, null, false];
  for (let sent = 0; !converged && sent < max_prompts; sent++) {
    const { e2e_ms } = await one(wish, sent, max_prompts);
    if (e2e_ms === null) {
      failed++;
      continue;
    }
    latencies_ms.push(e2e_ms);
    if (latencies_ms.length < window_size) continue;
    final_cv = variation(latencies_ms.slice(-window_size));
    converged = latencies_ms.length >= min_prompts && final_cv < cv_threshold;
  }
  return { prompts: latencies_ms.length + failed, latencies_ms, failed, converged, final_cv };
}

async function one(
  { source, wish, requester, outbox }: WarmUpWish,
  index: number,
  total: number,
): Promise<RequestRecord> {
  const pass = WARM_UP_PASS + Math.floor(index / source.count);
  const ready = readyRequest(source.at(index % source.count, pass), wish);
  const record = await requester.make(ready, index, null);
  outbox.send({ type: "progress", done: index + 1, total, unit: "requests", note: warmUpProgress() });
  return record;
}
