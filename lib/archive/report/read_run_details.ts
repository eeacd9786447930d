import { dirname, join } from "node:path";
import { largest, smallest } from "../../base/numbers.ts";
import type { EnergyRecord } from "../../results/energy/record.ts";
import { readRecord } from "../../results/read_record.ts";
import type { ResultRecord } from "../../results/record.ts";
import type { RecordPhase } from "../../results/record_phases.ts";
import { type ByteBudget, readLatency } from "./latency_quantiles.ts";
import { readPowerBands } from "./power_bands.ts";
import type { EnergySplit, PhaseSpan, RunDetails, RunHeat } from "./run_details.ts";

export interface DetailsWish {
  readonly study: number;
  /** Path of its result.json, below its study's directory. */
  readonly result_file: string;
  readonly dir: string;
  /** Whether its trace of power is wanted. */
  readonly power: boolean;
  readonly requests: ByteBudget;
}

/** What the folder of a run tells; null where its result is missing or damaged. */
export async function readRunDetails(
  { dir, study, result_file, power, requests }: DetailsWish,
): Promise<RunDetails | null> {
  const path = join(dir, result_file);
  const record = readRecord(path);
  if (record === null) return null;
  const { run: { index, run_id, config_hash, cycle }, energy } = record;
  const folder = dirname(path);
  const fromNs = firstBegin(record.phases);
  return {
    study,
    index,
    run_id,
    config_hash,
    cycle,
    phases_from_ms: phasesFromMs(record, fromNs),
    phases: fromNs === null ? [] : record.phases.map((phase) => spanOf(phase, fromNs)),
    energy: energy === null ? null : splitOf(energy),
    energy_reason: record.energy_reason,
    heat: energy === null ? null : heatOf(energy),
    latency: readLatency(join(folder, "requests.jsonl"), record.latency, requests),
    power: power ? await readPowerBands(join(folder, "power.parquet"), fromNs) : [],
  };
}

function firstBegin(phases: readonly RecordPhase[]): number | null {
  const begins = phases.map(({ begin_ns }) => Number(begin_ns)).filter(Number.isFinite);
  return begins.length === 0 ? null : smallest(begins);
}

function spanOf({ name, begin_ns, end_ns }: RecordPhase, fromNs: number): PhaseSpan {
  return {
    name,
    begin_s: (Number(begin_ns) - fromNs) / 1e9,
    end_s: end_ns === null ? null : (Number(end_ns) - fromNs) / 1e9,
  };
}

/** Phases have the monotonic clock; the record tells when the first measured window began by the other one. */
function phasesFromMs({ window, phases }: ResultRecord, fromNs: number | null): number | null {
  const measured = phases.filter(({ name }) => name === "measure").map(({ begin_ns }) => Number(begin_ns));
  const startMs = Date.parse(window?.started_at ?? "");
  if (fromNs === null || measured.length === 0 || Number.isNaN(startMs)) return null;
  return startMs - (smallest(measured) - fromNs) / 1e6;
}

function splitOf({ headline_j, window_s, output_tokens, baseline, devices }: EnergyRecord): EnergySplit {
  return {
    meters: Object.fromEntries(
      (devices ?? []).map((
        { uuid, counter_j = null, integral_j = null },
      ) => [uuid, { counter_j, integral_j }]),
    ),
    headline_j,
    window_s,
    output_tokens: output_tokens ?? null,
    bare_w: baseline.bare.power_w,
    context_w: baseline.context?.power_w ?? null,
    loaded_w: baseline.loaded?.power_w ?? null,
  };
}

function heatOf({ temperature, clocks, throttle }: Partial<EnergyRecord>): RunHeat {
  const sm = (clocks ?? []).map(({ sm_mhz }) => sm_mhz).filter((mhz) => mhz !== null);
  const slowest = (values: readonly number[]): number | null => values.length === 0 ? null : smallest(values);
  const throttled_s: Record<string, number> = {};
  for (const { seconds } of throttle?.devices ?? []) {
    for (const [cause, value] of Object.entries(seconds)) {
      if (value > 0) throttled_s[cause] = largest([throttled_s[cause] ?? 0, value]);
    }
  }
  return {
    start_c: temperature?.start_c ?? null,
    end_c: temperature?.end_c ?? null,
    max_c: temperature?.max_c ?? null,
    sm_mean_mhz: slowest(sm.map(({ mean }) => mean)),
    sm_min_mhz: slowest(sm.map(({ min }) => min)),
    throttled_s,
    disqualifying: throttle?.disqualifying ?? [],
  };
}
