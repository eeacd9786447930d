/**
 * Study directories as a finished study leaves them, of any size, without running anything: valid plan, journal, manifest,
 * results, and where asked requests.jsonl and power.parquet. The numbers are made up (log-normal around a value of each
 * experiment), so nothing here shows that llem measures right: it is for readers, their speed and their pages.
 */
import { gpuDevice } from "./meter_devices.ts";
import { join } from "node:path";
import { jsonFile } from "../../lib/base/files.ts";
import type { JsonObject } from "../../lib/base/json.ts";
import { LLEM_VERSION } from "../../lib/base/version.ts";
import type { ExperimentConfig } from "../../lib/experiment/config.ts";
import { configHash, designHash } from "../../lib/experiment/identity.ts";
import type { Outcome } from "../../lib/experiment/outcome.ts";
import type { Run } from "../../lib/experiment/run.ts";
import type { JournalEvent, StampedEvent } from "../../lib/journal/event.ts";
import { finishedEvent } from "../../lib/journal/finished_event.ts";
import { foldJournal } from "../../lib/journal/fold.ts";
import { encodeLine } from "../../lib/journal/journal_line.ts";
import { makeManifest } from "../../lib/journal/manifest.ts";
import { storePlan } from "../../lib/archive/stored_plan.ts";
import { PowerTrace } from "../../lib/results/power_trace.ts";
import { makeRecord, type RecordWarning, type ResultRecord } from "../../lib/results/record.ts";
import { recordFile } from "../../lib/results/record_file.ts";
import { runFolderName } from "../../lib/results/run_folder.ts";
import { type Disk, realDisk } from "../../lib/storage/disk.ts";
import { configOf, planOf } from "./plans.ts";
import { Random } from "./random.ts";
import { COMPLETED, CRASHED, factsOf, measurementOf, samplesOf } from "./records.ts";
import { syntheticEnergy } from "./synthetic_energy.ts";

/** What a directory is to hold; everything has a default. */
export interface SyntheticStudy {
  readonly name?: string;
  /** Default 4. */
  readonly experiments?: number;
  /** Default 3. */
  readonly cycles?: number;
  /** Lines of requests.jsonl in every run; 0, the default, writes none. The latencies of the record are of 64 all the same. */
  readonly requests?: number;
  /** Readings of power in every run; 0, the default, writes no power.parquet. */
  readonly powerReadings?: number;
  /** False for a machine without meters. */
  readonly energy?: boolean;
  /** Spread of a run's numbers, on logs. Default 0.02. */
  readonly cv?: number;
  /** By what factor everything is slower (and takes more joules) than usual: for two studies that differ. Default 1. */
  readonly slowdown?: number;
  /** Runs of these indices (1-based) crash. */
  readonly failed?: (index: number) => boolean;
  /** Runs of these indices crash first and complete in their second attempt. */
  readonly retried?: (index: number) => boolean;
  /** The same seed gives the same bytes. Default 1. */
  readonly seed?: number;
  /** UTC, ISO 8601; also in the name of the directory. */
  readonly startedAt?: string;
  /** The GPU's name. */
  readonly gpu?: string;
}

const BOARD = "GPU-00000000-0000-0000-0000-000000000000";
const SECONDS_A_RUN = 10;

