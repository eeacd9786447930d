import { join } from "node:path";
import { namesIn } from "../../base/files.ts";
import { endIn, endName } from "../../cluster/ends.ts";
import { readOrNull, SHARED } from "../../cluster/shared_files.ts";
import type { RunFinished } from "../../journal/event.ts";
import { type AgreedEnds, NO_ENDS } from "../../journal/merge_journals.ts";

/** The ends of a study that agents share: one listing, and a file for each run that is asked for. */
export function readEnds(dir: string): AgreedEnds {
  const folder = join(dir, SHARED.ends);
  const rounds = new Map<string, { readonly config_hash: string; readonly cycle: number; round: number }>();
  for (const name of namesIn(folder)) {
    const [, config_hash = "", cycle, round = "1"] = /^([^.].*)-c(\d+)(?:\.r(\d+))?$/.exec(name) ?? [];
    if (cycle === undefined) continue;
    const key = `${config_hash}/${cycle}`;
    const known = rounds.get(key) ?? { config_hash, cycle: Number(cycle), round: 0 };
    known.round = Math.max(known.round, Number(round));
    rounds.set(key, known);
  }
  if (rounds.size === 0) return NO_ENDS;
  return {
    runs: [...rounds.values()],
    of: (run) => {
      const { round = 0 } = rounds.get(`${run.config_hash}/${run.cycle}`) ?? {};
      for (let at = round; at >= 1; at--) {
        const text = readQuietly(join(folder, endName(run, at)));
        const end = text === null ? null : endIn(text, at);
        // One that was cut off is nobody's: the round before it holds.
        const finished = end?.finished ?? null;
        if (finished !== null) return finished as unknown as RunFinished;
      }
      return null;
    },
  };
}

function readQuietly(path: string): string | null {
  try {
    return readOrNull(path);
  } catch {
    return null;
  }
}
