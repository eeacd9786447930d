import type { JsonObject } from "../../base/json.ts";
import { answerOf, askWorker, troubleOf } from "../ask_worker.ts";
import type { EngineCheck, StartServer } from "../engine.ts";
import { clientFloor, clientIsSlow, clientNotTried, quietMachineAdvice, trialFailed } from "./messages.ts";

/** As for any run: above this share of a latency the client's own delay is part of what was measured. */
const MOST_SHARE = 0.1;
/** A client that cannot tell latencies of this length is of no use for chats. */
const MOST_FLOOR_MS = 100;
/** Of the requests a second that were due. */
const LEAST_RATE_SHARE = 0.99;

type Figures = Readonly<Record<typeof FIGURES[number], number | null>>;

const FIGURES = [
  "requests",
  "failed",
  "tokens",
  "streams",
  "ttft_error_p50_ms",
  "ttft_error_p99_ms",
  "lateness_p99_ms",
  "cpu_us_per_token",
  "offered_rate",
  "achieved_rate",
] as const;

/** How good the client's stamps are here: a worker of its own measures a mock server for a second. */
export async function checkClient(startServer: StartServer): Promise<EngineCheck> {
  try {
    await using server = await startServer();
    const answer = await askWorker("openai", [server.base_url]);
    const figures = answerOf(answer);
    return answer.success && figures !== null ? judgeClient(figures) : notTried(troubleOf(answer));
  } catch (error) {
    return notTried((error as Error).message);
  }
}

/** The verdict on what a trial measured. */
export function judgeClient(measured: JsonObject): EngineCheck {
  const figures = Object.fromEntries(FIGURES.map((name) => {
    const value = measured[name];
    return [name, typeof value === "number" ? value : null];
  })) as Figures;
  const { ttft_error_p50_ms, ttft_error_p99_ms, lateness_p99_ms, cpu_us_per_token, failed } = figures;
  const { offered_rate, achieved_rate, requests } = figures;
  const isWhole = [ttft_error_p50_ms, ttft_error_p99_ms, lateness_p99_ms, cpu_us_per_token, offered_rate]
    .every((value) => value !== null);
  if (!isWhole || failed !== 0) return notTried(trialFailed(failed ?? requests ?? 0));
  const floor_ms = Math.max(ttft_error_p99_ms ?? 0, lateness_p99_ms ?? 0) / MOST_SHARE;
  const rateShare = (achieved_rate ?? 0) / (offered_rate ?? 1);
  const isSlow = floor_ms > MOST_FLOOR_MS || rateShare < LEAST_RATE_SHARE;
  const told = clientFloor({
    p50_ms: ttft_error_p50_ms ?? 0,
    p99_ms: ttft_error_p99_ms ?? 0,
    late_ms: lateness_p99_ms ?? 0,
    cpu_us: cpu_us_per_token ?? 0,
    rate: achieved_rate ?? 0,
    asked: offered_rate ?? 0,
  }, floor_ms);
  return {
    status: isSlow ? "warning" : "ok",
    detail: isSlow ? `${clientIsSlow()}: ${told}` : told,
    remedy: isSlow ? quietMachineAdvice() : null,
    figures: { ...figures, floor_ms },
  };
}

function notTried(reason: string): EngineCheck {
  return { status: "warning", detail: clientNotTried(reason), remedy: null };
}
