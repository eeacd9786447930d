import type { Figure } from "./figure.ts";
import { maxRssMb } from "./max_rss.ts";
import { median } from "./median.ts";
import { BENCH, LLEM, ROOT } from "./places.ts";
import { runCommand, timeCommand } from "./run_command.ts";

const PLAN = ["plan", `${ROOT}examples/quickstart.yaml`];

/** How soon the program is there, beside a program of the same runtime that does nothing, and what it weighs. */
export async function measureStart({ rounds }: { readonly rounds: number }): Promise<Figure[]> {
  const empty = await compileEmpty();
  const programs = [[empty, []], [LLEM, ["--version"]], [LLEM, PLAN]] as const;
  const timesMs: number[][] = programs.map(() => []);
  for (const [program, args] of programs) await timeCommand(program, args); // reads the files into memory
  for (let round = 0; round < rounds; round++) {
    for (const [index, [program, args]] of programs.entries()) {
      timesMs[index]?.push(await timeCommand(program, args));
    }
  }
  const [emptyMs = NaN, versionMs = NaN, planMs = NaN] = timesMs.map(median);
  return [
    {
      name: "version_start_ratio",
      value: versionMs / emptyMs,
      aim: "<= 1.5",
      remark: `llem --version over an empty compiled program, ${rounds} rounds`,
    },
    informing("empty_start_ms", emptyMs, "the empty compiled program"),
    informing("version_start_ms", versionMs, "llem --version"),
    informing("plan_start_ms", planMs, "llem plan examples/quickstart.yaml"),
    informing("empty_rss_mb", await maxRssMb(empty, []), "the empty compiled program, at most"),
    informing("version_rss_mb", await maxRssMb(LLEM, ["--version"]), "llem --version, at most"),
    informing("plan_rss_mb", await maxRssMb(LLEM, PLAN), "llem plan examples/quickstart.yaml, at most"),
    informing("empty_size_mb", Deno.statSync(empty).size / 1e6, "the empty compiled program"),
    informing("binary_size_mb", Deno.statSync(LLEM).size / 1e6, "dist/llem"),
  ];
}

function informing(name: string, value: number, remark: string): Figure {
  return { name, value, aim: null, remark };
}

async function compileEmpty(): Promise<string> {
  const [source, program] = [`${BENCH}/empty.ts`, `${BENCH}/empty`];
  Deno.writeTextFileSync(source, "");
  const flags = ["--quiet", "--no-config", "--no-check", "--no-code-cache", "--allow-all"];
  await runCommand(Deno.execPath(), ["compile", ...flags, "--output", program, source]);
  return program;
}
