import type { Figure } from "./figure.ts";
import { maxRssMb } from "./max_rss.ts";
import { median } from "./median.ts";
import { BENCH, LLEM } from "./places.ts";
import { timeCommand } from "./run_command.ts";

const CYCLES = 10;

/** What planning large studies costs, printed whole as JSON. */
export async function measurePlanning({ rounds }: { readonly rounds: number }): Promise<Figure[]> {
  const [tiny, grid, large, listed] = [
    gridStudy(1, 1),
    gridStudy(100, 10),
    gridStudy(100, 100),
    listedStudy(10_000),
  ];
  const studies = [tiny, grid, large, listed].map((study, index) => writeStudy(`planning-${index}`, study));
  const timesMs: number[][] = studies.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, file] of studies.entries()) {
      timesMs[index]?.push(await timeCommand(LLEM, ["plan", file, "--json"]));
    }
  }
  const [tinyMs = NaN, gridMs = NaN, largeMs = NaN, listedMs = NaN] = timesMs.map(median);
  const told = `${rounds} rounds of llem plan --json`;
  return [
    {
      name: "plan_100k_runs_s",
      value: largeMs / 1000,
      aim: "<= 3",
      remark: `100 x 100 grid x 10 cycles, ${told}`,
    },
    {
      name: "plan_100k_runs_rss_mb",
      value: await maxRssMb(LLEM, ["plan", studies[2] ?? "", "--json"]),
      aim: "<= 600",
      remark: "the same, at most",
    },
    {
      name: "plan_10k_listed_s",
      value: listedMs / 1000,
      aim: "<= 2",
      remark: `10,000 listed experiments, ${told}`,
    },
    {
      name: "plan_cost_per_run_100k_over_10k",
      value: (largeMs - tinyMs) / 10 / (gridMs - tinyMs),
      aim: "<= 1.5",
      remark: "over what a study of ten runs takes; 1 is linear",
    },
  ];
}

/** Writes the study of 100,000 runs and gives its path. */
export function writeLargePlan(): string {
  return writeStudy("planning-large", gridStudy(100, 100));
}

interface PlannedStudy {
  readonly model: string;
  readonly [key: string]: unknown;
}

function gridStudy(prompts: number, threads: number): PlannedStudy {
  return {
    model: "m",
    backend: "llamacpp",
    sweep: { n: numbers(prompts), "llamacpp.n_threads": numbers(threads) },
    execution: { n_cycles: CYCLES },
  };
}

function listedStudy(count: number): PlannedStudy {
  return {
    model: "m",
    experiments: numbers(count).map((n) => ({ n, decoder: { temperature: 0.5 } })),
    execution: { n_cycles: 1 },
  };
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

function writeStudy(name: string, study: PlannedStudy): string {
  const file = `${BENCH}/${name}.json`;
  Deno.writeTextFileSync(file, JSON.stringify(study));
  return file;
}