/** Makes `<folder>/<name>_<time>_<4 letters>` and returns its path. */
export function syntheticStudy(folder: string, wish: SyntheticStudy = {}): string {
  const { name = "synthetic", experiments = 4, cycles = 3, seed = 1 } = wish;
  const startedAt = wish.startedAt ?? "2026-01-02T03:04:05.000Z";
  const random = new Random(seed);
  const configs = Array.from({ length: experiments }, (_, index) => configNumber(index));
  const runs = runsOf(configs, cycles);
  const design = designHash(configs.map((config) => configHash(config)));
  const plan = {
    ...planOf([], { name, n_cycles: cycles, execution: { n_cycles: cycles, cycle_order: "interleaved" } }),
    study_design_hash: design,
    n_experiments: experiments,
    runs,
  };
  const letters = Array.from({ length: 4 }, () => random.pick([..."abcdefghjkmnpqrstuvwxyz"])).join("");
  const id = `${name}_${startedAt.slice(0, 19).replaceAll(":", "-")}_${letters}`;
  const dir = join(folder, id);
  Deno.mkdirSync(join(dir, "runs"), { recursive: true });
  const write = (path: string, value: unknown): void => Deno.writeFileSync(join(dir, path), jsonFile(value));
  Deno.writeTextFileSync(join(dir, "study.yaml"), `name: ${name}\n`);
  write("environment.json", environment(startedAt, wish.gpu ?? "Synthetic GPU"));
  write("inputs.json", { schema: "llem.inputs/1", models: {}, prompts: {} });
  write("plan.json", storePlan(plan, { base_dir: "/studies", study_sha256: "0".repeat(64) }));

  const events: StampedEvent[] = [];
  let clockMs = Date.parse(startedAt);
  const tell = (event: JournalEvent): void => {
    events.push({ ...event, at: new Date(clockMs).toISOString() });
  };
  tell({
    type: "study_started",
    study_name: name,
    study_design_hash: design,
    total: runs.length,
    llem_version: LLEM_VERSION,
    runner: { host: "synthetic", boot_id: null, pid: 1, start_ticks: 1 },
    containment: "group",
  });
  const hasFailed = runs.map((run) => wish.failed?.(run.index) === true);
  for (const run of runs) {
    const isFailed = wish.failed?.(run.index) === true;
    const isRetried = !isFailed && wish.retried?.(run.index) === true;
    for (const attempt of isRetried ? [1, 2] : [1]) {
      const outcome = isFailed || (isRetried && attempt === 1) ? CRASHED : COMPLETED;
      const run_id = runFolderName({ ...run, ...run.config, attempt });
      const place = { index: run.index, config_hash: run.config_hash, cycle: run.cycle, attempt, run_id };
      tell({ type: "run_started", ...place, folder: `runs/${run_id}`, worker: null });
      const record = recordOf({ place, run, outcome, clockMs, id, design }, wish, random);
      Deno.mkdirSync(join(dir, "runs", run_id));
      const bytes = recordFile(record);
      Deno.writeFileSync(join(dir, "runs", run_id, "result.json"), bytes);
      Deno.writeTextFileSync(join(dir, "runs", run_id, "worker.log"), "");
      if (outcome.kind === "completed") {
        writeSamples(join(dir, "runs", run_id), beginNs(clockMs), wish, random);
      }
      clockMs += SECONDS_A_RUN * 1000;
      const will_retry = isRetried && attempt === 1;
      const result = {
        result_file: `runs/${run_id}/result.json`,
        result_bytes: bytes.length,
        will_retry,
      };
      tell(finishedEvent(record, result));
    }
  }
  tell({ type: "study_finished", status: hasFailed.includes(true) ? "failed" : "completed" });
  Deno.writeTextFileSync(
    join(dir, "journal.jsonl"),
    events.map(({ at, ...event }) => encodeLine(event as JournalEvent, at)).join(""),
  );
  write("manifest.json", makeManifest(plan, foldJournal(events)));
  return dir;
}

/** Each differs from the others in its batch size, and above 64 in its prompts' length, too. */
function configNumber(index: number): ExperimentConfig {
  return configOf({
    backend: "pytorch",
    model: "org/synthetic-7b",
    pytorch: { batch_size: 1 + index % 64 },
    dataset: { n: 64, input_len: 128 + Math.floor(index / 64) },
  });
}

/** In the order `interleaved`: cycle after cycle. */
function runsOf(configs: readonly ExperimentConfig[], cycles: number): Run[] {
  const hashed = configs.map((config) => ({ config, config_hash: configHash(config) }));
  return Array.from({ length: cycles }, (_, cycle) => hashed.map((one) => ({ ...one, cycle: cycle + 1 })))
    .flat().map((run, at): Run => ({ ...run, index: at + 1, gap_before: null }));
}

interface Attempt {
  readonly place: Pick<ResultRecord["run"], "index" | "config_hash" | "cycle" | "attempt" | "run_id">;
  readonly run: Run;
  readonly outcome: Outcome;
  readonly clockMs: number;
  readonly id: string;
  readonly design: string;
}

