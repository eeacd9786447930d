/**
 * The result file of `vllm bench serve` (009e6d4), one for each run: what dashboards for it read. Lists are of seconds, one
 * entry for each request of the measured window; where vLLM has 0 for a request that failed, so has this.
 */
import type { ServedLoad } from "../../../experiment/load.ts";
import { headline } from "../../../results/headline.ts";
import type { AttemptSource, StudyAttempt } from "../../../results/study_attempt.ts";
import type { ResultRecord } from "../../../results/record.ts";
import { variedText } from "../benchmark_names.ts";
import { encoded } from "../encoded.ts";
import { latencyStatistics, type RequestLists, requestLists } from "./request_lists.ts";

/** A run that has requests to tell of. */
export interface VllmRun {
  readonly attempt: StudyAttempt;
  readonly record: ResultRecord;
}

/** The runs that statistics count, in order, one at a time. */
export function* vllmRuns(source: AttemptSource): Generator<VllmRun> {
  for (const attempt of source.attempts()) {
    if (attempt.counts && attempt.record !== null) yield { attempt, record: attempt.record };
  }
}

/** The document on one line, as `--append-result` writes it, in pieces: the gaps between all tokens may be many. */
export async function* vllmPieces(
  source: AttemptSource,
  { attempt, record }: VllmRun,
): AsyncGenerator<Uint8Array> {
  const begin_ns = Number(record.phases.find(({ name }) => name === "measure")?.begin_ns ?? 0);
  const lists = requestLists(source.requests(attempt), begin_ns);
  const members = Object.entries(vllmDocument(attempt, record, lists));
  yield encoded(
    `{${members.map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`).join(", ")}`,
  );
  let waiting = ', "itls": [';
  let between = "";
  for (const line of source.requests(attempt)) {
    if (line["in_window"] === false) continue;
    const gaps = Array.isArray(line["itl_ms"]) && !isFailed(line) ? line["itl_ms"] : [];
    waiting += `${between}[${gaps.map((gap) => Number(gap) / 1000).join(", ")}]`;
    between = ", ";
    if (waiting.length < PIECE_CHARS) continue;
    yield encoded(waiting);
    waiting = "";
  }
  yield encoded(`${waiting}]}\n`);
  await Promise.resolve();
}

/** So much text is written at once. */
const PIECE_CHARS = 64 * 1024;

function isFailed(line: Readonly<Record<string, unknown>>): boolean {
  return typeof line["error"] === "string" && line["error"] !== "";
}

/** Without `itls`. */
function vllmDocument(
  { study, run_id, config_hash }: StudyAttempt,
  record: ResultRecord,
  lists: RequestLists,
): Record<string, unknown> {
  const metrics = headline(record);
  const served = record.load?.served ?? null;
  const row = study.summary.rows.find((each) => each.config_hash === config_hash);
  const n = lists.ttfts.length;
  const failed = lists.errors.filter((error) => error !== "").length;
  return {
    date: dateOf(record),
    label: row === undefined ? null : variedText(row),
    backend: record.config.backend,
    model_id: record.config.model,
    tokenizer_id: record.config.model,
    num_prompts: n > 0 ? n : record.measurement?.requests ?? null,
    request_rate: rateOf(served),
    burstiness: burstinessOf(served),
    max_concurrency: served?.kind === "closed"
      ? served.concurrency
      : served?.max_in_flight ?? record.load?.concurrency ?? null,
    duration: metrics["window_s"] ?? null,
    completed: n > 0 ? n - failed : record.measurement?.requests ?? null,
    failed,
    total_input_tokens: metrics["input_tokens"] ?? null,
    total_output_tokens: metrics["output_tokens"] ?? null,
    request_throughput: metrics["requests_per_s"] ?? null,
    request_goodput: metrics["goodput_per_s"] ?? null,
    output_throughput: metrics["output_tokens_per_s"] ?? null,
    total_token_throughput: metrics["total_tokens_per_s"] ?? null,
    max_output_tokens_per_s: lists.max_output_tokens_per_s,
    max_concurrent_requests: lists.max_concurrent_requests,
    rtfx: 0,
    ...latencyStatistics(lists, record.latency?.itl_ms ?? null),
    input_lens: lists.input_lens,
    output_lens: lists.output_lens,
    ttfts: lists.ttfts,
    latencies: lists.latencies,
    start_times: lists.start_times,
    queue_times: lists.queue_times,
    errors: lists.errors,
    llem_study_id: study.id,
    llem_run_id: run_id,
    llem_config_hash: config_hash,
    llem_energy_j: metrics["energy_j"] ?? null,
    llem_j_per_output_token: metrics["j_per_output_token"] ?? null,
  };
}

/** `20260101-120000`, UTC. */
function dateOf({ window, timing }: ResultRecord): string {
  return (window?.started_at ?? timing.started_at).slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
}

/** `inf` is as fast as the requests before are answered. */
function rateOf(served: ServedLoad | null): number | "inf" | null {
  if (served === null || served.kind === "closed") return "inf";
  return served.kind === "trace" ? null : served.rate;
}

/** The shape of vLLM's gamma distribution: 1 is a Poisson process; null for loads that are none of it. */
function burstinessOf(served: ServedLoad | null): number | null {
  if (served === null || served.kind === "closed" || served.kind === "poisson") return 1;
  return served.kind === "gamma" ? served.shape : null;
}
