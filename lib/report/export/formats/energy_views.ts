/**
 * Views of runs in the fields of two public leaderboards for energy, each with whether it may stand beside their rows and,
 * where not, why. What a run does not tell is null: a leaderboard that fills it with 0 has a wrong number.
 */
import type { ExperimentConfig } from "../../../experiment/config.ts";
import { aboutOf } from "../../../results/about.ts";
import { headline } from "../../../results/headline.ts";
import type { ResultRecord } from "../../../results/record.ts";
import type { AttemptSource, StudyAttempt } from "../../../results/study_attempt.ts";
import { flatten } from "../../../results/varied.ts";
import {
  energyNotResolved,
  itlMissing,
  noGpuEnergy,
  notSteady,
  otherGpu,
  otherPrompts,
  tooFewPrompts,
} from "../messages.ts";
import type { Cell } from "../table.ts";

/** A run that statistics count. */
export interface ViewedRun {
  readonly attempt: StudyAttempt;
  readonly record: ResultRecord;
}

export function* viewedRuns(source: AttemptSource): Generator<ViewedRun> {
  for (const attempt of source.attempts()) {
    if (attempt.counts && attempt.record !== null) yield { attempt, record: attempt.record };
  }
}

/** One run as a row of the ML.ENERGY leaderboard's index (0cd52da), with the distribution of its model file. */
export function mlEnergyView(
  { attempt, record }: ViewedRun,
  outputLengths: Iterable<number>,
): Record<string, unknown> {
  const { model, weights, parameters } = aboutOf(record);
  const { energy, measurement, latency, config } = record;
  const boards = energy?.devices ?? [];
  const requests = record.requests?.in_window.succeeded ?? measurement?.requests ?? null;
  const outputs = measurement?.output_tokens ?? null;
  const setting = settingsOf(config);
  const itl = latency?.itl_ms ?? null;
  const reasons = [
    ...boardReasons(record, /H100|B200/, "H100, B200"),
    ...energyReasons(record),
    ...config.measure?.steady === true ? [] : [notSteady()],
    ...itl === null ? [itlMissing()] : [],
    ...ML_ENERGY_PROMPTS.test(promptsOf(config)) ? [] : [otherPrompts("ML.ENERGY")],
  ];
  return {
    model_id: config.model,
    nickname: model,
    architecture: null,
    total_params_billions: parameters === null ? null : parameters / 1e9,
    activated_params_billions: null,
    weight_precision: weights,
    gpu_model: boards[0]?.name ?? null,
    num_gpus: boards.length === 0 ? null : boards.length,
    tensor_parallel: setting("tensor_parallel_size") ?? setting("tp_size"),
    expert_parallel: setting("expert_parallel_size"),
    data_parallel: setting("data_parallel_size"),
    max_num_seqs: setting("max_num_seqs"),
    avg_batch_size: null,
    avg_output_len: ratio(outputs, requests),
    avg_power_watts: energy?.avg_power_w ?? null,
    energy_per_request_joules: ratio(energy?.headline_j ?? null, requests),
    energy_per_token_joules: energy?.j_per_output_token ?? null,
    output_throughput_tokens_per_sec: record.throughput?.output_tokens_per_s ?? null,
    median_itl_ms: itl?.median ?? null,
    p90_itl_ms: itl?.p90 ?? null,
    p95_itl_ms: itl?.p95 ?? null,
    p99_itl_ms: itl?.p99 ?? null,
    output_length_distribution: histogram([...outputLengths]),
    compatible: reasons.length === 0,
    reasons,
    study_id: attempt.study.id,
    run_id: attempt.run_id,
  };
}

/** The columns of AI Energy Score's results (a5b9a04), and whether a run may stand there. */
export const AI_ENERGY_SCORE_COLUMNS = [
  "model_name",
  "model_class",
  "task",
  "reasoning_state",
  "total_prompts",
  "successful_prompts",
  "failed_prompts",
  "total_duration_seconds",
  "avg_total_time",
  "avg_time_to_first_token",
  "total_tokens",
  "total_prompt_tokens",
  "total_completion_tokens",
  "throughput_tokens_per_second",
  "gpu_energy_wh",
  "wh_per_1000_queries",
  "co2_emissions_g",
  "tokens_per_joule",
  "avg_energy_per_prompt_wh",
  "timestamp",
  "error_message",
  "compatible",
  "reasons",
  "study_id",
  "run_id",
] as const;
type ScoreColumn = typeof AI_ENERGY_SCORE_COLUMNS[number];

