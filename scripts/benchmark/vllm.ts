import { existsSync } from "node:fs";
import { isJsonObject } from "../../lib/base/json.ts";
import { resolveConfig } from "../../lib/experiment/resolve_config.ts";
import { type EngineStart, PYTHON, startEngine, WORKER } from "./engine_start.ts";
import type { Figure } from "./figure.ts";
import { median } from "./median.ts";
import { ROOT } from "./places.ts";

const MODEL = `${ROOT}models/SmolLM2-135M-Instruct`;
const RATIO = { name: "vllm_tokens_per_s_ratio", aim: ">= 0.97" } as const;
/** Prompts that run together. */
const BATCH = 8;
const ENGINE = { enforce_eager: true, kv_cache_memory_bytes: 200_000_000, max_model_len: 512 } as const;
/** Both ways and every start: more threads spin where others use the machine. */
const ENV = { OMP_NUM_THREADS: "1", VLLM_CPU_OMP_THREADS_BIND: "nobind", HF_HUB_OFFLINE: "1" };

/** Size of the work. */
export interface VllmLoad {
  /** Pairs of processes: where the memory of one happens to lie makes it a few per cent faster or slower for good. */
  readonly pairs: number;
  /** In each pair. */
  readonly rounds: number;
  readonly starts: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Whether the vLLM worker is as fast as plain LLM.generate, how far its clock is from the engine's, and what a start costs. */
export async function measureVllm(load: VllmLoad): Promise<Figure[]> {
  const missing = whatIsMissing();
  if (missing !== null) return [{ ...RATIO, value: null, remark: `not run: ${missing}` }];
  return [...await speeds(load), ...await starts(load)];
}

function whatIsMissing(): string | null {
  if (!existsSync(PYTHON)) return "make its Python with scripts/setup-python";
  const { success } = new Deno.Command(PYTHON, {
    args: ["-c", "import importlib.util as u, sys; sys.exit(u.find_spec('vllm') is None)"],
  }).outputSync();
  if (!success) return "its Python has no vLLM: scripts/setup-python with Python 3.11 or newer";
  if (!existsSync(`${MODEL}/model.safetensors`)) return "get it with scripts/fetch-model smollm2-pytorch";
  return null;
}

async function speeds({ pairs, rounds, inputTokens, outputTokens }: VllmLoad): Promise<Figure[]> {
  const config = resolveConfig(experiment(inputTokens, outputTokens));
  const settings = {
    model: MODEL,
    engine: { dtype: "float32", enable_prefix_caching: false, generation_config: "vllm", ...ENGINE },
    config,
    batch: BATCH,
    input_tokens: inputTokens,
    output_tokens: outputTokens,
  };
  const times: RoundOfBoth[] = [];
  for (let pair = 0; pair < pairs; pair++) times.push(...await turns(settings, rounds, pair % 2 === 0));
  const ratio = (of: keyof Round): number => median(times.map((time) => time.plain[of] / time.worker[of]));
  const work = `${BATCH} x (${inputTokens} + ${outputTokens}) tokens, 1 thread`;
  return [
    {
      ...RATIO,
      value: ratio("wall_s"),
      remark: `as the worker measures over plain LLM.generate, ${pairs} pairs of ${rounds} rounds, ${work}`,
    },
    {
      name: "vllm_cpu_ratio",
      value: ratio("cpu_s"),
      aim: null,
      remark: "the same by the time that was computed: other work on the machine does not count",
    },
    {
      name: "vllm_tokens_per_s",
      value: BATCH * outputTokens / median(times.map((time) => time.worker.wall_s)),
      aim: null,
      remark: "SmolLM2-135M, fp32, by the worker",
    },
  ];
}

interface RoundOfBoth {
  readonly worker: Round;
  readonly plain: Round;
}

/** Two processes in turns. */
async function turns(settings: object, rounds: number, workerFirst: boolean): Promise<RoundOfBoth[]> {
  await using one = await Way.start(workerFirst ? "worker" : "plain", settings);
  await using other = await Way.start(workerFirst ? "plain" : "worker", settings);
  const [worker, plain] = workerFirst ? [one, other] : [other, one];
  const times: RoundOfBoth[] = [];
  for (let round = 0; round < rounds; round++) {
    // Who goes first changes with every round.
    const first = round % 2 === 0 ? await worker.round() : null;
    const ofPlain = await plain.round();
    times.push({ worker: first ?? await worker.round(), plain: ofPlain });
  }
  return times;
}

/** Seconds of one round. */
interface Round {
  readonly wall_s: number;
  readonly cpu_s: number;
}

/** A process that generates one way whenever it is told to. */
class Way implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #rest = "";

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#stdin = child.stdin.getWriter();
    this.#lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  static async start(name: string, settings: object): Promise<Way> {
    const way = new Way(
      new Deno.Command(PYTHON, {
        args: [`${WORKER}/plain/vllm_generation.py`, name, JSON.stringify(settings)],
        env: { PYTHONPATH: WORKER, ...ENV },
        stdin: "piped",
        stdout: "piped",
        stderr: "null",
      }).spawn(),
    );
    await way.#line();
    return way;
  }

  async round(): Promise<Round> {
    await this.#stdin.write(new TextEncoder().encode("\n"));
    return JSON.parse(await this.#line());
  }

  async #line(): Promise<string> {
    while (!this.#rest.includes("\n")) {
      const { value, done } = await this.#lines.read();
      if (done) throw new Error("worker/python/plain/vllm_generation.py failed: start it by hand to see why");
      this.#rest += value;
    }
    const [line = "", ...others] = this.#rest.split("\n");
    this.#rest = others.join("\n");
    return line;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stdin.close().catch(() => {}); // it may have failed
    await this.#child.status;
  }
}

