/** Starts real worker processes for tests and reads what they say. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ExperimentConfig, LlamacppConfig } from "../../lib/experiment/config.ts";
import type { PromptsFile } from "../../lib/experiment/inputs.ts";
import { writePrompts } from "../../lib/inputs/prompts_file.ts";
import type {
  ErrorFrame,
  Frame,
  HelloFrame,
  NoteFrame,
  PhaseFrame,
  RequestFrame,
  ResultFrame,
} from "../../lib/protocol/frame.ts";
import { type Assignment, encodeAssignment } from "../../lib/protocol/assignment.ts";
import { readFrame } from "../../lib/protocol/read_frame.ts";
import { FrameSplitter } from "../../lib/protocol/split_frames.ts";

export const REPOSITORY = fileURLToPath(new URL("../../", import.meta.url));
export const ASSETS = `${REPOSITORY}build/llamacpp`;
export const TOKEN = "token-of-this-test";

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
  /** Written down for the worker as the runner does it. */
  readonly prompts?: readonly string[] | undefined;
}

/** A greedy run of tiny-random over 4 short synthetic prompts, with changes. */
export function makeAssignment(
  { config, decoder, warmup, llamacpp, baseDir, runDir, prompts }: Changes,
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
    inputs: { model: null, prompts: prompts === undefined ? null : writePromptsFile(prompts) },
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
  const placed = prompts.map((text) => ({ text, place: "", source: "" }));
  const { file, text } = writePrompts(placed, "a test");
  const path = join(Deno.makeTempDirSync({ prefix: "llem-test-" }), "prompts.jsonl");
  Deno.writeFileSync(path, text);
  return { ...file, path };
}

/** All that a worker said until it ended. */
export interface Said {
  readonly frames: readonly Frame[];
  /** stdout that was no frame, and frames that break the protocol. */
  readonly stray: readonly string[];
  readonly stderr: string;
  readonly status: Deno.CommandStatus;
  readonly hello: HelloFrame | undefined;
  readonly phases: readonly PhaseFrame[];
  readonly requests: readonly RequestFrame[];
  readonly notes: readonly NoteFrame[];
  readonly result: ResultFrame | undefined;
  readonly error: ErrorFrame | undefined;
}

/** Options of a start that has nothing to do with the assignment. */
export interface StartOptions {
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly clearEnv?: boolean;
  readonly cwd?: string;
  readonly onFrame?: (frame: Frame, worker: WorkerProcess) => void;
}

/** A running worker. Killed when the test leaves its scope. */
export class WorkerProcess {
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #frames: Frame[] = [];
  readonly #stray: string[] = [];
  readonly #read: Promise<unknown>;
  readonly #stderr: Promise<string>;

  constructor(options: StartOptions = {}) {
    const [program = "", ...args] = options.argv ?? WORKER_ARGV;
    this.#child = new Deno.Command(program, {
      args,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      detached: true,
      ...(options.env === undefined ? {} : { env: options.env }),
      ...(options.clearEnv === undefined ? {} : { clearEnv: options.clearEnv }),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    }).spawn();
    this.#stdin = this.#child.stdin.getWriter();
    this.#read = this.#readFrames(options.onFrame);
    this.#stderr = new Response(this.#child.stderr).text();
  }

  get pid(): number {
    return this.#child.pid;
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#stdin.write(bytes);
  }

  async closeStdin(): Promise<void> {
    await this.#stdin.close().catch(() => {});
  }

  /** Everything, once the process has ended. */
  async ended(): Promise<Said> {
    const [status, stderr] = await Promise.all([this.#child.status, this.#stderr, this.#read]);
    await this.closeStdin();
    const of = <T extends Frame["type"]>(type: T): Extract<Frame, { type: T }>[] =>
      this.#frames.filter((frame): frame is Extract<Frame, { type: T }> => frame.type === type);
    return {
      frames: this.#frames,
      stray: this.#stray,
      stderr,
      status,
      hello: of("hello")[0],
      phases: of("phase"),
      requests: of("request"),
      notes: of("note"),
      result: of("result")[0],
      error: of("error")[0],
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      Deno.kill(-this.pid, "SIGKILL"); // it leads a group of its own
    } catch {
      // It has ended.
    }
    await this.ended();
  }

  async #readFrames(onFrame: StartOptions["onFrame"]): Promise<void> {
    const splitter = new FrameSplitter();
    for await (const chunk of this.#child.stdout) {
      for (const piece of splitter.push(chunk)) {
        const reading = piece.kind === "frame" ? readFrame(piece.bytes, TOKEN) : null;
        if (reading?.kind === "frame") {
          this.#frames.push(reading.frame);
          onFrame?.(reading.frame, this);
        } else {
          const text = piece.kind === "oversized" ? "oversized" : new TextDecoder().decode(piece.bytes);
          this.#stray.push(`${reading?.kind ?? piece.kind}: ${text}`);
        }
      }
    }
  }
}

/** Runs one assignment to its end. */
export async function runOnce(changes: Changes = {}, options: StartOptions = {}): Promise<Said> {
  await using worker = new WorkerProcess(options);
  await worker.write(encodeAssignment(makeAssignment(changes)));
  return await worker.ended();
}

/** True while a process exists that is not a zombie. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

/** Waits until a condition holds; false when the time is over. */
export async function waitUntil(condition: () => boolean, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return true;
}