/** One run as a row of AI Energy Score's results. */
export function aiEnergyScoreView({ attempt, record }: ViewedRun): Readonly<Record<ScoreColumn, Cell>> {
  const { config, energy, latency, measurement, requests } = record;
  const metrics = headline(record);
  const isTheirs = SCORE_PROMPTS.test(promptsOf(config));
  const failed = requests?.failed ?? null;
  const total = requests?.total ?? measurement?.requests ?? null;
  const succeeded = total === null ? null : total - (failed ?? 0);
  const gpuWh = energy === null || energy.headline_j === null || !isOfGpus(record)
    ? null
    : energy.headline_j / 3600;
  const [input, output] = [measurement?.input_tokens ?? null, measurement?.output_tokens ?? null];
  const tokens = input === null || output === null ? null : input + output;
  const perPromptWh = ratio(gpuWh, succeeded);
  const reasons = [
    ...boardReasons(record, /H100.*80 ?GB/, "H100-80GB"),
    ...energyReasons(record),
    ...isTheirs ? [] : [otherPrompts("AI Energy Score")],
    ...isTheirs && (total ?? 0) < SCORE_N ? [tooFewPrompts(total ?? 0, SCORE_N)] : [],
  ];
  return {
    model_name: config.model,
    model_class: null,
    task: isTheirs ? "text_generation" : null,
    reasoning_state: null,
    total_prompts: total,
    successful_prompts: succeeded,
    failed_prompts: failed,
    total_duration_seconds: metrics["window_s"] ?? null,
    avg_total_time: seconds(latency?.e2e_ms?.mean ?? null),
    avg_time_to_first_token: seconds(latency?.ttft_ms?.mean ?? null),
    total_tokens: tokens,
    total_prompt_tokens: input,
    total_completion_tokens: output,
    throughput_tokens_per_second: metrics["output_tokens_per_s"] ?? null,
    gpu_energy_wh: gpuWh,
    wh_per_1000_queries: perPromptWh === null ? null : perPromptWh * 1000,
    co2_emissions_g: null,
    tokens_per_joule: gpuWh === null ? null : ratio(tokens, gpuWh * 3600),
    avg_energy_per_prompt_wh: perPromptWh,
    timestamp: record.window?.started_at ?? record.timing.started_at,
    error_message: record.outcome.error?.message ?? null,
    compatible: reasons.length === 0,
    reasons: reasons.join("; "),
    study_id: attempt.study.id,
    run_id: attempt.run_id,
  };
}

/** Prompts of a task of AI Energy Score. */
const SCORE_N = 1000;
const SCORE_PROMPTS = /^(?:aienergyscore$|AIEnergyScore\/|EnergyStarAI\/)/;
const ML_ENERGY_PROMPTS = /^(?:ml-energy\/|lmarena-ai\/)/;

/** The dataset by its name; empty for prompts that are made or lie in a file. */
function promptsOf({ dataset }: Pick<ResultRecord, "config">["config"]): string {
  if (typeof dataset === "string") return dataset;
  return dataset !== undefined && "hub" in dataset ? dataset.hub : "";
}

function isOfGpus({ energy }: ResultRecord): boolean {
  return energy !== null && energy.method !== null && energy.method !== "rapl" &&
    (energy.devices ?? []).length > 0;
}

function boardReasons(record: ResultRecord, wanted: RegExp, names: string): string[] {
  if (!isOfGpus(record)) {
    return [noGpuEnergy(record.energy_reason ?? (record.energy?.verdict_reasons.join(", ") || null))];
  }
  const others = (record.energy?.devices ?? []).map(({ name }) => name).filter((name) => !wanted.test(name));
  return others.length === 0 ? [] : [otherGpu([...new Set(others)], names)];
}

function energyReasons(record: ResultRecord): string[] {
  const { energy } = record;
  return energy === null || !isOfGpus(record) || energy.verdict === "resolved"
    ? []
    : [energyNotResolved(energy.verdict, energy.verdict_reasons)];
}

/** The number of a setting by the last word of its path, whatever section of the configuration it stands in. */
function settingsOf(config: ResultRecord["config"]): (name: string) => number | null {
  const flat = flatten(config as unknown as ExperimentConfig);
  return (name) => {
    for (const [path, value] of flat) {
      if (path.split(".").at(-1) === name && typeof value === "number") return value;
    }
    return null;
  };
}

const BINS = 50;

/** 50 counts between 51 edges of equal width, as numpy's histogram makes them; null without lengths. */
function histogram(values: readonly number[]): { readonly bins: number[]; readonly counts: number[] } | null {
  if (values.length === 0) return null;
  const sorted = new Float64Array(values).sort();
  const [low, high] = [sorted[0] ?? 0, sorted.at(-1) ?? 0];
  const [from, to] = low === high ? [low - 0.5, high + 0.5] : [low, high];
  const width = (to - from) / BINS;
  const counts = Array.from({ length: BINS }, () => 0);
  for (const value of values) {
    const bin = Math.min(BINS - 1, Math.floor((value - from) / width));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { bins: Array.from({ length: BINS + 1 }, (_, edge) => from + edge * width), counts };
}

function ratio(value: number | null, by: number | null): number | null {
  return value === null || by === null || by === 0 ? null : value / by;
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}
