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
];
/** They leave their session: only a guard that looks for the study's mark finds them once the runner is gone. */
const DAEMON: WorkerKind = { fixture: "leaves_daemon", usualMs: 400 };

/** A study of a few quick workers of mixed behaviour. */
export interface RandomStudy {
  /** The text of its file. */
  readonly text: string;
  readonly workers: readonly string[];
  /** How long it takes where nobody disturbs it. */
  readonly usualMs: number;
}

/** Draws a study of two to five workers; with `daemons` every third of them, or so, leaves one. */
export function drawStudy(random: Random, options: { readonly daemons: boolean }): RandomStudy {
  const kinds = options.daemons ? [...USUAL, DAEMON, DAEMON, DAEMON] : USUAL;
  const workers = Array.from({ length: random.integer(2, 5) }, () => random.pick(kinds));
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
    },
  };
  return {
    text: JSON.stringify(study),
    workers: workers.map(({ fixture }) => fixture),
    usualMs: workers.reduce((sum, { usualMs }) => sum + usualMs, START_MS),
  };
}
