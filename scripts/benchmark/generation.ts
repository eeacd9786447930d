import type { BareSettings, BareSpeed } from "./bare_generation.ts";
import type { Figure } from "./figure.ts";
import { median } from "./median.ts";
import { LIBRARIES, ROOT } from "./places.ts";
import { runCommand } from "./run_command.ts";
import { readFirstResult, startStudy } from "./study.ts";

const MODEL = `${ROOT}models/SmolLM2-135M-Instruct.Q4_1.gguf`;
const NAME = "smollm2_tokens_per_s_ratio";
const AIM = ">= 0.97";

/** Whether decoding is as fast through the program as in a bare loop over the same library. */
export async function measureGeneration(
  { rounds, inputTokens, outputTokens }: {
    readonly rounds: number;
    readonly inputTokens: number;
    readonly outputTokens: number;
  },
): Promise<Figure[]> {
  if (!exists(MODEL)) {
    return [{
      name: NAME,
      value: null,
      aim: AIM,
      remark: "not run: get it with scripts/fetch-model smollm2",
    }];
  }
  const settings = { threads: 1, parallel: 4, inputTokens, outputTokens };
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round++) {
    // Who goes first changes with every round.
    if (round % 2 === 0) bare.push(await bareSpeed(settings));
    ours.push(await llemSpeed(settings));
    if (round % 2 === 1) bare.push(await bareSpeed(settings));
  }
  const ratios = ours.map((speed, round) => speed / (bare[round] ?? NaN));
  const { threads, parallel } = settings;
  const load = `${parallel} x (${inputTokens} + ${outputTokens}) tokens, ${threads} thread`;
  return [
    {
      name: NAME,
      value: median(ratios),
      aim: AIM,
      remark: `decoding through llem over a bare loop, ${rounds} rounds, ${load}`,
    },
    {
      name: "smollm2_best_ratio",
      value: Math.max(...ours) / Math.max(...bare),
      aim: null,
      remark: "the best of each: other work on the machine only ever slows",
    },
    { name: "smollm2_tokens_per_s", value: median(ours), aim: null, remark: "through llem" },
    { name: "smollm2_bare_tokens_per_s", value: median(bare), aim: null, remark: "the bare loop" },
  ];
}

type Workload = Pick<BareSettings, "threads" | "parallel" | "inputTokens" | "outputTokens">;

async function bareSpeed(workload: Workload): Promise<number> {
  const settings: BareSettings = { libraries: LIBRARIES, model: MODEL, ...workload };
  const program = `${ROOT}scripts/benchmark/bare_generation.ts`;
  const flags = ["--quiet", "--allow-all", "--no-check", "--frozen"];
  const text = await runCommand(Deno.execPath(), ["run", ...flags, program, JSON.stringify(settings)]);
  return (JSON.parse(text) as BareSpeed).tokensPerS;
}

async function llemSpeed({ threads, parallel, inputTokens, outputTokens }: Workload): Promise<number> {
  const studyDir = await startStudy({
    name: "smollm2",
    backend: "llamacpp",
    model: MODEL,
    dataset: { n: parallel, input_len: inputTokens, output_len: outputTokens },
    decoder: { preset: "deterministic" },
    llamacpp: { n_threads: threads, n_parallel: parallel },
    warmup: { n_warmup: parallel },
    execution: { n_cycles: 1 },
  }).finished;
  const speed = readFirstResult(studyDir).measurement?.metrics?.["decode_tokens_per_s"];
  if (typeof speed !== "number") throw new Error(`${studyDir} has no decode_tokens_per_s`);
  return speed;
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