function recordOf(
  { place, run, outcome, clockMs, id, design }: Attempt,
  wish: SyntheticStudy,
  random: Random,
): ResultRecord {
  const { name = "synthetic", cv = 0.02, slowdown = 1, energy = true } = wish;
  const { config } = run;
  const batch = Number((config as unknown as { pytorch: JsonObject }).pytorch["batch_size"]);
  const window_s = 8;
  // Larger batches are faster, ever less so.
  const rate = 400 * batch ** 0.7 * normalFactor(random, cv) / slowdown;
  const output_tokens = Math.round(rate * window_s);
  const begin = BigInt(beginNs(clockMs));
  const at = (seconds: number): bigint => begin + BigInt(Math.round(seconds * 1e9));
  const isCompleted = outcome.kind === "completed";
  const record = makeRecord({
    ...factsOf({}, config),
    run: { ...place, devices: ["0"], containment: "group", join_hash: run.config_hash },
    study: { name, id, study_design_hash: design },
    varied: { "pytorch.batch_size": batch },
    host: "synthetic",
    outcome,
    worker: {
      backend: "pytorch",
      versions: { torch: "2.9.0", transformers: "5.1.0" },
      devices: [wish.gpu ?? "Synthetic GPU"],
      pid: 1,
    },
    measurement: isCompleted
      ? measurementOf({
        input_tokens: output_tokens * 2,
        output_tokens,
        requests: 64,
        model: { name: config.model, n_params: 7_000_000_000, dtype: "BF16" },
        memory: { peak_allocated_bytes: 16_000_000_000 + batch * 100_000_000 },
        metrics: {
          passes: 3,
          input_hash: INPUT_HASH,
          output_hash: run.config_hash.repeat(4),
        },
      })
      : null,
    samples: samplesOf(isCompleted ? latencies(random, slowdown * batch ** 0.3, cv) : {}),
    phases: isCompleted
      ? [
        { name: "load", begin_ns: at(0.2), end_ns: at(1) },
        { name: "warmup", begin_ns: at(1), end_ns: at(1.5) },
        { name: "measure", begin_ns: at(1.5), end_ns: at(1.5 + window_s) },
      ]
      : [],
    clocks: { utc_ms: clockMs, monotonic_ns: begin },
    timing: {
      started_at: new Date(clockMs).toISOString(),
      ended_at: new Date(clockMs + SECONDS_A_RUN * 1000).toISOString(),
      startup_s: 0.2,
      run_s: 9.5,
      teardown_s: 0.3,
      duration_s: SECONDS_A_RUN,
    },
    warnings: random.integer(0, 9) === 0 ? [WARNING] : [],
    log_tail: isCompleted ? [] : ["RuntimeError: made up"],
    energy: { reason: "no meter on this machine" },
  });
  if (!isCompleted || !energy) return record;
  const joules = 300 * window_s * normalFactor(random, cv / 2);
  return {
    ...record,
    energy: syntheticEnergy({
      uuid: BOARD,
      name: wish.gpu ?? "Synthetic GPU",
      joules,
      window_s,
      output_tokens,
    }),
    energy_reason: null,
  };
}

/** The monotonic clock at the spawn of a run. */
function beginNs(clockMs: number): number {
  return 1e9 * (Math.round(clockMs / 1000) % 1_000_000);
}

const INPUT_HASH = "a".repeat(64);

const WARNING: RecordWarning = {
  code: "contended",
  text: "The run was contended: other processes used 1.1 of 2 CPUs",
};

function latencies(random: Random, factor: number, cv: number): Record<string, number[]> {
  const many = (median: number): number[] =>
    Array.from({ length: 64 }, () => median * factor * normalFactor(random, cv * 5));
  return { ttft_ms: many(40), tpot_ms: many(9), itl_ms: many(9), e2e_ms: many(900) };
}

/** exp of a normal number of this deviation (Box and Muller). */
function normalFactor(random: Random, cv: number): number {
  const [u, v] = [random.next(), random.next()];
  return Math.exp(cv * Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * v));
}

function writeSamples(
  folder: string,
  begin_ns: number,
  { requests = 0, powerReadings = 0 }: SyntheticStudy,
  random: Random,
): void {
  if (requests > 0) {
    const lines = Array.from({ length: requests }, (_, index) => {
      const itl_ms = Array.from({ length: 15 }, () => 9 * normalFactor(random, 0.1));
      const ttft_ms = 40 * normalFactor(random, 0.1);
      const e2e_ms = itl_ms.reduce((sum, one) => sum + one, ttft_ms);
      const t_start_ns = 1_500_000_000 + Math.round(index * 8e9 / requests);
      const line = { index, input_tokens: 32, output_tokens: 16, t_start_ns, ttft_ms, e2e_ms, itl_ms };
      return `${JSON.stringify(line)}\n`;
    });
    Deno.writeTextFileSync(join(folder, "requests.jsonl"), lines.join(""));
  }
  if (powerReadings > 0) {
    const trace = new PowerTrace(UNSYNCED, join(folder, "power.parquet"), [DEVICE], { warn: () => {} });
    for (let at = 0; at < powerReadings; at++) {
      const t_ns = begin_ns + 1_500_000_000 + Math.round(at * 8e9 / powerReadings);
      trace.add({ type: "power", t_ns: [t_ns], power_w: [300 * normalFactor(random, 0.03)] });
    }
    trace.finish();
  }
}

const DEVICE = gpuDevice({ uuid: BOARD, name: "Synthetic GPU" });

/** Nothing here has to outlive a power cut. */
const UNSYNCED: Disk = { ...realDisk, syncFolder: () => {} };

function environment(at: string, gpu: string): JsonObject {
  return {
    schema: "llem.environment/1",
    collected_at: at,
    llem_version: LLEM_VERSION,
    host: "synthetic",
    os: "Debian GNU/Linux 12 (bookworm)",
    kernel: "6.1.0",
    cpu_model: "Synthetic CPU",
    cpus: 16,
    memory_bytes: 137438953472,
    nvidia_driver: "555.42.06",
    gpus: [`${gpu} ${BOARD} 85899345920`],
    container: null,
    slurm: null,
    variables: {},
    devices: [{ ...DEVICE, name: gpu, facts: { driver_version: "555.42.06", power_limit_w: 700 } }],
  };
}
