/** Starts real worker processes for tests and reads what they say. */
import { join } from "node:path";
import type { ExperimentConfig } from "../../lib/experiment/config.ts";
import type { LlamacppConfig } from "../../lib/experiment/engines/llamacpp.ts";
import type { PromptsFile } from "../../lib/experiment/inputs.ts";
import { writePrompts } from "../../lib/inputs/prompts_file.ts";
import { type Assignment, encodeAssignment } from "../../lib/protocol/assignment.ts";
import {
  type ProcessOptions,
  REPOSITORY,
  type Said,
  TOKEN,
  WorkerProcess as AnyWorkerProcess,
} from "../support/worker_process.ts";

export { isAlive, REPOSITORY, type Said, TOKEN, waitUntil } from "../support/worker_process.ts";
export const ASSETS = `${REPOSITORY}build/llamacpp`;

/** The command line of the worker, from source. */
export const WORKER_ARGV = [
  Deno.execPath(),
  "run",
  "-q",
  "-A",
  "--no-check",
  "--config",
  `${REPOSITORY}deno.json`,
  `${REPOSITORY}main.ts`,
  "__worker",
] as const;

/** Changes to the assignment that most tests start from. */
export interface Changes {
  readonly config?: Partial<Omit<ExperimentConfig, "llamacpp" | "decoder" | "warmup">> | undefined;
  readonly decoder?: Partial<ExperimentConfig["decoder"]> | undefined;
  readonly warmup?: Partial<ExperimentConfig["warmup"]> | undefined;
  readonly llamacpp?: Partial<LlamacppConfig> | undefined;
  readonly baseDir?: string | undefined;
  readonly runDir?: string | undefined;
  readonly gate?: string | undefined;
  /** Written down for the worker as the runner does it. */
  readonly prompts?: readonly string[] | undefined;
}

/** A greedy run of tiny-random over 4 short synthetic prompts, with changes. */
export function makeAssignment(
  { config, decoder, warmup, llamacpp, baseDir, runDir, gate, prompts }: Changes,
): Assignment {
  return {
    v: 1,
    token: TOKEN,
    run_id: "0001_test",
    attempt: 1,
    config_hash: "0123456789abcdef",
    cycle: 1,
    devices: [],
    run_dir: runDir ?? Deno.cwd(),
    base_dir: baseDir ?? REPOSITORY,
    ...gate === undefined ? {} : { gate },
    inputs: {
      model: null,
      adapter: null,
      prompts: prompts === undefined ? null : writePromptsFile(prompts),
    },
    config: {
      model: "tiny-random",
      backend: "llamacpp",
      n: 4,
      dataset: { n: 4, input_len: 24, output_len: 8, seed: 42 },
      dataset_order: "interleaved",
      random_seed: 42,
      max_input_tokens: 512,
      max_output_tokens: 128,
      decoder: {
        temperature: 1,
        do_sample: false,
        top_k: 50,
        top_p: 1,
        repetition_penalty: 1,
        min_p: null,
        min_new_tokens: null,
        preset: null,
        ...decoder,
      },
      warmup: {
        enabled: false,
        n_warmup: 2,
        thermal_floor_seconds: 60,
        convergence_detection: false,
        cv_threshold: 0.05,
        max_prompts: 20,
        window_size: 5,
        min_prompts: 5,
        ...warmup,
      },
      measure: { min_seconds: null },
      baseline: { enabled: true, duration_seconds: 30 },
      params: {},
      command: null,
      ...config,
      llamacpp: {
        n_gpu_layers: -1,
        n_threads: 1,
        n_threads_batch: null,
        n_ctx: null,
        n_batch: 2048,
        n_ubatch: 512,
        n_parallel: 1,
        flash_attn: "auto",
        cache_type_k: "f16",
        cache_type_v: "f16",
        use_mmap: true,
        split_mode: "layer",
        main_gpu: 0,
        library_dir: null,
        ...llamacpp,
      },
    } as ExperimentConfig,
  };
}

/** Prompts in a file of their own, named by what they hold; it stays, as one in a study directory does. */
export function writePromptsFile(prompts: readonly string[]): PromptsFile {
  const located = prompts.map((text) => ({ text, location: "", source: "" }));
  const { file, text } = writePrompts(located, "a test");
  const path = join(Deno.makeTempDirSync({ prefix: "llem-test-" }), "prompts.jsonl");
  Deno.writeFileSync(path, text);
  return { ...file, path };
}

/** Options of a start that has nothing to do with the assignment. */
export type StartOptions = Partial<ProcessOptions>;

/** The worker from source, unless its command line is given. */
export class WorkerProcess extends AnyWorkerProcess {
  constructor(options: StartOptions = {}) {
    super({ argv: WORKER_ARGV, ...options });
  }
}

/** Runs one assignment to its end. */
export async function runOnce(changes: Changes = {}, options: StartOptions = {}): Promise<Said> {
  await using worker = new WorkerProcess(options);
  await worker.write(encodeAssignment(makeAssignment(changes)));
  return await worker.ended();
}
