import { fileURLToPath } from "node:url";
import type { Random } from "../../tests/support/random.ts";

const WORKERS = fileURLToPath(new URL("../../tests/fixtures/workers/", import.meta.url));

/** Hanging workers run into this. */
const LIMIT_S = 0.6;
const GRACE_S = 0.2;
/** From the start of llem to its first run. */
const START_MS = 250;

/** A worker and the time that it takes, its cleaning up included. */
interface WorkerKind {
  readonly fixture: string;
  readonly usualMs: number;
}

const USUAL: readonly WorkerKind[] = [
  { fixture: "ok", usualMs: 100 },
  { fixture: "ok", usualMs: 100 },
  { fixture: "exit_code", usualMs: 30 },
  { fixture: "hang", usualMs: 1000 * LIMIT_S },
  { fixture: "polite", usualMs: 1000 * LIMIT_S },
  { fixture: "forks", usualMs: 450 },
  { fixture: "floods_both", usualMs: 1000 * LIMIT_S },
  { fixture: "leaves_daemon", usualMs: 400 },
  { fixture: "leaves_daemon", usualMs: 400 },
  { fixture: "leaves_daemon", usualMs: 400 },
];

/** A study of a few quick workers of mixed behaviour. */
export interface RandomStudy {
  /** The text of its file. */
  readonly text: string;
  readonly workers: readonly string[];
  /** How long it takes where nobody disturbs it. */
  readonly usualMs: number;
}

/** Draws a study of two to five workers, held together in the best way or by their process group alone. */
export function drawStudy(random: Random): RandomStudy {
  const workers = Array.from({ length: random.integer(2, 5) }, () => random.pick(USUAL));
  const study = {
    name: "soak",
    backend: "command",
    model: "none",
    experiments: workers.map(({ fixture }, index) => ({
      n: index + 1,
      command: { argv: [`${WORKERS}${fixture}.sh`] },
    })),
    execution: {
      n_cycles: 1,
      cycle_order: "sequential",
      experiment_timeout_seconds: LIMIT_S,
      grace_seconds: GRACE_S,
      containment: random.pick([null, "group"]),
    },
  };
  return {
    text: JSON.stringify(study),
    workers: workers.map(({ fixture }) => fixture),
    usualMs: workers.reduce((sum, { usualMs }) => sum + usualMs, START_MS),
  };
}
