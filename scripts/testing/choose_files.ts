import { join } from "node:path";
import type { TestingOptions } from "./options.ts";

/** Files, and folders that are run as one, in this order. */
export interface Choice {
  readonly files: readonly string[];
  /** Files that mostly wait: they are run one after another, beside the others and from the beginning. */
  readonly waiting: readonly string[];
  /** What is left out of a quick run, in words. */
  readonly leftOut: readonly string[];
}

/** How long a file took the last time, in seconds, by its path. */
export type KnownSeconds = Readonly<Record<string, number>>;

/** Of a file that has not run yet: those that start programs come first, and before them what is long and may have to wait for a download. */
const LIKELY_SECONDS: readonly (readonly [prefix: string, seconds: number])[] = [
  ["tests/worker/python/vllm/engine_test.ts", 120],
  ["tests/worker/python/vllm/processes_test.ts", 80],
  ["tests/worker/python/vllm/", 3],
  ["tests/faults/vllm_leftovers_test.ts", 80],
  ["tests/e2e/slurm_test.ts", 200],
  ["tests/faults/", 30],
  ["tests/e2e/", 20],
  ["tests/worker/", 15],
  ["tests/runner/", 10],
  ["tests/session/report_page_test.ts", 30],
  ["tests/report", 10],
  ["", 1],
];

/**
 * Folders whose tests start nothing, download nothing and change nothing of their process: each is run as one, unless it is
 * asked for by name, which saves the start of a process for every file.
 */
const TOGETHER: ReadonlySet<string> = new Set(
  [
    "experiment",
    "host",
    "hub",
    "inputs",
    "journal",
    "plan",
    "protocol",
    "report",
    "statistics",
    "study",
  ].map((name) => join("tests", name)),
);

/** A real Slurm looks at limits every 30 s, and one at a time is enough for a machine. */
const WAITING: ReadonlySet<string> = new Set(["tests/e2e/slurm_test.ts", "tests/faults/slurm_test.ts"]);

/** What takes most of the time of all tests, and why: left out of a quick run, unless it is asked for by name. */
const LONG: readonly (readonly [prefix: string, what: string])[] = [
  ["tests/faults/", "the faults, on the compiled program"],
  ["tests/e2e/energy_test.ts", "studies with a meter, in real time"],
  ["tests/e2e/pool_test.ts", "pools of boards with a meter, in real time"],
  ["tests/e2e/audit_test.ts", "audits of neighbours, in real time"],
  ["tests/e2e/compare_test.ts", "comparisons of studies that are run for them"],
  ["tests/e2e/until_test.ts", "studies that repeat until an interval is narrow"],
  ["tests/e2e/export_test.ts", "exports of studies that are run for them, read by others"],
  ["tests/e2e/slurm_test.ts", "studies on a real Slurm"],
  ["tests/e2e/docker_test.ts", "studies in containers"],
  ["tests/e2e/docker_engines_test.ts", "studies of several engines in containers"],
  ["tests/e2e/pytorch_test.ts", "studies with PyTorch"],
  ["tests/e2e/vllm_test.ts", "studies with vLLM"],
  ["tests/worker/python/loading_test.ts", "every way to load a model with PyTorch"],
  ["tests/worker/python/run_test.ts", "every kind of run with PyTorch"],
  ["tests/worker/python/vllm/", "runs with vLLM"],
  ["tests/worker/engines/llamacpp/smollm_test.ts", "a real model"],
  ["tests/process/sweep_cost_test.ts", "what a sweep costs among 2000 processes"],
  ["tests/scripts/testing_test.ts", "tests that hang"],
];

/** The longest first, so that no long one is left alone at the end. */
export function chooseFiles(
  { paths, extent }: Pick<TestingOptions, "paths" | "extent">,
  known: KnownSeconds,
): Choice {
  const all = [...new Set((paths.length > 0 ? paths : ["tests"]).flatMap(filesBelow))];
  const long = extent === "quick" && paths.length === 0 ? LONG : [];
  const secondsOf = (file: string): number =>
    known[file] ?? LIKELY_SECONDS.find(([prefix]) => file.startsWith(prefix))?.[1] ?? 0;
  const chosen = all.filter((file) => !long.some(([prefix]) => file.startsWith(prefix)))
    .toSorted((a, b) => secondsOf(b) - secondsOf(a));
  return {
    files: chosen.filter((file) => !WAITING.has(file)),
    waiting: chosen.filter((file) => WAITING.has(file)),
    leftOut: long.map(([prefix, what]) => `left out: ${prefix} (${what})`),
  };
}

function filesBelow(path: string): string[] {
  if (Deno.statSync(path).isFile) return [path];
  return [...Deno.readDirSync(path)].sort((a, b) => a.name < b.name ? -1 : 1).flatMap((entry) => {
    const below = join(path, entry.name);
    if (entry.isDirectory) return TOGETHER.has(below) ? [below] : filesBelow(below);
    return entry.name.endsWith("_test.ts") ? [below] : [];
  });
}
