import { existsSync } from "node:fs";
import { type EngineStart, PYTHON, startEngine, WORKER } from "./engine_start.ts";
import type { Figure } from "./figure.ts";
import { median } from "./median.ts";
import { ROOT } from "./places.ts";

const MODEL = `${ROOT}models/SmolLM2-135M-Instruct`;
const RATIO = { name: "pytorch_tokens_per_s_ratio", aim: ">= 0.97" } as const;

/** Size of the work. */
export interface PytorchLoad {
  readonly rounds: number;
  readonly starts: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Whether the PyTorch worker is as fast as plain transformers, and what its start costs. */
export async function measurePytorch(load: PytorchLoad): Promise<Figure[]> {
  const missing = whatIsMissing();
  if (missing !== null) return [{ ...RATIO, value: null, remark: `not run: ${missing}` }];
  return [...await speeds(load), ...await starts(load.starts)];
}

function whatIsMissing(): string | null {
  if (!existsSync(PYTHON)) return "make its Python with scripts/setup-python";
  if (!existsSync(`${MODEL}/model.safetensors`)) return "get it with scripts/fetch-model smollm2-pytorch";
  return null;
}

/** Seconds of each round, by way of generating. */
type Times = Readonly<Record<"worker" | "clockless" | "plain", readonly number[]>>;
/** By the clock, and as the process computed. */
type TwoTimes = Readonly<Record<"wall" | "cpu", Times>>;

async function speeds({ rounds, inputTokens, outputTokens }: PytorchLoad): Promise<Figure[]> {
  const [batch, threads] = [4, 1];
  const settings = {
    model: MODEL,
    rounds,
    batch,
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    threads,
  };
  const { wall: { worker, clockless, plain }, cpu } = await generateInTurns(settings);
  const ratio = (other: readonly number[], own: readonly number[]): number =>
    median(own.map((seconds, round) => (other[round] ?? NaN) / seconds));
  const work = `${batch} x (${inputTokens} + ${outputTokens}) tokens, ${threads} thread`;
  const speed = batch * outputTokens / median(worker);
  return [
    {
      ...RATIO,
      value: ratio(plain, worker),
      remark: `as the worker measures over plain model.generate, ${rounds} rounds, ${work}`,
    },
    {
      name: "pytorch_clock_ratio",
      value: ratio(clockless, worker),
      aim: ">= 0.98",
      remark: "with a clock in every step over without",
    },
    {
      name: "pytorch_cpu_ratio",
      value: ratio(cpu.plain, cpu.worker),
      aim: null,
      remark: "the first by the time that was computed: other work on the machine does not count",
    },
    {
      name: "pytorch_clock_cpu_ratio",
      value: ratio(cpu.clockless, cpu.worker),
      aim: null,
      remark: "the second by the time that was computed",
    },
    { name: "pytorch_tokens_per_s", value: speed, aim: null, remark: "SmolLM2-135M, fp32, by the worker" },
  ];
}

async function generateInTurns(settings: Readonly<Record<string, string | number>>): Promise<TwoTimes> {
  const command = new Deno.Command(PYTHON, {
    args: [`${ROOT}worker/python/plain/generation.py`, JSON.stringify(settings)],
    env: { PYTHONPATH: WORKER },
  });
  const { success, stdout, stderr } = await command.output();
  if (!success) {
    throw new Error(`worker/python/plain/generation.py failed: ${new TextDecoder().decode(stderr).trim()}`);
  }
  return JSON.parse(new TextDecoder().decode(stdout));
}

async function starts(count: number): Promise<Figure[]> {
  const runs: EngineStart[] = [];
  for (let run = 0; run < count; run++) runs.push(await startEngine(EXPERIMENT));
  const figure = (name: Exclude<keyof EngineStart, "metrics">, remark: string): Figure => ({
    name: `pytorch_${name}`,
    value: median(runs.map((run) => run[name])),
    aim: null,
    remark,
  });
  return [
    figure("hello_s", `spawn to hello, ${count} runs`),
    figure("import_s", "of torch and transformers, in that"),
    figure("load_s", "of SmolLM2-135M, 538 MB, from memory"),
    figure("life_s", "spawn to end, one token generated"),
  ];
}

const EXPERIMENT = {
  model: MODEL,
  backend: "pytorch",
  precision: "fp32",
  dataset: { n: 1, input_len: 8, output_len: 1 },
};