async function starts({ starts: count, inputTokens, outputTokens }: VllmLoad): Promise<Figure[]> {
  const runs: EngineStart[] = [];
  for (let run = 0; run < count; run++) {
    runs.push(await startEngine(experiment(inputTokens, outputTokens), ENV));
  }
  const figure = (name: Exclude<keyof EngineStart, "metrics">, remark: string): Figure => ({
    name: `vllm_${name}`,
    value: median(runs.map((run) => run[name])),
    aim: null,
    remark,
  });
  return [
    ...clockFigures(runs),
    figure("hello_s", `spawn to hello, ${count} runs`),
    figure("import_s", "of vLLM and torch, in that"),
    figure("load_s", "of SmolLM2-135M, 538 MB, from memory"),
    figure("first_token_s", "spawn to the first measured token"),
    figure("life_s", `spawn to end, ${BATCH} x ${outputTokens} tokens generated`),
  ];
}

/** What the engine's own stamps of requests say beside the worker's, in-process. */
function clockFigures(runs: readonly EngineStart[]): Figure[] {
  const figure = (name: string, field: string, remark: string): Figure => ({
    name,
    value: median(runs.map(({ metrics }) => medianOf(metrics, field))),
    aim: "<= 2",
    remark,
  });
  return [
    figure(
      "vllm_ttft_difference_ms",
      "ttft_difference_ms",
      "median by which a first token is later than vLLM's stamp",
    ),
    figure(
      "vllm_e2e_difference_ms",
      "e2e_difference_ms",
      "the same of the last token: the sum of what ITLs differ by",
    ),
  ];
}

function medianOf(metrics: EngineStart["metrics"], field: string): number {
  const clock = metrics["engine_clock"];
  const times = isJsonObject(clock) ? clock[field] : null;
  const value = isJsonObject(times) ? times["median"] : null;
  if (typeof value !== "number") throw new Error(`the vLLM worker told no ${field}`);
  return value;
}

function experiment(input_len: number, output_len: number) {
  return {
    model: MODEL,
    backend: "vllm",
    precision: "fp32",
    dataset: { n: BATCH, input_len, output_len },
    decoder: { do_sample: false },
    vllm: { engine: ENGINE },
  };
}
