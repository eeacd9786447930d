import type { Override } from "../../study/study.ts";
import {
  dryRunOfJoin,
  fixedByJoin,
  joinAndResume,
  joinAndShard,
  joinNamesDirectory,
  needsJoin,
} from "./messages.ts";

/** Options that say how this agent runs, whatever the study says: they are no part of the study that it makes or joins. */
export const OWN_OF_AGENT: ReadonlySet<string> = new Set(["--devices", "--no-gaps"]);

/** What a command line says beside `--join`. */
export interface JoinOptions {
  readonly join?: string | undefined;
  readonly output?: string | undefined;
  readonly shard?: unknown;
  readonly for?: unknown;
  readonly dryRun?: boolean | undefined;
  readonly unlessStopped?: boolean | undefined;
}

/** Why those options do not go together, a sentence; null where they do. `names`: what else is named. */
export function joinProblem(
  { join, output, shard, dryRun, unlessStopped, ...options }: JoinOptions,
  overrides: readonly Override[],
  names: { readonly study: boolean; readonly resume: boolean },
): string | null {
  if (join === undefined) {
    if (options.for !== undefined) return needsJoin("--for");
    return unlessStopped === true ? needsJoin("--unless-stopped") : null;
  }
  if (names.resume) return joinAndResume();
  if (shard !== undefined) return joinAndShard();
  if (output !== undefined) return joinNamesDirectory();
  if (dryRun === true) return dryRunOfJoin();
  const [first] = overrides.filter(({ source }) => !OWN_OF_AGENT.has(source));
  return !names.study && first !== undefined ? fixedByJoin(first.source) : null;
}
