import { statSync } from "node:fs";
import { relative } from "node:path";

/** What is asked for. */
export interface TestingOptions {
  /** Everything, with a sample of what is exhaustive; all of that, too; or what a change needs every few minutes. */
  readonly extent: "usual" | "slow" | "quick";
  /** Files and folders of tests; all of them where none was named. */
  readonly paths: readonly string[];
  /** More options for `deno test`. */
  readonly options: readonly string[];
  /** Files at the same time. */
  readonly atOnce: number;
  /** What samples are drawn by, where a sweep is not done whole. */
  readonly seed: number;
  /** Seconds that one test may take. */
  readonly limitS: number;
  /**
   * Seconds without a word that may pass on top: then a test blocks its thread, so that its own limit cannot end it,
   * and the file is killed.
   */
  readonly graceS: number;
}

/** Many times what the longest takes on a busy machine; of a usual run that is one in which vLLM is imported. */
const LIMIT_S = { usual: 480, quick: 120, slow: 1800 } as const;
const GRACE_S = 30;
const MOST_AT_ONCE = 8;

/** Reads the arguments of scripts/test; null where they contradict each other. */
export function readOptions(args: readonly string[], cores: number): TestingOptions | null {
  const [isQuick, isSlow] = ["--quick", "--slow"].map((name) => args.includes(name));
  if (isQuick && isSlow) return null;
  const extent = isQuick ? "quick" : isSlow ? "slow" : "usual";
  const rest = args.filter((arg) => arg !== "--quick" && arg !== "--slow");
  const isPath = (arg: string): boolean =>
    !arg.startsWith("-") && statSync(arg, { throwIfNoEntry: false }) !== undefined;
  return {
    extent,
    paths: rest.filter(isPath).map((path) => relative(Deno.cwd(), path)),
    options: rest.filter((arg) => !isPath(arg)),
    // Half of the time a test waits: for limits, for meters, for the disk, for a process to be gone.
    atOnce: Math.min(cores + 2, MOST_AT_ONCE),
    seed: Number(Deno.env.get("LLEM_TEST_SEED") ?? Date.now() % 2 ** 32),
    limitS: Number(Deno.env.get("LLEM_TEST_LIMIT_S") ?? LIMIT_S[extent]),
    graceS: GRACE_S,
  };
}
