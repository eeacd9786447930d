import { sharedServer, startsServer } from "../experiment/own_server.ts";
import type { Run } from "../experiment/run.ts";

/** How many servers a plan starts where nothing goes wrong, and for how many runs. */
export interface ServerStarts {
  readonly starts: number;
  readonly runs: number;
}

/** A server serves the runs that follow each other in a cycle and share it; a run with another one, or none, ends it. */
export function serverStarts(runs: readonly Pick<Run, "config" | "cycle">[]): ServerStarts {
  let [starts, served] = [0, 0];
  let last: string | null = null;
  for (const { config, cycle } of runs) {
    const shared = sharedServer(config);
    const key = shared === null ? null : `${cycle} ${shared}`;
    if (startsServer(config)) {
      served += 1;
      if (key === null || key !== last) starts += 1;
    }
    last = key;
  }
  return { starts, runs: served };
}
